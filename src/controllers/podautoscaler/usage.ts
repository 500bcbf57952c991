import { isRestartableInitContainer } from '../../api/core/v1/pod/aggregate-containers.ts'
import { hasPodLevelRequests, podRequests } from '../../api/core/v1/pod-requests.ts'
import type { Pod } from '../../api/types.generated.ts'
import { quantityMilliValue } from '../../machinery/quantity.ts'
import { isPodReady, podCondition, timeOf } from '../pods/pod-state.ts'
import type { PodMetrics } from './metrics-client.ts'

/** How far usage may be off its target without anything being done. */
export interface Tolerance {
  readonly down: number
  readonly up: number
}

/** What a metric asks for. */
export interface Proposal {
  readonly replicas: number
  /** The average per pod, in thousandths. */
  readonly usage: number
  /** In percent of what was requested. */
  readonly utilization?: number
}

interface Question {
  readonly pods: readonly Pod[]
  readonly metrics: PodMetrics
  readonly currentReplicas: number
  readonly tolerance: Tolerance
  readonly now: number
}

const cpuInitializationMs = 5 * 60_000
const initialReadinessDelayMs = 30_000

export function isWithin({ down, up }: Tolerance, ratio: number): boolean {
  return 1 - down <= ratio && ratio <= 1 + up
}

/** Replicas so that pods use `target` percent of what they request (replica_calculator.go GetResourceReplicas). */
export function utilizationReplicas(
  question: Question & { readonly resource: string; readonly container: string | undefined; readonly target: number },
): Proposal {
  const { pods, resource, container, target } = question
  const { ready, unready, missing, usable } = grouped(question, resource)
  const requests = new Map(pods.map((pod) => [pod.metadata.name ?? '', requestOf(pod, container, resource)]))
  const measure = (values: ReadonlyMap<string, number>) => {
    const known = [...values].filter(([name]) => requests.has(name))
    const used = sum(known.map(([, value]) => value))
    const requested = sum(known.map(([name]) => requests.get(name)!))
    if (requested === 0) throw new Error('no metrics returned matched known pods')
    const utilization = Math.trunc((used * 100) / requested)
    return { ratio: utilization / target, utilization, usage: Math.trunc(used / known.length) }
  }
  const first = measure(usable)
  const assumed = (name: string) => Math.trunc((requests.get(name)! * Math.max(100, target)) / 100)
  const replicas = replicasFor({
    ...question,
    ready,
    unready,
    missing,
    usable,
    ratio: first.ratio,
    assumed,
    measure: (values) => measure(values).ratio,
  })
  return { replicas, usage: first.usage, utilization: first.utilization }
}

/** Replicas so that pods use `target` thousandths each, on average (calcPlainMetricReplicas). */
export function valueReplicas(
  question: Question & { readonly resource: string | undefined; readonly target: number },
): Proposal {
  const { resource, target } = question
  const { ready, unready, missing, usable } = grouped(question, resource)
  const average = (values: ReadonlyMap<string, number>) => Math.trunc(sum([...values.values()]) / values.size)
  const usage = average(usable)
  const replicas = replicasFor({
    ...question,
    ready,
    unready,
    missing,
    usable,
    ratio: usage / target,
    assumed: () => target,
    measure: (values) => average(values) / target,
  })
  return { replicas, usage }
}

/** Replicas for a ratio of something that is not measured by pod; from zero it says how many are needed. */
export function ratioReplicas(options: {
  readonly currentReplicas: number
  readonly ratio: number
  readonly tolerance: Tolerance
  readonly pods: readonly Pod[]
}): number {
  const { currentReplicas, ratio, tolerance, pods } = options
  if (currentReplicas === 0) return Math.ceil(ratio)
  if (isWithin(tolerance, ratio)) return currentReplicas
  if (pods.length === 0) {
    throw new Error('unable to calculate ready pods: no pods returned by selector while calculating replica count')
  }
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod)).length
  return Math.min(Math.ceil(ratio * ready), 0x7fffffff)
}

interface Groups {
  readonly ready: number
  readonly unready: readonly string[]
  readonly missing: readonly string[]
  readonly usable: ReadonlyMap<string, number>
}

/** Of which pods the metric can be believed (groupPods). */
function grouped({ pods, metrics, now }: Question, resource: string | undefined): Groups {
  if (pods.length === 0) throw new Error('no pods returned by selector while calculating replica count')
  const unready: string[] = []
  const missing: string[] = []
  const usable = new Map([...metrics].map(([name, { value }]) => [name, value]))
  let ready = 0
  for (const pod of pods) {
    const name = pod.metadata.name ?? ''
    const metric = metrics.get(name)
    if (pod.metadata.deletionTimestamp !== undefined || pod.status?.phase === 'Failed') usable.delete(name)
    else if (pod.status?.phase === 'Pending') unready.push(name)
    else if (metric === undefined) missing.push(name)
    else if (resource === 'cpu' && isStarting(pod, metric.time - metric.windowMs, now)) unready.push(name)
    else ready++
  }
  for (const name of unready) usable.delete(name)
  if (usable.size === 0) throw new Error('did not receive metrics for targeted pods (pods might be unready)')
  return { ready, unready, missing, usable }
}

/** Starting takes CPU that work does not: `measuredSince` must be after the pod became ready. */
function isStarting(pod: Pod, measuredSince: number, now: number): boolean {
  const condition = podCondition(pod, 'Ready')
  const started = timeOf(pod.status?.startTime)
  if (condition === undefined || started === undefined) return true
  const since = timeOf(condition.lastTransitionTime) ?? 0
  const notReady = condition.status === 'False'
  if (started + cpuInitializationMs > now) return notReady || measuredSince < since
  return notReady && started + initialReadinessDelayMs > since
}

function replicasFor(
  options: Groups &
    Pick<Question, 'currentReplicas' | 'tolerance'> & {
      readonly ratio: number
      /** What a pod without a metric is taken to use when there may be too many. */
      readonly assumed: (name: string) => number
      readonly measure: (values: ReadonlyMap<string, number>) => number
    },
): number {
  const { currentReplicas, tolerance, ready, unready, missing, usable, ratio, assumed, measure } = options
  const upWithUnready = unready.length > 0 && ratio > 1
  if (!upWithUnready && missing.length === 0) {
    return isWithin(tolerance, ratio) ? currentReplicas : Math.ceil(ratio * ready)
  }
  const values = new Map(usable)
  if (ratio !== 1) for (const name of missing) values.set(name, ratio < 1 ? assumed(name) : 0)
  if (upWithUnready) for (const name of unready) values.set(name, 0)
  const next = measure(values)
  const turned = (ratio < 1 && next > 1) || (ratio > 1 && next < 1)
  if (isWithin(tolerance, next) || turned) return currentReplicas
  const replicas = Math.ceil(next * values.size)
  const wrongWay = (next < 1 && replicas > currentReplicas) || (next > 1 && replicas < currentReplicas)
  return wrongWay ? currentReplicas : replicas
}

/** In thousandths. */
function requestOf(pod: Pod, container: string | undefined, resource: string): number {
  const { name = '' } = pod.metadata
  if (container === undefined && hasPodLevelRequests(pod)) {
    const amount = podRequests(pod).get(resource)
    if (amount === undefined) throw new Error(`missing pod-level request for ${resource} in Pod ${name}`)
    return resource === 'cpu' ? amount : amount * 1000
  }
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isRestartableInitContainer)]
  const counted = container === undefined ? all : all.filter((one) => one.name === container)
  if (container !== undefined && counted.length === 0) {
    throw new Error(`container ${container} not found in Pod ${name}`)
  }
  return sum(
    counted.map((one) => {
      const request = one.resources?.requests?.[resource]
      if (request === undefined) {
        throw new Error(`missing request for ${resource} in container ${one.name} of Pod ${name}`)
      }
      return quantityMilliValue(request)
    }),
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
