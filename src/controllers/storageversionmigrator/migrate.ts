import type { Client } from '../../client/client.ts'
import type { ServedResource } from '../../client/discovery.ts'
import { ApiError, isReason } from '../../machinery/errors.ts'
import { apiVersionOf } from '../../machinery/meta/object.ts'

/** Objects are read so many at a time. */
const pageSize = 500

export type MigrationOutcome =
  | { readonly type: 'done'; readonly total: number }
  /** It goes on later from the start: what was written is newer than the revision by then. */
  | { readonly type: 'interrupted'; readonly error: ApiError; readonly remaining: number; readonly total: number }
  | { readonly type: 'failed'; readonly error: Error; readonly remaining: number; readonly total: number }

/**
 * Writes every object that is not newer than `revision` once more, as it is, so that it lies in the store as objects are
 * written now (pkg/controller/storageversionmigrator/storageversionmigrator.go). What changed meanwhile was written by that.
 */
export async function migrate(
  client: Client,
  resource: ServedResource,
  revision: string,
  fieldManager: string,
): Promise<MigrationOutcome> {
  const { candidates, total } = await candidatesOf(client, resource, BigInt(revision))
  let remaining = candidates.length
  for (const { namespace, name, resourceVersion } of candidates) {
    const patch = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: { resourceVersion } }
    try {
      await client.patch(resource, { namespace, name }, 'merge', patch, { fieldManager })
    } catch (error) {
      if (!isReason(error, 'Conflict', 'NotFound')) {
        const passing = isReason(error, ...passingReasons)
        if (passing) return { type: 'interrupted', error, remaining, total }
        return { type: 'failed', error: error as Error, remaining, total }
      }
    }
    remaining--
  }
  return { type: 'done', total }
}

const passingReasons = ['ServerTimeout', 'TooManyRequests', 'ServiceUnavailable', 'InternalError', 'Timeout']

interface Candidate {
  readonly namespace: string | undefined
  readonly name: string
  readonly resourceVersion: string
}

async function candidatesOf(
  client: Client,
  resource: ServedResource,
  revision: bigint,
): Promise<{ readonly candidates: readonly Candidate[]; readonly total: number }> {
  const candidates: Candidate[] = []
  let total = 0
  let next: string | undefined
  do {
    const page = await client.list(resource, { limit: pageSize, continue: next })
    for (const { metadata } of page.items) {
      const { namespace, name = '', resourceVersion = '0' } = metadata
      total++
      if (BigInt(resourceVersion) <= revision) candidates.push({ namespace, name, resourceVersion })
    }
    next = page.metadata.continue || undefined
  } while (next !== undefined)
  return { candidates, total }
}
