import { pods } from '../../api/core/v1/pod.ts'
import type { Pod, StatefulSet } from '../../api/types.generated.ts'
import { nextAvailabilityMs } from '../pods/pod-state.ts'
import type { Observed } from '../runtime/observed.ts'
import type { Plan, Step, Write } from '../runtime/plan.ts'
import { isInRange, ordinalOf, startOrdinal } from './ordinals.ts'
import { claimUpdates, deletion, type Replica, type Work, workOnReplica } from './replicas.ts'
import { type Revisions, revisionsOf, truncateHistory } from './revisions.ts'
import { toReplace } from './rolling-update.ts'
import { toScaleDown } from './scale-down.ts'
import { isUnavailable, statefulPod } from './stateful-pod.ts'
import { countedStatus } from './status.ts'

/** At most so many pods are made at once; the next ones after these have been seen. */
const burst = 500

/** Keeps numbered pods with claims of their own (pkg/controller/statefulset). */
export function reconcile(observed: Observed<StatefulSet>): Plan<unknown> {
  const { object: set, now } = observed
  const { minReadySeconds = 0 } = set.spec
  const all = observed.owned(pods)
  const revisions = revisionsOf(observed)
  const { steps, replaced } = manage(observed, all, revisions)
  const counted = countedStatus(set, all, revisions, 0, now)
  const waiting = minReadySeconds > 0 && counted.readyReplicas !== counted.availableReplicas
  return {
    steps: [...revisions.steps, ...steps, ...truncateHistory(set, revisions, all)],
    status: ({ error }) => countedStatus(set, all, revisions, error === undefined ? replaced : 0, now),
    requeueAfterMs: waiting ? (nextAvailabilityMs(all, minReadySeconds, now) ?? minReadySeconds * 1000) : undefined,
  }
}

interface Management {
  readonly steps: readonly Step[]
  /** How many pods are deleted for an update. */
  readonly replaced: number
}

function manage(observed: Observed<StatefulSet>, all: readonly Pod[], revisions: Revisions): Management {
  const { object: set, now } = observed
  if (set.metadata.deletionTimestamp !== undefined) return { steps: [], replaced: 0 }
  const isOrdered = set.spec.podManagementPolicy !== 'Parallel'
  const replicas = replicasOf(set, all, revisions)
  const condemned = all
    .filter((pod) => ordinalOf(pod) >= 0 && !isInRange(set, ordinalOf(pod)))
    .sort((a, b) => ordinalOf(b) - ordinalOf(a))

  const works = untilBlocked(replicas, isOrdered, (replica) => workOnReplica(observed, replica))
  const steps: Step[] = isOrdered ? works.flatMap(inOrder) : sideBySide(works)
  if (isOrdered && works.some(({ blocks }) => blocks)) return { steps, replaced: 0 }

  for (const pod of condemned) {
    const { tells, writes } = claimUpdates(observed, { ordinal: ordinalOf(pod), object: pod })
    steps.push(...(writes.length > 0 ? tells : []), ...writes)
  }
  const excess = toScaleDown(observed, condemned, firstUnavailable(set, replicas, condemned, now))
  steps.push(...inBatch(excess.map((pod) => deletion(set, pod))))
  // An ordered set is scaled first, and then updated.
  if (set.spec.updateStrategy?.type === 'OnDelete' || (isOrdered && condemned.length > 0)) return { steps, replaced: 0 }
  const old = toReplace(
    set,
    replicas.map(({ pod }) => pod),
    revisions.update.name,
    now,
  ) // prettier-ignore
  steps.push(...inBatch(old.map((pod) => deletion(set, pod))))
  return { steps, replaced: old.length }
}

/** One for each number: the pod that is there, or the one to make. */
function replicasOf(set: StatefulSet, all: readonly Pod[], revisions: Revisions): readonly Replica[] {
  const byOrdinal = new Map(all.map((pod) => [ordinalOf(pod), pod]))
  const start = startOrdinal(set)
  return Array.from({ length: set.spec.replicas ?? 1 }, (_, index): Replica => {
    const ordinal = start + index
    const pod = byOrdinal.get(ordinal)
    if (pod !== undefined) return { ordinal, pod }
    const { name, template } = revisions[revisionFor(set, index)]
    return { ordinal, created: statefulPod(set, template, name, ordinal) }
  })
}

/** Below the partition, and without one as far as an update has not come, pods come back as they were. */
function revisionFor({ spec, status }: StatefulSet, index: number): 'current' | 'update' {
  const { type, rollingUpdate } = spec.updateStrategy ?? {}
  if (rollingUpdate !== undefined) return index < (rollingUpdate.partition ?? 0) ? 'current' : 'update'
  return type === 'RollingUpdate' && index < (status?.currentReplicas ?? 0) ? 'current' : 'update'
}

function untilBlocked(
  replicas: readonly Replica[],
  isOrdered: boolean,
  workOn: (replica: Replica) => Work,
): readonly Work[] {
  const works: Work[] = []
  for (const replica of replicas) {
    const work = workOn(replica)
    works.push(work)
    if (isOrdered && work.blocks) break
  }
  return works
}

function inOrder({ tells, claims, pod, after }: Work): Step[] {
  return [...tells, ...claims, ...pod, ...after]
}

function sideBySide(works: readonly Work[]): Step[] {
  const busy = works.filter(({ claims, pod, after }) => claims.length + pod.length + after.length > 0).slice(0, burst)
  return [
    ...works.flatMap(({ tells }) => tells),
    ...inBatch(busy.flatMap(({ claims }) => claims)),
    ...inBatch(busy.flatMap(({ pod }) => pod)),
    ...inBatch(busy.flatMap(({ after }) => after)),
  ]
}

function inBatch(writes: readonly Write[]): Step[] {
  return writes.length === 0 ? [] : [{ do: 'batch', slowStart: true, writes }]
}

function firstUnavailable(
  { spec }: StatefulSet,
  replicas: readonly Replica[],
  condemned: readonly Pod[],
  now: number,
): Pod | undefined {
  const isOut = (pod: Pod | undefined) => pod === undefined || isUnavailable(pod, spec.minReadySeconds ?? 0, now)
  const missing = replicas.find(({ pod }) => isOut(pod))
  return missing !== undefined ? missing.pod : condemned.findLast(isOut)
}
