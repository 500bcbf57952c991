import { add } from '../arithmetic.ts'
import type { Library } from '../environment.ts'
import { equalValues } from '../equality.ts'
import { type FunctionDeclaration, memberOverload } from '../function.ts'
import { compareValues } from '../order.ts'
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listOf,
  stringType,
  timestampType,
  type Type,
  typeParam,
  uintType,
} from '../type.ts'
import { CelError, Duration, ListValue, Uint, type Value } from '../value.ts'

const comparable: Readonly<Record<string, Type>> = {
  int: intType,
  uint: uintType,
  double: doubleType,
  bool: boolType,
  duration: durationType,
  timestamp: timestampType,
  string: stringType,
  bytes: bytesType,
}
const zeros: Readonly<Record<string, Value>> = { int: 0n, uint: new Uint(0n), double: 0, duration: new Duration(0n) }

function isSorted(list: ListValue): Value {
  for (let index = 1; index < list.size; index++) {
    const order = compareValues(list.at(index - 1), list.at(index))
    if (typeof order === 'number' && order > 0) return false
  }
  return true
}
function sum(list: ListValue, zero: Value): Value {
  let total = zero
  for (const item of list) {
    if (item instanceof CelError) return item
    total = add(total, item)
    if (total instanceof CelError) return total
  }
  return total
}
function extreme(name: string, list: ListValue, prefer: number): Value {
  let best: Value | undefined
  for (const item of list) if (best === undefined || compareValues(best, item) === prefer) best = item
  return best === undefined ? new CelError(`${name} called on empty list`) : best
}
function indexOf(list: ListValue, wanted: Value): Value {
  for (let index = 0; index < list.size; index++) if (equalValues(list.at(index), wanted) === true) return BigInt(index)
  return -1n
}
function lastIndexOf(list: ListValue, wanted: Value): Value {
  for (let index = list.size - 1; index >= 0; index--)
    if (equalValues(list.at(index), wanted) === true) return BigInt(index)
  return -1n
}
function includes(target: Value, wanted: Value): Value {
  return target instanceof ListValue ? indexOf(target, wanted) !== -1n : equalValues(target, wanted) === true
}

const overAll = (
  name: string,
  types: Readonly<Record<string, unknown>>,
  overload: (type: string) => FunctionDeclaration['overloads'][number],
): FunctionDeclaration => ({ name, overloads: Object.keys(types).map(overload) })
const paramA = typeParam('A')

/** apiserver pkg/cel/library/lists.go, as it was before `includes`. */
export const kubernetesListLibrary: Library = {
  functions: [
    overAll('isSorted', comparable, (type) =>
      memberOverload(`list_${type}_is_sorted_bool`, [listOf(comparable[type]!)], boolType, isSorted),
    ),
    overAll('sum', zeros, (type) =>
      memberOverload(`list_${type}_sum_${type}`, [listOf(comparable[type]!)], comparable[type]!, (list: ListValue) =>
        sum(list, zeros[type]!),
      ),
    ),
    overAll('max', comparable, (type) =>
      memberOverload(`list_${type}_max_${type}`, [listOf(comparable[type]!)], comparable[type]!, (list: ListValue) =>
        extreme('max', list, -1),
      ),
    ),
    overAll('min', comparable, (type) =>
      memberOverload(`list_${type}_min_${type}`, [listOf(comparable[type]!)], comparable[type]!, (list: ListValue) =>
        extreme('min', list, 1),
      ),
    ),
    {
      name: 'indexOf',
      overloads: [memberOverload('list_a_index_of_int', [listOf(paramA), paramA], intType, indexOf)],
    },
    {
      name: 'lastIndexOf',
      overloads: [memberOverload('list_a_last_index_of_int', [listOf(paramA), paramA], intType, lastIndexOf)],
    },
  ],
}

/** What version 1 of the same library adds, in Kubernetes 1.37. */
export const includesLibrary: Library = {
  functions: [
    { name: 'includes', overloads: [memberOverload('list_includes_dyn_dyn', [dynType, dynType], boolType, includes)] },
  ],
}
