import { deployments } from '../../api/apps/v1/deployment.ts'
import type { Deployment, ReplicaSet } from '../../api/types.generated.ts'
import { templateHash, templateHashLabel } from '../pods/template-hash.ts'
import { controllerReference } from '../runtime/ownership.ts'
import { newSetAnnotations, replicasAnnotations } from './annotations.ts'

export type NewSet = Omit<ReplicaSet, 'status'>

/** The set for the deployment's present template, named after both, so that making it twice gives one. */
export function newSet(deployment: Deployment, revision: bigint, replicas: number): NewSet {
  const { template, selector, minReadySeconds } = deployment.spec
  const { name = '', namespace } = deployment.metadata
  const hash = templateHash(template, deployment.status?.collisionCount)
  const labels = { ...template.metadata?.labels, [templateHashLabel]: hash }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name.slice(0, 253 - 1 - hash.length)}-${hash}`,
      namespace,
      labels,
      annotations: { ...newSetAnnotations(deployment, {}, revision), ...replicasAnnotations(deployment) },
      ownerReferences: [controllerReference(deployment, deployments)],
    },
    spec: {
      replicas,
      minReadySeconds,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [templateHashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
}
