import type { DeviceTaint, DeviceToleration } from '../../types.generated.ts'

/**
 * Whether a claim bears a taint of a device, whatever its effect does (dynamic-resource-allocation resourceclaim
 * devicetoleration.go).
 */
export function toleratesDeviceTaint(toleration: DeviceToleration, taint: DeviceTaint): boolean {
  const { effect, key, operator, value } = toleration
  if (effect && effect !== taint.effect) return false
  if (key && key !== taint.key) return false
  if (operator === 'Exists') return true
  return (!operator || operator === 'Equal') && (value ?? '') === (taint.value ?? '')
}
