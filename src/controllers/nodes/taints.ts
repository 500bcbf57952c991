import { toleratesTaint } from '../../api/core/v1/toleration.ts'
import type { Taint, Toleration } from '../../api/types.generated.ts'

/** The same taint, whatever its value and age. */
export function sameTaint(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.effect === b.effect
}

/**
 * For how many seconds all these taints are borne: 0 for not at all, Infinity for ever
 * (tainteviction/taint_eviction.go getMinTolerationTime).
 */
export function toleratedSeconds(taints: readonly Taint[], tolerations: readonly Toleration[] = []): number {
  let least = Infinity
  for (const taint of taints) {
    const used = tolerations.find((toleration) => toleratesTaint(toleration, taint))
    if (used === undefined) return 0
    if (used.tolerationSeconds !== undefined) least = Math.min(least, Math.max(0, used.tolerationSeconds))
  }
  return least
}
