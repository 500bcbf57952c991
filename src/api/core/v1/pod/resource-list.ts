import { addQuantities, compareQuantities, formatQuantity } from '../../../../machinery/quantity.ts'

/** Quantities by resource name, as strings (v1.ResourceList). */
export type ResourceList = Readonly<Record<string, string>>

/** The sum; neither is changed. */
export function addResources(a: ResourceList, b: ResourceList | undefined): ResourceList {
  return merge(a, b, (left, right) => formatQuantity(addQuantities(left, right)))
}

/** The larger of each. */
export function maxResources(a: ResourceList, b: ResourceList | undefined): ResourceList {
  return merge(a, b, (left, right) => (compareQuantities(right, left) > 0 ? right : left))
}

function merge(
  a: ResourceList,
  b: ResourceList | undefined,
  both: (left: string, right: string) => string,
): ResourceList {
  if (b === undefined || Object.keys(b).length === 0) return a
  const merged: Record<string, string> = { ...a }
  for (const [name, quantity] of Object.entries(b)) {
    merged[name] = Object.hasOwn(merged, name) ? both(merged[name]!, quantity) : quantity
  }
  return merged
}
