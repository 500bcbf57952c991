import { deployments } from '../../api/apps/v1/deployment.ts'
import { replicaSets } from '../../api/apps/v1/replica-set.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Deployment, Pod, ReplicaSet } from '../../api/types.generated.ts'
import { cachedSelector } from '../../machinery/labels/label-selector.ts'
import { controllerOf } from '../../machinery/meta/object.ts'
import { adoption, defineController, watching } from '../runtime/define-controller.ts'
import { reconcile } from './reconcile.ts'

/** Deployment: rolls out templates by way of ReplicaSets. */
export const deploymentController = defineController({
  name: 'deployment-controller',
  for: deployments,
  owns: [replicaSets],
  adopts: [
    adoption<Deployment, ReplicaSet>({
      ref: replicaSets,
      selector: (deployment) => cachedSelector(deployment.spec.selector),
    }),
  ],
  watches: [
    watching<Pod>({
      ref: pods,
      // Recreate waits until the last old pod is gone.
      keys: ({ type, object: pod }, view) => {
        const setName = type === 'deleted' ? controllerOf(pod)?.name : undefined
        const set = setName && view(replicaSets).get(`${pod.metadata.namespace}/${setName}`)
        const owner = set ? controllerOf(set) : undefined
        const key = `${pod.metadata.namespace}/${owner?.name}`
        return view(deployments).get(key)?.spec.strategy?.type === 'Recreate' ? [key] : []
      },
    }),
  ],
  reconcile,
})
