import type { Pod, StatefulSet } from '../../api/types.generated.ts'

/** Name of the set and number of a pod by the pod's name; undefined: no set has made it. */
export function parseMember(
  podName: string | undefined,
): { readonly parent: string; readonly ordinal: number } | undefined {
  const match = /^(.*)-([0-9]+)$/s.exec(podName ?? '')
  if (match === null) return undefined
  const ordinal = Number(match[2])
  return { parent: match[1]!, ordinal: ordinal <= 0x7fffffff ? ordinal : -1 }
}

/** -1: the pod has none. */
export function ordinalOf({ metadata }: Pod): number {
  return parseMember(metadata.name)?.ordinal ?? -1
}

export function isMember(set: StatefulSet, pod: Pod): boolean {
  return parseMember(pod.metadata.name)?.parent === set.metadata.name
}

export function startOrdinal({ spec }: StatefulSet): number {
  return spec.ordinals?.start ?? 0
}

/** Whether the set has, as it is scaled now, a pod of this number. */
export function isInRange(set: StatefulSet, ordinal: number): boolean {
  const start = startOrdinal(set)
  return ordinal >= start && ordinal < start + (set.spec.replicas ?? 1)
}
