import { ArrayList } from '../collections.ts'
import { actualSize } from '../cost/call-cost.ts'
import { type CallEstimate, cost, type CostNode, type OverloadCost } from '../cost/cost-model.ts'
import {
  byFactor,
  type Estimate,
  fixed,
  greatest,
  plus,
  times,
  unit,
  unknownEstimate,
  wrapped,
} from '../cost/estimate.ts'
import type { Library } from '../environment.ts'
import { equalValues } from '../equality.ts'
import { memberOverload, overload } from '../function.ts'
import { bind, ident, mapMacro, MacroError, memberCall, type Macro } from '../macro.ts'
import { compareValues, isOrdered } from '../order.ts'
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  formatType,
  intType,
  listOf,
  stringType,
  timestampType,
  type Type,
  typeParam,
  uintType,
} from '../type.ts'
import { CelError, ListValue, type Value, valueType } from '../value.ts'

const comparable = [intType, uintType, doubleType, boolType, durationType, timestampType, stringType, bytesType]
const list = listOf(typeParam('T'))
const maxRange = 1_000_000n

function slice(of: ListValue, start: bigint, end: bigint): Value {
  const wrong = (why: string) => new CelError(`cannot slice(${start}, ${end}), ${why}`)
  if (start < 0n || end < 0n) return wrong('negative indexes not supported')
  if (start > end) return wrong('start index must be less than or equal to end index')
  if (BigInt(of.size) < end) return wrong(`list is length ${of.size}`)
  return new ArrayList([...of].slice(Number(start), Number(end)))
}

function flatten(of: ListValue, depth: bigint): Value[] {
  return [...of].flatMap((item) => (item instanceof ListValue && depth > 0n ? flatten(item, depth - 1n) : [item]))
}
function flattened(of: Value, depth: Value): Value {
  if (!(of instanceof ListValue) || typeof depth !== 'bigint')
    return new CelError(`no such overload: ${formatType(valueType(of))}.flatten(${formatType(valueType(depth))})`)
  return depth < 0n ? new CelError('level must be non-negative') : new ArrayList(flatten(of, depth))
}

function sortBy(of: ListValue, keys: ListValue): Value {
  if (of.size !== keys.size)
    return new CelError(
      `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${of.size} and ${keys.size} elements respectively`,
    )
  if (of.size === 0) return of
  const first = keys.at(0)
  if (!isOrdered(first)) return new CelError('list elements must be comparable')
  const type = valueType(first)
  const entries = [...keys].map((key, index) => ({ key, index }))
  if (entries.length > 1 && entries.some(({ key }) => valueType(key) !== type))
    return new CelError('list elements must have the same type')
  entries.sort((a, b) => Number(compareValues(a.key, b.key)) || 0)
  return new ArrayList(entries.map(({ index }) => of.at(index)))
}

function range(size: bigint): Value {
  if (size < 0n) return new CelError(`lists.range: size must be non-negative, got ${size}`)
  if (size > maxRange) return new CelError(`lists.range: size ${size} exceeds maximum allowed (${maxRange})`)
  return new ArrayList(Array.from({ length: Number(size) }, (_, index) => BigInt(index)))
}

function distinct(of: ListValue): Value {
  const unique: Value[] = []
  for (const item of of) if (!unique.some((known) => equalValues(item, known) === true)) unique.push(item)
  return new ArrayList(unique)
}

const sortByMacro: Macro = {
  name: 'sortBy',
  argCount: 2,
  member: true,
  expand(make, target, args) {
    const kinds = ['list', 'select', 'ident', 'comprehension', 'call']
    if (!kinds.includes(target!.node.kind))
      throw new MacroError(
        target!,
        'sortBy can only be applied to a list, identifier, comprehension, call or select expression',
      )
    const input = '@__sortBy_input__'
    const keys = mapMacro(make, ident(make, input), args)
    return bind(make, input, target!, memberCall(make, '@sortByAssociatedKeys', ident(make, input), keys))
  },
}

const sizeOf = (node: CostNode | undefined): Estimate => node?.size ?? unknownEstimate
/** A literal index, or what stands for an unknown one. */
function literalSize(node: CostNode | undefined, otherwise: bigint): bigint {
  const value = node?.expr?.node.kind === 'literal' ? node.expr.node.value : undefined
  return typeof value === 'bigint' ? (value < 0n ? 0n : value) : otherwise
}
function allocating(factor: number, size: Estimate): CallEstimate {
  return { cost: plus(byFactor(size, factor), unit, fixed(cost.createList)), size }
}
const allocated = (factor: number, size: number) => Math.trunc(size * (factor < 0 ? 1 : factor)) + 1 + cost.createList
const output: OverloadCost['track'] = (_args, result) => allocated(1, actualSize(result))

/** Each element is compared with each. */
function selfCompare(of: Value): number {
  const size = actualSize(of)
  if (!(of instanceof ListValue) || size === 0) return allocated(2, 0)
  const first = of.at(0)
  const text = typeof first === 'string' || first instanceof Uint8Array
  return allocated(text ? 2 + cost.stringTraversal : 2, size * size)
}
function sortEstimate(node: CostNode | undefined, type: Type): CallEstimate {
  const size = sizeOf(node)
  const text = type === stringType || type === bytesType
  return allocating(text ? 2 + cost.stringTraversal : 2, times(size, size))
}
const flattenCost: OverloadCost = {
  estimate: (_estimator, target, [depth]) =>
    allocating(depth === undefined ? 1 : Number(literalSize(depth, greatest)), sizeOf(target)),
  track: ([of, depth]) => allocated(typeof depth === 'bigint' ? Number(depth) : 1, actualSize(of!)),
}

const costs = new Map<string, OverloadCost>([
  [
    'list_slice',
    {
      estimate(_estimator, target, [start, end]) {
        const size = literalSize(end, sizeOf(target).max) - literalSize(start, 0n)
        return allocating(1, fixed(wrapped(size)))
      },
      track: output,
    },
  ],
  ['list_flatten', flattenCost],
  ['list_flatten_int', flattenCost],
  [
    'lists_range',
    { estimate: (_estimator, _target, [size]) => allocating(1, fixed(literalSize(size, greatest))), track: output },
  ],
  ['list_reverse', { estimate: (_estimator, target) => allocating(1, sizeOf(target)), track: output }],
  [
    'list_distinct',
    {
      estimate: (_estimator, target) => allocating(2, times(sizeOf(target), sizeOf(target))),
      track: ([of]) => selfCompare(of!),
    },
  ],
  ...comparable.flatMap((type): [string, OverloadCost][] => [
    [
      `list_${type.name}_sort`,
      { estimate: (_estimator, target) => sortEstimate(target, type), track: ([of]) => selfCompare(of!) },
    ],
    [
      `list_${type.name}_sortByAssociatedKeys`,
      { estimate: (_estimator, _target, [keys]) => sortEstimate(keys, type), track: ([, keys]) => selfCompare(keys!) },
    ],
  ]),
])

/** What cel-go's ext/lists.go brings in version 3. */
export const listLibrary: Library = {
  macros: [sortByMacro],
  costs,
  functions: [
    { name: 'slice', overloads: [memberOverload('list_slice', [list, intType, intType], list, slice)] },
    {
      name: 'flatten',
      unguarded: true,
      overloads: [
        memberOverload('list_flatten', [listOf(list)], list, (of: Value) =>
          of instanceof ListValue
            ? flattened(of, 1n)
            : new CelError(`no such overload: ${formatType(valueType(of))}.flatten()`),
        ),
        memberOverload('list_flatten_int', [listOf(dynType), intType], listOf(dynType), flattened),
      ],
    },
    {
      name: 'sort',
      overloads: comparable.map((type) => memberOverload(`list_${type.name}_sort`, [listOf(type)], listOf(type))),
      call: ([of]) => (of instanceof ListValue ? sortBy(of, of) : new CelError('no such overload: sort')),
    },
    {
      name: '@sortByAssociatedKeys',
      overloads: comparable.map((type) =>
        memberOverload(`list_${type.name}_sortByAssociatedKeys`, [list, listOf(type)], list),
      ),
      call: ([of, keys]) =>
        of instanceof ListValue && keys instanceof ListValue
          ? sortBy(of, keys)
          : new CelError('no such overload: @sortByAssociatedKeys'),
    },
    { name: 'lists.range', overloads: [overload('lists_range', [intType], listOf(intType), range)] },
    {
      name: 'reverse',
      overloads: [memberOverload('list_reverse', [list], list, (of: ListValue) => new ArrayList([...of].reverse()))],
    },
    { name: 'distinct', overloads: [memberOverload('list_distinct', [list], list, distinct)] },
  ],
}
