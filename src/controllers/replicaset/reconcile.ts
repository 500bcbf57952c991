import { pods } from '../../api/core/v1/pod.ts'
import { replicaSets } from '../../api/apps/v1/replica-set.ts'
import type { Pod, ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'
import { cachedSelector } from '../../machinery/labels/label-selector.ts'
import { controllerOf } from '../../machinery/meta/object.ts'
import { inDeletionOrder } from '../pods/deletion-order.ts'
import { isPodAvailable, isPodReady, isPodTerminating, nextAvailabilityMs } from '../pods/pod-state.ts'
import { createPod, deletePod, isNamespaceTerminating, podFromTemplate } from '../pods/pod-writes.ts'
import type { Observed } from '../runtime/observed.ts'
import { isControlledBy } from '../runtime/ownership.ts'
import type { Plan, Step } from '../runtime/plan.ts'

/** At most so many pods are made or deleted at once; the next ones after these have been seen. */
export const burstReplicas = 500

/** Keeps spec.replicas pods that match the selector (pkg/controller/replicaset/replica_set.go). */
export function reconcile(observed: Observed<ReplicaSet>): Plan<ReplicaSetStatus> {
  const { object: rs, now } = observed
  const { replicas: wanted = 1, minReadySeconds = 0, selector } = rs.spec
  const active = observed.owned(pods)
  const matches = cachedSelector(selector)
  const terminating = observed
    .view(pods)
    .byIndex('ownerUid', rs.metadata.uid ?? '')
    .filter((pod) => isPodTerminating(pod) && isControlledBy(pod, rs) && matches.matches(pod.metadata.labels))
  const ready = active.filter(isPodReady)
  const available = ready.filter((pod) => isPodAvailable(pod, minReadySeconds, now))
  const waiting = minReadySeconds > 0 && ready.length !== available.length

  return {
    steps: rs.metadata.deletionTimestamp === undefined ? manageReplicas(observed, active, wanted) : [],
    status: ({ error }) => ({
      ...rs.status,
      replicas: active.length,
      fullyLabeledReplicas: active.filter((pod) => hasLabels(pod, rs.spec.template?.metadata?.labels)).length,
      readyReplicas: ready.length,
      availableReplicas: available.length,
      terminatingReplicas: terminating.length,
      observedGeneration: rs.metadata.generation,
      conditions: failureConditions(rs.status?.conditions, active.length - wanted, error, now),
    }),
    requeueAfterMs: waiting ? (nextAvailabilityMs(active, minReadySeconds, now) ?? minReadySeconds * 1000) : undefined,
  }
}

function manageReplicas(observed: Observed<ReplicaSet>, active: readonly Pod[], wanted: number): Step[] {
  const { object: rs, now } = observed
  const missing = Math.min(wanted - active.length, burstReplicas)
  if (missing > 0) {
    const pod = podFromTemplate(rs.spec.template ?? { spec: { containers: [] } }, rs, replicaSets)
    // Where the namespace goes away every creation fails, and rightly so.
    const write = { ...createPod(pod), ignore: isNamespaceTerminating }
    return [{ do: 'batch', slowStart: true, writes: Array.from({ length: missing }, () => write) }]
  }
  const surplus = Math.min(active.length - wanted, burstReplicas)
  if (surplus <= 0) return []
  const chosen = surplus < active.length ? inDeletionOrder(active, relatedPods(observed), now) : active
  return [{ do: 'batch', slowStart: false, writes: chosen.slice(0, surplus).map(deletePod) }]
}

/** The pods of all ReplicaSets of the same owner: they crowd a node together. */
function relatedPods({ object: rs, view }: Observed<ReplicaSet>): Pod[] {
  const owner = controllerOf(rs)
  const siblings =
    owner === undefined
      ? [rs]
      : view(replicaSets)
          .byIndex('ownerUid', owner.uid)
          .filter((other) => controllerOf(other)?.uid === owner.uid)
  const selectors = siblings.map((sibling) => cachedSelector(sibling.spec.selector))
  const namespace = rs.metadata.namespace ?? ''
  return view(pods)
    .byIndex('namespace', namespace)
    .filter((pod) => selectors.some((selector) => selector.matches(pod.metadata.labels)))
}

export function hasLabels(pod: Pod, wanted: Readonly<Record<string, string>> = {}): boolean {
  const labels = pod.metadata.labels ?? {}
  return Object.entries(wanted).every(([key, value]) => labels[key] === value)
}

/** ReplicaFailure is there exactly while pods cannot be made or deleted. `surplus` < 0: pods were missing. */
export function failureConditions(
  conditions: readonly ReplicaSetCondition[] | undefined,
  surplus: number,
  error: Error | undefined,
  now: number,
): readonly ReplicaSetCondition[] | undefined {
  const there = conditions?.some(({ type }) => type === 'ReplicaFailure') ?? false
  if ((error !== undefined) === there) return conditions
  if (error === undefined) {
    const others = conditions?.filter(({ type }) => type !== 'ReplicaFailure')
    return others?.length ? others : undefined
  }
  const reason = surplus < 0 ? 'FailedCreate' : surplus > 0 ? 'FailedDelete' : ''
  const message = surplus > 0 ? `unable to delete pods: ${error.message}` : error.message
  const failure = { type: 'ReplicaFailure', status: 'True', reason, message, lastTransitionTime: formatTime(now) }
  return [...(conditions ?? []), failure]
}
