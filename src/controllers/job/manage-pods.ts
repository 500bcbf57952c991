import { jobs } from '../../api/batch/v1/job.ts'
import { pods as podKind } from '../../api/core/v1/pod.ts'
import type { Container, Job, Pod } from '../../api/types.generated.ts'
import { inDeletionOrder } from '../pods/deletion-order.ts'
import { createPod, deletePod, isNamespaceTerminating, type NewPod, podFromTemplate } from '../pods/pod-writes.ts'
import type { Step, Write } from '../runtime/plan.ts'
import { remainingBackoffMs, remainingIndexBackoffMs } from './backoff.ts'
import { firstFree, indexesOf, merge } from './indexes.ts'
import {
  completionIndex,
  failureCount,
  failureCountAnnotation,
  ignoredFailureCount,
  ignoredFailureCountAnnotation,
  indexAnnotation,
  isIndexed,
  isSuspended,
  isTracked,
  replacesOnlyFailed,
  trackingFinalizer,
} from './job-pods.ts'
import type { JobState } from './job-state.ts'
import { matchFailurePolicy } from './policies.ts'

const maxPerSync = 500

export interface PodChanges {
  readonly steps: readonly Step[]
  readonly removed: readonly Pod[]
  readonly created: number
  /** Nothing can be done before so many ms have passed. */
  readonly waitMs?: number
}

const nothing: PodChanges = { steps: [], removed: [], created: 0 }

/** Makes as many pods run as the job wants, or fewer (job_controller.go manageJob). Either makes or deletes. */
export function managePods(state: JobState): PodChanges {
  const { job, active } = state
  if (isSuspended(job)) return removal(surplus(state, active.length))
  const { parallelism = 1, completions } = job.spec
  const wanted =
    completions === undefined
      ? state.succeeded > 0
        ? active.length
        : parallelism
      : Math.max(0, Math.min(completions - state.succeeded, parallelism))
  const tooMany = surplus(state, Math.max(0, active.length - wanted)).slice(0, maxPerSync)
  if (tooMany.length > 0) return removal(tooMany)
  const terminating = replacesOnlyFailed(job) ? state.terminating.length : 0
  const missing = wanted - terminating - active.length
  return missing > 0 ? creation(state, Math.min(missing, maxPerSync)) : nothing
}

function removal(pods: readonly Pod[]): PodChanges {
  if (pods.length === 0) return nothing
  // Deleted on purpose they count for nothing: no need to keep them for counting.
  const writes = pods.map((pod): Write => (isTracked(pod) ? untrack(pod) : deletePod(pod)))
  const steps: Step[] = [{ do: 'batch', slowStart: false, writes }]
  const deletions = pods.filter(isTracked).map(deletePod)
  if (deletions.length > 0) steps.push({ do: 'batch', slowStart: false, writes: deletions })
  return { steps, removed: pods, created: 0 }
}

/** Takes the tracking finalizer off. */
export function untrack(pod: Pod): Write {
  const { namespace, name = '' } = pod.metadata
  return {
    do: 'patch',
    ref: podKind,
    key: { namespace, name },
    type: 'strategic',
    patch: { metadata: { '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] } },
    ignore: (error) => 'reason' in error && error.reason === 'NotFound',
  }
}

/** Ends all active pods. Their finalizers stay until they are counted. */
export function endPods(active: readonly Pod[]): PodChanges {
  if (active.length === 0) return nothing
  return { steps: [{ do: 'batch', slowStart: false, writes: active.map(deletePod) }], removed: active, created: 0 }
}

/** At least so many pods, and all those of an indexed job that have no index of their own. */
function surplus({ job, active, now }: JobState, atLeast: number): Pod[] {
  let removed: Pod[] = []
  let left: readonly Pod[] = active
  if (isIndexed(job)) {
    const byIndex = Map.groupBy(active, completionIndex)
    const kept: Pod[] = []
    for (const [index, group] of byIndex) {
      if (index === undefined || index >= (job.spec.completions ?? 0)) removed.push(...group)
      else {
        const sorted = inDeletionOrder(group, [], now)
        kept.push(sorted.pop()!)
        removed.push(...sorted)
      }
    }
    left = kept
  }
  if (removed.length < atLeast) {
    removed = [...removed, ...inDeletionOrder(left, [], now).slice(0, atLeast - removed.length)]
  }
  return removed
}

function creation(state: JobState, missing: number): PodChanges {
  const { job, pods, now } = state
  const perIndex = job.spec.backoffLimitPerIndex !== undefined
  const waitMs = perIndex ? 0 : remainingBackoffMs(job, pods, now)
  if (waitMs > 0) return { ...nothing, waitMs }
  if (!isIndexed(job)) return made(Array.from({ length: missing }, () => newPod(job)))

  let indexes = freeIndexes(state, missing)
  if (perIndex) {
    const waits = indexes.map((index) => remainingIndexBackoffMs(state.awaitingReplacement.get(index), now))
    const ready = indexes.filter((_, at) => waits[at] === 0)
    if (ready.length === 0 && waits.length > 0) return { ...nothing, waitMs: Math.min(...waits) }
    indexes = ready
  }
  return made(indexes.map((index) => newIndexedPod(job, index, state.awaitingReplacement.get(index))))
}

function made(pods: readonly NewPod[]): PodChanges {
  const writes = pods.map((pod) => ({ ...createPod(pod), ignore: isNamespaceTerminating }))
  return { steps: [{ do: 'batch', slowStart: true, writes }], removed: [], created: pods.length }
}

function freeIndexes(state: JobState, count: number): number[] {
  const { job, active, terminating } = state
  const taken = [...active, ...(replacesOnlyFailed(job) ? terminating : [])].flatMap(
    (pod) => completionIndex(pod) ?? [],
  )
  const occupied = merge(merge(state.succeededIndexes, indexesOf(taken)), state.failedIndexes ?? [])
  return firstFree(occupied, count, job.spec.completions ?? 0)
}

function newPod(job: Job): NewPod {
  const pod = podFromTemplate(job.spec.template, job, jobs)
  const finalizers = [...new Set([...(pod.metadata.finalizers ?? []), trackingFinalizer])]
  return { ...pod, metadata: { ...pod.metadata, finalizers } }
}

const maxGeneratedName = 63 - 5

function newIndexedPod(job: Job, index: number, replaced: Pod | undefined): NewPod {
  const pod = newPod(job)
  const suffix = `-${index}-`
  const name = job.metadata.name ?? ''
  const counts = job.spec.backoffLimitPerIndex === undefined ? {} : failureCounts(job, replaced)
  const withIndex = (containers: readonly Container[] | undefined) => containers?.map(withIndexVariable)
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      generateName: `${name.slice(0, maxGeneratedName - suffix.length)}${suffix}`,
      labels: { ...pod.metadata.labels, [indexAnnotation]: String(index) },
      annotations: { ...pod.metadata.annotations, [indexAnnotation]: String(index), ...counts },
    },
    spec: {
      ...pod.spec,
      hostname: `${name}-${index}`,
      containers: withIndex(pod.spec.containers) ?? [],
      initContainers: withIndex(pod.spec.initContainers),
    },
  }
}

function withIndexVariable(container: Container): Container {
  const { env = [] } = container
  if (env.some(({ name }) => name === 'JOB_COMPLETION_INDEX')) return container
  const fieldRef = { fieldPath: `metadata.labels['${indexAnnotation}']` }
  return { ...container, env: [...env, { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef } }] } as Container
}

/** How often pods of the index have failed, the one that is replaced included. */
function failureCounts(job: Job, replaced: Pod | undefined): Record<string, string> {
  let failures = 0
  let ignored = 0
  if (replaced !== undefined) {
    failures = failureCount(replaced)
    ignored = ignoredFailureCount(replaced)
    if (matchFailurePolicy(job, replaced).counts) failures++
    else ignored++
  }
  return {
    [failureCountAnnotation]: String(failures),
    ...(ignored > 0 ? { [ignoredFailureCountAnnotation]: String(ignored) } : {}),
  }
}
