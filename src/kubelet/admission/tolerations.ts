import type { Toleration } from '../../api/types.generated.ts'

interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: string
}

/** The first taint that no toleration covers (component-helpers scheduling/corev1). */
export function untoleratedTaint(taints: readonly Taint[], tolerations: readonly Toleration[]): Taint | undefined {
  return taints.find((taint) => !tolerations.some((toleration) => tolerates(toleration, taint)))
}

function tolerates({ key = '', operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false
  if (key !== '' && key !== taint.key) return false
  if (operator === 'Exists') return true
  if (operator === 'Equal') return key !== '' && value === (taint.value ?? '')
  const [own, its] = [Number(value), Number(taint.value)]
  if (!Number.isInteger(own) || !Number.isInteger(its)) return false
  return operator === 'Gt' ? its > own : operator === 'Lt' ? its < own : false
}
