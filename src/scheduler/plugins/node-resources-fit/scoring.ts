import type { NodeInfo } from '../../cache/node-info.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import { amountOf, type Resource } from '../../cache/resource.ts'
import type { ResourceSpec, ScoringStrategy } from '../../configuration/types.ts'
import type { CycleState } from '../../framework/cycle-state.ts'
import { maxScore } from '../../framework/plugin.ts'
import { shapeFunction } from '../shape-function.ts'

type Score = (state: CycleState, pod: PodInfo, node: NodeInfo) => number

/**
 * Which nodes NodeResourcesFit prefers: emptier ones, fuller ones so that others stay free, or as a shape says. The score
 * is the weighted mean over the resources (plugins/noderesources/{least,most}_allocated.go, requested_to_capacity_ratio.go).
 */
export function scoreBy({ type, resources, requestedToCapacityRatio }: ScoringStrategy): Score {
  if (type === 'RequestedToCapacityRatio') return ratioScore(resources, requestedToCapacityRatio?.shape ?? [])
  if (type === 'MostAllocated') return meanScore(resources, taken, Math.trunc)
  return isUsual(resources) ? leastOfCpuAndMemory : meanScore(resources, free, Math.trunc)
}

/** The share of the capacity that stays free, 0 … maxScore. */
function free(requested: number, capacity: number): number {
  return requested > capacity ? 0 : Math.trunc(((capacity - requested) * maxScore) / capacity)
}

/** The share of the capacity that is taken, 0 … maxScore. */
function taken(requested: number, capacity: number): number {
  return Math.trunc((Math.min(requested, capacity) * maxScore) / capacity)
}

/** What the use of one resource is worth; undefined: it does not count. */
type Share = (requested: number, capacity: number) => number | undefined

/** `round`: each strategy's own way. */
function meanScore(resources: readonly ResourceSpec[], share: Share, round: (mean: number) => number): Score {
  return (_, pod, node) => {
    let sum = 0
    let weights = 0
    for (const { name, weight } of resources) {
      const capacity = capacityFor(pod, node, name)
      const worth = capacity === 0 ? undefined : share(requestedOf(pod, node, name), capacity)
      if (worth === undefined) continue
      sum += worth * weight
      weights += weight
    }
    return weights === 0 ? 0 : round(sum / weights)
  }
}

function ratioScore(
  resources: readonly ResourceSpec[],
  shape: NonNullable<NonNullable<ScoringStrategy['requestedToCapacityRatio']>['shape']>,
): Score {
  const scoreAt = shapeFunction(shape)
  const share: Share = (requested, capacity) => {
    const score = scoreAt(requested, capacity)
    return score > 0 ? score : undefined
  }
  return meanScore(resources, share, Math.round)
}

function isUsual(resources: readonly ResourceSpec[]): boolean {
  return resources.map(({ name, weight }) => `${name}=${weight}`).join() === 'cpu=1,memory=1'
}

/** What nearly all clusters use, for each node of each pod: nothing is made. */
const leastOfCpuAndMemory: Score = (_, { nonZero }, { allocatable, nonZeroRequested }) => {
  let sum = 0
  let weights = 0
  if (allocatable.milliCpu > 0) {
    sum += free(nonZeroRequested.milliCpu + nonZero.milliCpu, allocatable.milliCpu)
    weights++
  }
  if (allocatable.memoryBytes > 0) {
    sum += free(nonZeroRequested.memoryBytes + nonZero.memoryBytes, allocatable.memoryBytes)
    weights++
  }
  return weights === 0 ? 0 : Math.trunc(sum / weights)
}

const own: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage'])

/** 0: the resource does not count. An extended resource counts for pods that ask for it only. */
function capacityFor(pod: PodInfo, node: NodeInfo, name: string): number {
  return !own.has(name) && amountOf(pod.requests, name) === 0 ? 0 : amountOf(node.allocatable, name)
}

/** With the pod. Who asks for no CPU or memory counts for some all the same. */
function requestedOf(pod: PodInfo, node: NodeInfo, name: string): number {
  if (name === 'cpu') return node.nonZeroRequested.milliCpu + pod.nonZero.milliCpu
  if (name === 'memory') return node.nonZeroRequested.memoryBytes + pod.nonZero.memoryBytes
  const sum = (resource: Resource) => amountOf(resource, name)
  return sum(node.requested) + sum(pod.requests)
}
