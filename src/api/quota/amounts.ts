import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  quantitySign,
  subtractQuantities,
} from '../../machinery/quantity.ts'
import type { ResourceList } from '../core/v1/pod/resource-list.ts'

/** Arithmetic of resource lists as quotas need it (apiserver pkg/quota/v1/resources.go). */

/** What is left, never below nothing. */
export function subtractToZero(a: ResourceList, b: ResourceList): ResourceList {
  const left: Record<string, string> = {}
  for (const name of [...Object.keys(a), ...Object.keys(b)]) {
    const difference = subtractQuantities(a[name] ?? '0', b[name] ?? '0')
    left[name] = quantitySign(difference) > 0 ? formatQuantity(difference) : '0'
  }
  return left
}

/** Only these resources. */
export function mask(list: ResourceList, names: readonly string[]): ResourceList {
  return Object.fromEntries(Object.entries(list).filter(([name]) => names.includes(name)))
}

export function withoutZeros(list: ResourceList): ResourceList {
  return Object.fromEntries(Object.entries(list).filter(([, quantity]) => quantitySign(quantity) !== 0))
}

/** The resources of which `used` exceeds `hard`. */
export function exceeding(used: ResourceList, hard: ResourceList): string[] {
  return Object.keys(hard).filter((name) => used[name] !== undefined && compareQuantities(used[name], hard[name]!) > 0)
}

export function sameAmounts(a: ResourceList = {}, b: ResourceList = {}): boolean {
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => b[name] !== undefined && compareQuantities(a[name]!, b[name]) === 0)
  )
}

/** `cpu=1,memory=2Gi`, sorted by name. */
export function amountsText(list: ResourceList): string {
  return Object.keys(list)
    .sort()
    .map((name) => `${name}=${formatQuantity(addQuantities(list[name]!, '0'))}`)
    .join(',')
}
