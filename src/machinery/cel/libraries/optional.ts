import { ArrayList } from '../collections.ts'
import type { Library } from '../environment.ts'
import { type Expr, operator } from '../expression.ts'
import { formatValue } from '../format-value.ts'
import { memberOverload, overload } from '../function.ts'
import { bind, call, type ExprFactory, type Macro, MacroError, memberCall } from '../macro.ts'
import { boolType, dynType, intType, listOf, mapOf, optionalOf, optionalType, stringType, typeParam } from '../type.ts'
import { CelError, Duration, ListValue, MapValue, none, Optional, Timestamp, Uint, type Value } from '../value.ts'

const value = typeParam('V')
const key = typeParam('K')
const optional = optionalOf(value)
const list = listOf(value)
const map = mapOf(key, value)

function isZero(of: Value): boolean {
  if (of === null || of === false || of === '' || of === 0n || of === 0) return true
  if (of instanceof ListValue || of instanceof MapValue) return of.size === 0
  if (of instanceof Uint8Array) return of.length === 0
  if (of instanceof Uint) return of.value === 0n
  if (of instanceof Duration) return of.nanos === 0n
  // Go's zero time, the first moment of the year 1.
  return of instanceof Timestamp && of.nanos === -62_135_596_800_000_000_000n
}

function unwrap(optionals: ListValue): Value {
  const items: Value[] = []
  for (const item of optionals) {
    if (!(item instanceof Optional)) return new CelError(`value ${formatValue(item)} is not optional`)
    if (item.value !== undefined) items.push(item.value)
  }
  return new ArrayList(items)
}

/** `x.optMap(v, f)`: f of the value, if there is one; optFlatMap's f answers with an optional itself. */
function mapping(name: string, wrap: (make: ExprFactory, mapped: Expr) => Expr): Macro {
  return {
    name,
    argCount: 2,
    member: true,
    expand(make, target, [variable, mapped]) {
      if (variable!.node.kind !== 'ident')
        throw new MacroError(variable!, `${name}() variable name must be a simple identifier`)
      const has = memberCall(make, 'hasValue', target!)
      const init = memberCall(make, 'value', make.copy(target!))
      const bound = bind(make, variable!.node.name, init, mapped!)
      return call(make, operator.conditional, has, wrap(make, bound), call(make, 'optional.none'))
    },
  }
}

/** Values that may be absent (cel-go cel/library.go OptionalTypes). */
export const optionalLibrary: Library = {
  types: [optionalType],
  macros: [
    mapping('optMap', (make, mapped) => call(make, 'optional.of', mapped)),
    mapping('optFlatMap', (_make, mapped) => mapped),
  ],
  functions: [
    {
      name: 'optional.of',
      overloads: [overload('optional_of', [value], optional, (of: Value) => new Optional(of))],
    },
    {
      name: 'optional.ofNonZeroValue',
      overloads: [
        overload('optional_ofNonZeroValue', [value], optional, (of: Value) => (isZero(of) ? none : new Optional(of))),
      ],
    },
    { name: 'optional.none', overloads: [overload('optional_none', [], optional, () => none)] },
    {
      name: 'value',
      overloads: [
        memberOverload('optional_value', [optional], value, (of: Optional) =>
          of.value === undefined ? new CelError('optional.none() dereference') : of.value,
        ),
      ],
    },
    {
      name: 'hasValue',
      overloads: [memberOverload('optional_hasValue', [optional], boolType, (of: Optional) => of.value !== undefined)],
    },
    // The planner sees to these, since their argument may not be computed.
    { name: 'or', overloads: [memberOverload('optional_or_optional', [optional, optional], optional)] },
    { name: 'orValue', overloads: [memberOverload('optional_orValue_value', [optional, value], value)] },
    {
      name: operator.optionalSelect,
      overloads: [overload('select_optional_field', [dynType, stringType], optional)],
    },
    {
      name: operator.optionalIndex,
      overloads: [
        overload('list_optindex_optional_int', [list, intType], optional),
        overload('optional_list_optindex_optional_int', [optionalOf(list), intType], optional),
        overload('map_optindex_optional_value', [map, key], optional),
        overload('optional_map_optindex_optional_value', [optionalOf(map), key], optional),
      ],
    },
    {
      name: operator.index,
      overloads: [
        overload('optional_list_index_int', [optionalOf(list), intType], optional),
        overload('optional_map_index_value', [optionalOf(map), key], optional),
      ],
    },
    {
      name: 'last',
      overloads: [
        memberOverload('list_last', [list], optional, (of: ListValue) =>
          of.size === 0 ? none : new Optional(of.at(of.size - 1)),
        ),
      ],
    },
    {
      name: 'first',
      overloads: [
        memberOverload('list_first', [list], optional, (of: ListValue) =>
          of.size === 0 ? none : new Optional(of.at(0)),
        ),
      ],
    },
    { name: 'optional.unwrap', overloads: [overload('optional_unwrap', [listOf(optional)], list, unwrap)] },
    { name: 'unwrapOpt', overloads: [memberOverload('optional_unwrapOpt', [listOf(optional)], list, unwrap)] },
  ],
}
