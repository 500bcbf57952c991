import { deployments } from '../../api/apps/v1/deployment.ts'
import { replicaSets } from '../../api/apps/v1/replica-set.ts'
import { statefulSets } from '../../api/apps/v1/stateful-set.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { replicationControllers } from '../../api/core/v1/replication-controller.ts'
import { podDisruptionBudgets } from '../../api/policy/v1/pod-disruption-budget.ts'
import type { ResourceRef } from '../../api/definition.ts'
import type { Pod, PodDisruptionBudget } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { cachedSelector, type LabelSelector } from '../../machinery/labels/label-selector.ts'
import { defineController, watching } from '../runtime/define-controller.ts'
import { reconcile } from './reconcile.ts'

function selects(budget: PodDisruptionBudget, labels: Readonly<Record<string, string>> = {}): boolean {
  return budget.spec.selector !== undefined && cachedSelector(budget.spec.selector as LabelSelector).matches(labels)
}

/** Workloads whose scale counts: a change of theirs concerns every budget of the namespace. */
const scaled = (ref: ResourceRef<KubeObject>) =>
  watching<KubeObject>({
    ref,
    keys: ({ object }, view) =>
      view(podDisruptionBudgets)
        .byIndex('namespace', object.metadata.namespace ?? '')
        .map(keyOf),
  })

/** Disruption: keeps the status of PodDisruptionBudgets, by which evictions are granted. */
export const disruptionController = defineController({
  name: 'disruption-controller',
  eventSource: 'controllermanager',
  for: podDisruptionBudgets,
  watches: [
    watching<Pod>({
      ref: pods,
      keys: ({ object, old }, view) =>
        view(podDisruptionBudgets)
          .byIndex('namespace', object.metadata.namespace ?? '')
          .filter(
            (budget) =>
              selects(budget, object.metadata.labels) || (old !== undefined && selects(budget, old.metadata.labels)),
          )
          .map(keyOf),
    }),
    scaled(replicaSets as ResourceRef<KubeObject>),
    scaled(deployments as ResourceRef<KubeObject>),
    scaled(statefulSets as ResourceRef<KubeObject>),
    scaled(replicationControllers as ResourceRef<KubeObject>),
  ],
  reconcile,
})
