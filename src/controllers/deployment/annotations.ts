import type { Deployment, ReplicaSet } from '../../api/types.generated.ts'
import { maxSurge, wantedReplicas } from './strategy.ts'

type Annotations = Readonly<Record<string, string>>

export const revisionAnnotation = 'deployment.kubernetes.io/revision'
const historyAnnotation = 'deployment.kubernetes.io/revision-history'
/** The deployment's replicas when the set was last scaled: tells a scaling from a rollout. */
export const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas'
/** Those plus the surge: the base for proportions. */
export const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas'
export const rollbackAnnotation = 'deprecated.deployment.rollback.to'

const notCopied: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxReplicasAnnotation,
  rollbackAnnotation,
])

const maxHistoryLength = 2000

/** An integer as Go's ParseInt reads it: 64 bits, which a number does not hold. */
export function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined
  const value = BigInt(text.replace(/^\+/, ''))
  return BigInt.asIntN(64, value) === value ? value : undefined
}

/** The revision of a set; 0 without one, undefined when it is not a number. */
export function revisionOf(set: ReplicaSet): bigint | undefined {
  return parseInt64(set.metadata.annotations?.[revisionAnnotation] ?? '0')
}

/** Orders sets from the oldest revision on. */
export function byRevision(a: ReplicaSet, b: ReplicaSet): number {
  const [first, second] = [revisionOf(a) ?? 0n, revisionOf(b) ?? 0n]
  return first < second ? -1 : first > second ? 1 : 0
}

export function maxRevision(sets: readonly ReplicaSet[]): bigint {
  return sets.reduce((most, set) => {
    const revision = revisionOf(set) ?? 0n
    return revision > most ? revision : most
  }, 0n)
}

/** The second highest revision; 0 when there is none. */
export function lastRevision(sets: readonly ReplicaSet[]): bigint {
  const last = [...sets].sort(byRevision).at(-2)
  const revision = last === undefined ? 0n : (revisionOf(last) ?? 0n)
  return revision > 0n ? revision : 0n
}

/**
 * The annotations of the new set: those of the deployment, and its own revision and the ones it had before
 * (deployment_util.go SetNewReplicaSetAnnotations).
 */
export function newSetAnnotations(deployment: Deployment, present: Annotations, revision: bigint): Annotations {
  const annotations: Record<string, string> = { ...present, ...copied(deployment.metadata.annotations ?? {}) }
  const before = present[revisionAnnotation]
  const known = parseInt64(before || '0')
  if (known === undefined || known >= revision) return annotations
  annotations[revisionAnnotation] = String(revision)
  if (before !== undefined) {
    const history = present[historyAnnotation] ?? ''
    const revisions = history === '' ? [] : history.split(',')
    revisions.push(before)
    while (revisions.length > 1 && revisions.join(',').length > maxHistoryLength) revisions.shift()
    annotations[historyAnnotation] = revisions.join(',')
  }
  return annotations
}

/** How many replicas the deployment wants, for later comparison. */
export function replicasAnnotations(deployment: Deployment): Annotations {
  const replicas = wantedReplicas(deployment)
  return {
    [desiredAnnotation]: String(replicas),
    [maxReplicasAnnotation]: String(replicas + maxSurge(deployment)),
  }
}

/** The deployment's annotations when it goes back to a set: the set's, and its own bookkeeping. */
export function rolledBackAnnotations(deployment: Deployment, set: ReplicaSet): Annotations {
  const own = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => notCopied.has(key))
  return { ...Object.fromEntries(own), ...copied(set.metadata.annotations ?? {}) }
}

function copied(annotations: Annotations): Annotations {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !notCopied.has(key)))
}

/** A count that an annotation holds; undefined when there is none, or it makes no sense. */
export function countAnnotation(set: ReplicaSet, key: string): number | undefined {
  const text = set.metadata.annotations?.[key]
  if (text === undefined || !/^[0-9]+$/.test(text)) return undefined
  const count = Number(text)
  return count < 2 ** 31 ? count : undefined
}
