import type { StatefulSet } from '../../api/types.generated.ts'
import { isReason } from '../../machinery/errors.ts'
import type { Note, Write } from '../runtime/plan.ts'

type Verb = 'Create' | 'Update' | 'Delete'

/** What is told of a pod's write. */
export function podNotes(verb: Verb, set: StatefulSet, podName: string): Pick<Write, 'succeeded' | 'failed'> {
  const about = `${verb} Pod ${podName} in StatefulSet ${set.metadata.name}`
  return {
    succeeded: () => ({ type: 'Normal', reason: `Successful${verb}`, message: `${about} successful` }),
    failed: (error) => failure(verb, about, error),
  }
}

/** What is told of a claim that is made for a pod. */
export function claimNotes(set: StatefulSet, podName: string, claim: string): Pick<Write, 'succeeded' | 'failed'> {
  const where = `Pod ${podName} in StatefulSet ${set.metadata.name}`
  return {
    succeeded: () => ({
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Create Claim ${claim} ${where} success`,
    }),
    failed: (error) => failure('Create', `Create Claim ${claim} for ${where}`, error),
  }
}

function failure(verb: Verb, about: string, error: Error): Note | undefined {
  // Then the cache is behind, which is nobody's business.
  if (verb === 'Create' && isReason(error, 'AlreadyExists')) return undefined
  return { type: 'Warning', reason: `Failed${verb}`, message: `${about} failed error: ${error.message}` }
}
