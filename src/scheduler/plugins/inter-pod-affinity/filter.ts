import { type AffinityTerm, termMatches } from '../../cache/affinity-term.ts'
import type { NodeInfo } from '../../cache/node-info.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import type { SchedulerCache } from '../../cache/scheduler-cache.ts'
import { StateKey } from '../../framework/cycle-state.ts'
import type { Lookups } from '../../framework/lookups.ts'
import { unresolvable, unschedulable } from '../../framework/rejection.ts'
import { TopologyCounts } from '../../framework/topology-counts.ts'
import { matchesAll, resolveNamespaces } from './terms.ts'

export const name = 'InterPodAffinity'
export const notNear = unresolvable(name, "node(s) didn't match pod affinity rules")
export const tooNear = unschedulable(name, "node(s) didn't match pod anti-affinity rules")
export const unwelcome = unschedulable(name, "node(s) didn't satisfy existing pods anti-affinity rules")

type Labels = { readonly [label: string]: string } | undefined

/** What the required terms of the pod, and of those that are there, come to (plugins/interpodaffinity/filtering.go). */
export interface Required {
  readonly affinity: readonly AffinityTerm[]
  readonly antiAffinity: readonly AffinityTerm[]
  /** Labels of the pod's namespace. */
  readonly namespaceLabels: Labels
  /** Domains of pods that do not want this one near. */
  readonly unwelcome: TopologyCounts
  /** Domains of pods that this one wants near, those that all terms mean. */
  readonly near: TopologyCounts
  /** Domains of pods that this one does not want near. */
  readonly away: TopologyCounts
}

export const required = new StateKey<Required>(`${name}/required`, (state) => ({
  ...state,
  unwelcome: state.unwelcome.clone(),
  near: state.near.clone(),
  away: state.away.clone(),
}))

export function reckonRequired(pod: PodInfo, cache: SchedulerCache, lookups: Lookups): Required | undefined {
  const state: Required = {
    affinity: resolveNamespaces(pod.requiredAffinity, lookups),
    antiAffinity: resolveNamespaces(pod.requiredAntiAffinity, lookups),
    namespaceLabels: lookups.namespace(pod.namespace)?.metadata.labels ?? {},
    unwelcome: new TopologyCounts(),
    near: new TopologyCounts(),
    away: new TopologyCounts(),
  }
  for (const { term, byNode } of cache.antiAffinity.all()) {
    if (termMatches(term, pod, state.namespaceLabels)) spreadOver(byNode, term, state.unwelcome, cache)
  }
  if (state.affinity.length === 0 && state.antiAffinity.length === 0 && state.unwelcome.empty) return undefined
  for (const term of state.antiAffinity) {
    for (const namespace of term.namespaces) {
      spreadOver(cache.counts.byNode(namespace, term.selector, true), term, state.away, cache)
    }
  }
  const [only, ...more] = state.affinity
  if (only && more.length === 0) {
    for (const namespace of only.namespaces) {
      spreadOver(cache.counts.byNode(namespace, only.selector, true), only, state.near, cache)
    }
  } else if (only) {
    for (const node of cache.nodes) {
      for (const other of node.pods.values()) {
        if (!matchesAll(state.affinity, other)) continue
        for (const term of state.affinity) state.near.add(node, term.topologyKey, 1)
      }
    }
  }
  return state
}

function spreadOver(
  byNode: ReadonlyMap<string, number>,
  { topologyKey }: AffinityTerm,
  counts: TopologyCounts,
  cache: SchedulerCache,
): void {
  for (const [name, count] of byNode) {
    const node = cache.node(name)
    if (node) counts.add(node, topologyKey, count)
  }
}

/** Thinks a pod onto the node (1) or away from it (-1). */
export function count(state: Required, pod: PodInfo, other: PodInfo, node: NodeInfo, sign: 1 | -1): void {
  countUnwelcome(state, pod, other, node, sign)
  countOwn(state, other, node, sign)
}

function countUnwelcome(state: Required, pod: PodInfo, other: PodInfo, node: NodeInfo, sign: 1 | -1): void {
  for (const term of other.requiredAntiAffinity) {
    if (termMatches(term, pod, state.namespaceLabels)) state.unwelcome.add(node, term.topologyKey, sign)
  }
}

function countOwn(state: Required, other: PodInfo, node: NodeInfo, sign: 1 | -1): void {
  if (matchesAll(state.affinity, other)) {
    for (const term of state.affinity) state.near.add(node, term.topologyKey, sign)
  }
  for (const term of state.antiAffinity) {
    if (termMatches(term, other, undefined)) state.away.add(node, term.topologyKey, sign)
  }
}

/** Whether the node is in the domains of the pods that are wanted; a pod that wants its like may be the first of them. */
export function isNear(state: Required, pod: PodInfo, node: NodeInfo): boolean {
  if (state.affinity.length === 0) return true
  let found = true
  for (const { topologyKey } of state.affinity) {
    if (node.labels[topologyKey] === undefined) return false
    if (state.near.ofNode(topologyKey, node) <= 0) found = false
  }
  return found || (state.near.empty && matchesAll(state.affinity, pod))
}

export function isAway(state: Required, node: NodeInfo): boolean {
  return state.antiAffinity.every(({ topologyKey }) => state.away.ofNode(topologyKey, node) <= 0)
}
