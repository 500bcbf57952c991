import type { ReplicationController, ReplicationControllerStatus } from '../../api/types.generated.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { replicationControllers } from '../../api/core/v1/replication-controller.ts'
import { inDeletionOrder } from '../pods/deletion-order.ts'
import { isPodAvailable, isPodReady, nextAvailabilityMs } from '../pods/pod-state.ts'
import { createPod, deletePod, isNamespaceTerminating, podFromTemplate } from '../pods/pod-writes.ts'
import { burstReplicas, failureConditions, hasLabels } from '../replicaset/reconcile.ts'
import type { Observed } from '../runtime/observed.ts'
import type { Plan, Step } from '../runtime/plan.ts'

/** As a ReplicaSet, without siblings and terminating replicas (pkg/controller/replication). */
export function reconcile(observed: Observed<ReplicationController>): Plan<ReplicationControllerStatus> {
  const { object: rc, now } = observed
  const { replicas: wanted = 1, minReadySeconds = 0, template } = rc.spec
  const active = observed.owned(pods)
  const ready = active.filter(isPodReady)
  const available = ready.filter((pod) => isPodAvailable(pod, minReadySeconds, now))
  const waiting = minReadySeconds > 0 && ready.length !== available.length
  const steps: Step[] = []
  if (rc.metadata.deletionTimestamp === undefined && template !== undefined) {
    const missing = Math.min(wanted - active.length, burstReplicas)
    const surplus = Math.min(active.length - wanted, burstReplicas)
    if (missing > 0) {
      const write = {
        ...createPod(podFromTemplate(template, rc, replicationControllers)),
        ignore: isNamespaceTerminating,
      }
      steps.push({ do: 'batch', slowStart: true, writes: Array.from({ length: missing }, () => write) })
    } else if (surplus > 0) {
      const chosen = inDeletionOrder(active, active, now).slice(0, surplus)
      steps.push({ do: 'batch', slowStart: false, writes: chosen.map(deletePod) })
    }
  }
  return {
    steps,
    status: ({ error }) => ({
      ...rc.status,
      replicas: active.length,
      fullyLabeledReplicas: active.filter((pod) => hasLabels(pod, template?.metadata?.labels)).length,
      readyReplicas: ready.length,
      availableReplicas: available.length,
      observedGeneration: rc.metadata.generation,
      conditions: failureConditions(rc.status?.conditions, active.length - wanted, error, now),
    }),
    requeueAfterMs: waiting ? (nextAvailabilityMs(active, minReadySeconds, now) ?? minReadySeconds * 1000) : undefined,
  }
}
