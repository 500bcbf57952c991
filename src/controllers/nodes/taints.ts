import type { Taint, Toleration } from '../../api/types.generated.ts'

/** The same taint, whatever its value and age. */
export function sameTaint(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.effect === b.effect
}

/** Whether one toleration bears the taint (api/core/v1/toleration.go ToleratesTaint). */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false
  if (toleration.key && toleration.key !== taint.key) return false
  const { operator = 'Equal' } = toleration
  if (operator === 'Exists') return true
  return (operator === 'Equal' || (operator as string) === '') && (toleration.value ?? '') === (taint.value ?? '')
}

/**
 * For how many seconds all these taints are borne: 0 for not at all, Infinity for ever
 * (tainteviction/taint_eviction.go getMinTolerationTime).
 */
export function toleratedSeconds(taints: readonly Taint[], tolerations: readonly Toleration[] = []): number {
  let least = Infinity
  for (const taint of taints) {
    const used = tolerations.find((toleration) => tolerates(toleration, taint))
    if (used === undefined) return 0
    if (used.tolerationSeconds !== undefined) least = Math.min(least, Math.max(0, used.tolerationSeconds))
  }
  return least
}
