import type { Toleration } from '../../../api/types.generated.ts'
import { semanticEqual } from '../../../machinery/semantic-equal.ts'

/** Without those that another one covers; of equal ones the first stays (pkg/util/tolerations MergeTolerations). */
export function mergedTolerations(all: readonly Toleration[]): readonly Toleration[] {
  const merged: Toleration[] = []
  all.forEach((one, index) => {
    const covered =
      merged.some((other) => covers(other, one)) ||
      all.slice(index + 1).some((other) => !semanticEqual(one, other) && covers(other, one))
    if (!covered) merged.push(one)
  })
  return merged
}

/** Whether each toleration is covered by one that is allowed; nothing said: all are allowed. */
export function coversAll(allowed: readonly Toleration[], tolerations: readonly Toleration[]): boolean {
  return allowed.length === 0 || tolerations.every((one) => allowed.some((other) => covers(other, one)))
}

function covers(wide: Toleration, one: Toleration): boolean {
  if (semanticEqual(wide, one)) return true
  const wildcard = !wide.key && wide.operator === 'Exists'
  if ((wide.key ?? '') !== (one.key ?? '') && !wildcard) return false
  if (wide.effect && wide.effect !== one.effect) return false
  if (wide.effect === 'NoExecute' && wide.tolerationSeconds !== undefined) {
    if (one.tolerationSeconds === undefined || one.tolerationSeconds > wide.tolerationSeconds) return false
  }
  if (wide.operator === 'Exists') return true
  return (!wide.operator || wide.operator === 'Equal') && one.operator === 'Equal' && one.value === wide.value
}
