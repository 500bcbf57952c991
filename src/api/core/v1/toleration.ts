import type { Taint, Toleration } from '../../types.generated.ts'

export type TaintEffect = 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute'

/** Whether the toleration lets a pod bear the taint (k8s.io/api core/v1 toleration.go). */
export function toleratesTaint(toleration: Toleration, taint: Taint): boolean {
  const { key, operator, value = '', effect } = toleration
  if (effect && effect !== taint.effect) return false
  if (key && key !== taint.key) return false
  switch (operator || 'Equal') {
    case 'Equal':
      return value === (taint.value ?? '')
    case 'Exists':
      return true
    default:
      // Lt and Gt are behind a feature gate that is off (TaintTolerationComparisonOperators).
      return false
  }
}

export function anyTolerates(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  return tolerations?.some((toleration) => toleratesTaint(toleration, taint)) ?? false
}

/** The first taint with one of these effects that the pod does not bear. */
export function untoleratedTaint(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly TaintEffect[],
): Taint | undefined {
  return taints?.find((taint) => effects.includes(taint.effect as TaintEffect) && !anyTolerates(tolerations, taint))
}
