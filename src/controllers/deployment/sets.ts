import type { Deployment, ReplicaSet } from '../../api/types.generated.ts'
import { sameTemplate } from '../pods/template-hash.ts'

/** The sets of a deployment: that of its present template, if it is there, and those of former ones, oldest first. */
export interface Sets {
  readonly current: ReplicaSet | undefined
  readonly old: readonly ReplicaSet[]
}

/** Of several sets with the present template the oldest counts; the others are old ones. */
export function setsOf(deployment: Deployment, owned: readonly ReplicaSet[]): Sets {
  const sorted = [...owned].sort(byAge)
  const current = sorted.find((set) => sameTemplate(set.spec.template, deployment.spec.template))
  return { current, old: sorted.filter((set) => set !== current) }
}

export function allOf({ current, old }: Sets): readonly ReplicaSet[] {
  return current === undefined ? old : [...old, current]
}

export function replicasOf(set: ReplicaSet): number {
  return set.spec.replicas ?? 1
}
export function isActive(set: ReplicaSet): boolean {
  return replicasOf(set) > 0
}

export function sum(sets: readonly ReplicaSet[], count: (set: ReplicaSet) => number | undefined): number {
  return sets.reduce((total, set) => total + (count(set) ?? 0), 0)
}
export function availableOf(set: ReplicaSet): number {
  return set.status?.availableReplicas ?? 0
}

/** Oldest first, by name when of one age. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const [createdA, createdB] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '']
  if (createdA !== createdB) return createdA < createdB ? -1 : 1
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1
}
