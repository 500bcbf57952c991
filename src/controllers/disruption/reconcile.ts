import { deployments } from '../../api/apps/v1/deployment.ts'
import { replicaSets } from '../../api/apps/v1/replica-set.ts'
import { statefulSets } from '../../api/apps/v1/stateful-set.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { replicationControllers } from '../../api/core/v1/replication-controller.ts'
import type { Condition, Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'
import { scaledValue } from '../../machinery/int-or-percent.ts'
import { jsonEqual } from '../../machinery/json.ts'
import { cachedSelector, goLabelSelector, type LabelSelector } from '../../machinery/labels/label-selector.ts'
import { controllerOf } from '../../machinery/meta/object.ts'
import { isPodReady } from '../pods/pod-state.ts'
import type { Observed, View } from '../runtime/observed.ts'
import { tell, type Plan, type Step } from '../runtime/plan.ts'

/** An eviction that was granted counts as done for so long, though the pod is still there (disruption.go DeletionTimeout). */
const deletionTimeoutMs = 2 * 60_000

/** The scale of a controller of another kind, by its UID; a problem: it has none. */
export type OtherScales = ReadonlyMap<string, { readonly replicas: number } | { readonly problem: string }>

/** How many disruptions a budget allows now, and what that follows from (pkg/controller/disruption). */
export function reconcile(
  { object: budget, view, now }: Pick<Observed<PodDisruptionBudget>, 'object' | 'view' | 'now'>,
  others: OtherScales = new Map(),
): Plan<PodDisruptionBudgetStatus> {
  const matching = selectedPods(budget, view(pods))
  const steps: Step[] = matching.length === 0 ? [tell('Normal', 'NoPods', 'No matching pods found')] : []
  const expected = expectedPods(budget, matching, view, others)
  if ('problem' in expected) {
    const problem = expected.problem
    return {
      steps: [
        ...steps,
        tell(
          'Warning',
          'CalculateExpectedPodCountFailed',
          `Failed to calculate the number of expected pods: ${problem}`,
        ),
      ],
      status: () => failSafe(budget, problem, now),
    }
  }
  if (expected.unmanaged.length > 0) {
    const selector = goLabelSelector(budget.spec.selector as LabelSelector | undefined)
    const message = `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`
    steps.push(tell('Warning', 'UnmanagedPods', message))
  }
  steps.push(...notDeleted(budget, matching, now))
  const disrupted = stillDisrupted(budget, matching, now)
  const status = budgetStatus(budget, matching, expected, disrupted, now)
  const due = Object.values(disrupted).map((time) => Date.parse(time) + deletionTimeoutMs - now)
  return { steps, status: () => status, requeueAfterMs: due.length > 0 ? Math.max(0, Math.min(...due)) : undefined }
}

/** The pods that a budget speaks of; an empty selector means all of the namespace, none at all nothing. */
export function selectedPods(budget: PodDisruptionBudget, all: Pick<View<Pod>, 'byIndex'>): readonly Pod[] {
  const { selector } = budget.spec
  if (selector === undefined) return []
  const matcher = cachedSelector(selector as LabelSelector)
  return all
    .byIndex('namespace', budget.metadata.namespace ?? '')
    .filter(({ metadata }) => matcher.matches(metadata.labels ?? {}))
}

interface Expected {
  readonly count: number
  readonly healthy: number
  readonly unmanaged: readonly string[]
}

function expectedPods(
  budget: PodDisruptionBudget,
  matching: readonly Pod[],
  view: Observed<PodDisruptionBudget>['view'],
  others: OtherScales,
): Expected | { readonly problem: string } {
  const { minAvailable, maxUnavailable } = budget.spec
  if (maxUnavailable === undefined && typeof minAvailable === 'number')
    return { count: matching.length, healthy: minAvailable, unmanaged: [] }
  if (maxUnavailable === undefined && minAvailable === undefined) return { count: 0, healthy: 0, unmanaged: [] }
  const scale = expectedScale(matching, view, others)
  if ('problem' in scale) return scale
  const healthy =
    maxUnavailable !== undefined
      ? Math.max(0, scale.count - scaledValue(maxUnavailable, scale.count, 'up'))
      : scaledValue(minAvailable, scale.count, 'up')
  return { ...scale, healthy }
}

/** How many pods the controllers of these pods want, each controller once. */
function expectedScale(
  matching: readonly Pod[],
  view: Observed<PodDisruptionBudget>['view'],
  others: OtherScales,
): { readonly count: number; readonly unmanaged: readonly string[] } | { readonly problem: string } {
  const unmanaged: string[] = []
  const scales = new Map<string, number>()
  for (const pod of matching) {
    const owner = controllerOf(pod)
    const { name = '', namespace = '' } = pod.metadata
    if (owner === undefined) {
      unmanaged.push(name)
      continue
    }
    const key = `${namespace}/${owner.name}`
    if (scales.has(owner.uid)) continue
    const found = scaleOf(owner.kind, key, owner.uid, view)
    if (found !== undefined) {
      scales.set(found.uid, found.replicas)
      continue
    }
    const other = others.get(owner.uid)
    if (other === undefined) return { problem: `found no controllers for pod "${name}"` }
    if ('problem' in other) return other
    scales.set(owner.uid, other.replicas)
  }
  return { count: [...scales.values()].reduce((sum, replicas) => sum + replicas, 0), unmanaged }
}

/** The scale of a controller of the kinds that are known here, or of the Deployment behind it. */
export function scaleOf(
  kind: string,
  key: string,
  uid: string,
  view: Observed<PodDisruptionBudget>['view'],
): { readonly uid: string; readonly replicas: number } | undefined {
  switch (kind) {
    case 'ReplicaSet': {
      const set = view(replicaSets).get(key)
      if (set?.metadata.uid !== uid) return undefined
      const owner = controllerOf(set)
      if (owner?.kind !== 'Deployment') return { uid, replicas: set.spec.replicas ?? 1 }
      const deployment = view(deployments).get(`${set.metadata.namespace}/${owner.name}`)
      return deployment?.metadata.uid === owner.uid
        ? { uid: owner.uid, replicas: deployment.spec.replicas ?? 1 }
        : { uid, replicas: set.spec.replicas ?? 1 }
    }
    case 'StatefulSet': {
      const set = view(statefulSets).get(key)
      return set?.metadata.uid === uid ? { uid, replicas: set.spec.replicas ?? 1 } : undefined
    }
    case 'ReplicationController': {
      const controller = view(replicationControllers).get(key)
      return controller?.metadata.uid === uid ? { uid, replicas: controller.spec.replicas ?? 1 } : undefined
    }
    default:
      return undefined
  }
}

/** Evictions that were granted and whose pods are still there, not yet for too long. */
function stillDisrupted(budget: PodDisruptionBudget, matching: readonly Pod[], now: number): Record<string, string> {
  const granted = grantedOf(budget, matching)
  return Object.fromEntries(
    granted.flatMap(({ pod, time }) => (isOverdue(time, now) ? [] : [[pod.metadata.name ?? '', time] as const])),
  )
}

/** Of pods that should have gone long ago, and have not even begun to. */
function notDeleted(budget: PodDisruptionBudget, matching: readonly Pod[], now: number): Step[] {
  const { namespace } = budget.metadata
  // Upstream names the namespace twice.
  const message = `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`
  return grantedOf(budget, matching)
    .filter(({ time }) => isOverdue(time, now))
    .map(({ pod }) => tell('Warning', 'NotDeleted', message, pod))
}

function grantedOf(
  budget: PodDisruptionBudget,
  matching: readonly Pod[],
): { readonly pod: Pod; readonly time: string }[] {
  const before = budget.status?.disruptedPods ?? {}
  return matching.flatMap((pod) => {
    const time = before[pod.metadata.name ?? '']
    return time && pod.metadata.deletionTimestamp === undefined ? [{ pod, time }] : []
  })
}

function isOverdue(time: string, now: number): boolean {
  return Date.parse(time) + deletionTimeoutMs < now
}

function budgetStatus(
  budget: PodDisruptionBudget,
  matching: readonly Pod[],
  expected: Expected,
  disrupted: Record<string, string>,
  now: number,
): PodDisruptionBudgetStatus {
  const healthy = matching.filter(
    (pod) =>
      pod.metadata.deletionTimestamp === undefined &&
      disrupted[pod.metadata.name ?? ''] === undefined &&
      isPodReady(pod),
  ).length
  const allowed = expected.count > 0 ? Math.max(0, healthy - expected.healthy) : 0
  return {
    currentHealthy: healthy,
    desiredHealthy: expected.healthy,
    expectedPods: expected.count,
    disruptionsAllowed: allowed,
    ...(Object.keys(disrupted).length > 0 ? { disruptedPods: disrupted } : {}),
    observedGeneration: budget.metadata.generation,
    conditions: withCondition(
      budget,
      allowed > 0
        ? { status: 'True', reason: 'SufficientPods', message: '' }
        : { status: 'False', reason: 'InsufficientPods', message: '' },
      budget.metadata.generation,
      now,
    ),
  }
}

/** When nothing can be worked out, nothing may be disrupted. */
function failSafe(budget: PodDisruptionBudget, problem: string, now: number): PodDisruptionBudgetStatus {
  const { status = { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, disruptionsAllowed: 0 } } = budget
  return {
    ...status,
    disruptionsAllowed: 0,
    conditions: withCondition(
      budget,
      { status: 'False', reason: 'SyncFailed', message: problem },
      status.observedGeneration,
      now,
    ),
  }
}

function withCondition(
  budget: PodDisruptionBudget,
  made: Pick<Condition, 'status' | 'reason' | 'message'>,
  observedGeneration: number | undefined,
  now: number,
): readonly Condition[] {
  const present = budget.status?.conditions ?? []
  const before = present.find(({ type }) => type === 'DisruptionAllowed')
  const condition: Condition = {
    type: 'DisruptionAllowed',
    ...made,
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    lastTransitionTime: before?.status === made.status ? before.lastTransitionTime : formatTime(now),
  }
  if (before !== undefined && jsonEqual(before, condition)) return present
  return before ? present.map((one) => (one === before ? condition : one)) : [...present, condition]
}
