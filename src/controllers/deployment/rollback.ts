import { deployments } from '../../api/apps/v1/deployment.ts'
import type { Deployment } from '../../api/types.generated.ts'
import { sameTemplate, templateHashLabel } from '../pods/template-hash.ts'
import { type Step, tell } from '../runtime/plan.ts'
import { lastRevision, parseInt64, revisionOf, rollbackAnnotation, rolledBackAnnotations } from './annotations.ts'
import { allOf, type Sets } from './sets.ts'

/** The revision that an old client asked to go back to by annotation; 0: the last one. */
export function rollbackTo(deployment: Deployment): bigint | undefined {
  const text = deployment.metadata.annotations?.[rollbackAnnotation]
  return text === undefined ? undefined : parseInt64(text)
}

/** Takes the template of the asked revision, and the request away in any case (rollback.go). */
export function rollbackSteps(deployment: Deployment, sets: Sets, asked: bigint): Step[] {
  const { name } = deployment.metadata
  const giveUp = (reason: string, message: string): Step[] => [
    tell('Warning', reason, message),
    update(withoutRequest(deployment)),
  ]
  const all = allOf(sets)
  const revision = asked === 0n ? lastRevision(all) : asked
  if (revision === 0n) return giveUp('DeploymentRollbackRevisionNotFound', 'Unable to find last revision.')
  const set = all.find((candidate) => revisionOf(candidate) === revision)
  if (set === undefined) {
    return giveUp('DeploymentRollbackRevisionNotFound', 'Unable to find the revision to rollback to.')
  }
  if (sameTemplate(deployment.spec.template, set.spec.template)) {
    const message = `The rollback revision contains the same template as current deployment "${name}"`
    return giveUp('DeploymentRollbackTemplateUnchanged', message)
  }
  const { [templateHashLabel]: _, ...labels } = set.spec.template?.metadata?.labels ?? {}
  const template = { ...set.spec.template!, metadata: { ...set.spec.template?.metadata, labels } }
  const annotations = rolledBackAnnotations(deployment, set)
  const rolledBack: Deployment = {
    ...deployment,
    metadata: { ...deployment.metadata, annotations },
    spec: { ...deployment.spec, template },
  }
  return [
    update(withoutRequest(rolledBack)),
    tell('Normal', 'DeploymentRollback', `Rolled back deployment "${name}" to revision ${revision}`),
  ]
}

function withoutRequest(deployment: Deployment): Deployment {
  const { [rollbackAnnotation]: _, ...annotations } = deployment.metadata.annotations ?? {}
  return { ...deployment, metadata: { ...deployment.metadata, annotations } }
}
function update(object: Deployment): Step {
  return { do: 'update', ref: deployments, object }
}
