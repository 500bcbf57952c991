import { add, divide, modulo, multiply, negate, subtract } from '../arithmetic.ts'
import { literalChecks } from '../ast-checks.ts'
import { toBool, toBytes, toDouble, toDuration, toInt, toText, toTimestamp, toUint } from '../convert.ts'
import type { Library } from '../environment.ts'
import { contains } from '../equality.ts'
import { operator } from '../expression.ts'
import { type FunctionDeclaration, type Implementation, memberOverload, overload, type Overload } from '../function.ts'
import { standardMacros } from '../macro.ts'
import { compareValues, isOrdered } from '../order.ts'
import { pattern } from '../pattern.ts'
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listOf,
  mapOf,
  stringType,
  timestampType,
  type Type,
  typeOf,
  typeParam,
  uintType,
} from '../type.ts'
import {
  CelError,
  ListValue,
  MapValue,
  noSuchOverload,
  sizeOf,
  Timestamp,
  Duration,
  type Value,
  valueType,
} from '../value.ts'
import { timeFunctions } from './time.ts'

const paramA = typeParam('A')
const paramB = typeParam('B')
const listOfA = listOf(paramA)
const mapOfAB = mapOf(paramA, paramB)

const binary =
  (call: (left: Value, right: Value) => Value): Implementation =>
  ([left, right]) =>
    call(left!, right!)
const same = (id: string, type: Type): Overload => overload(id, [type, type], type)

const arithmetic: readonly FunctionDeclaration[] = [
  {
    name: operator.add,
    call: binary(add),
    overloads: [
      same('add_bytes', bytesType),
      same('add_double', doubleType),
      same('add_duration_duration', durationType),
      overload('add_duration_timestamp', [durationType, timestampType], timestampType),
      overload('add_timestamp_duration', [timestampType, durationType], timestampType),
      same('add_int64', intType),
      same('add_list', listOfA),
      same('add_string', stringType),
      same('add_uint64', uintType),
    ],
  },
  {
    name: operator.divide,
    call: binary(divide),
    overloads: [same('divide_double', doubleType), same('divide_int64', intType), same('divide_uint64', uintType)],
  },
  {
    name: operator.modulo,
    call: binary(modulo),
    overloads: [same('modulo_int64', intType), same('modulo_uint64', uintType)],
  },
  {
    name: operator.multiply,
    call: binary(multiply),
    overloads: [
      same('multiply_double', doubleType),
      same('multiply_int64', intType),
      same('multiply_uint64', uintType),
    ],
  },
  {
    name: operator.negate,
    call: ([value]) => negate(value!),
    overloads: [overload('negate_double', [doubleType], doubleType), overload('negate_int64', [intType], intType)],
  },
  {
    name: operator.subtract,
    call: binary(subtract),
    overloads: [
      same('subtract_double', doubleType),
      same('subtract_duration_duration', durationType),
      same('subtract_int64', intType),
      overload('subtract_timestamp_duration', [timestampType, durationType], timestampType),
      overload('subtract_timestamp_timestamp', [timestampType, timestampType], durationType),
      same('subtract_uint64', uintType),
    ],
  },
]

/** Numbers of all types have one order. */
function relation(name: string, prefix: string, holds: (order: number) => boolean): FunctionDeclaration {
  const types = { int64: intType, uint64: uintType, double: doubleType }
  const pair = (suffix: string, left: Type, right: Type) => overload(`${prefix}_${suffix}`, [left, right], boolType)
  const mixed = (left: keyof typeof types, ...others: (keyof typeof types)[]) => [
    pair(left, types[left], types[left]),
    ...others.map((right) => pair(`${left}_${right}`, types[left], types[right])),
  ]
  return {
    name,
    overloads: [
      pair('bool', boolType, boolType),
      ...mixed('int64', 'double', 'uint64'),
      ...mixed('uint64', 'double', 'int64'),
      ...mixed('double', 'int64', 'uint64'),
      pair('string', stringType, stringType),
      pair('bytes', bytesType, bytesType),
      pair('timestamp', timestampType, timestampType),
      pair('duration', durationType, durationType),
    ],
    call([left, right]) {
      if (!isOrdered(left!)) return new CelError(`no such overload: ${name}`)
      const order = compareValues(left!, right!)
      return order instanceof CelError ? order : holds(order)
    },
  }
}

const relations = [
  relation(operator.less, 'less', (order) => order < 0),
  relation(operator.lessEquals, 'less_equals', (order) => order <= 0),
  relation(operator.greater, 'greater', (order) => order > 0),
  relation(operator.greaterEquals, 'greater_equals', (order) => order >= 0),
]

const logic: readonly FunctionDeclaration[] = [
  {
    name: operator.conditional,
    overloads: [overload('conditional', [boolType, paramA, paramA], paramA)],
  },
  { name: operator.and, overloads: [overload('logical_and', [boolType, boolType], boolType)] },
  { name: operator.or, overloads: [overload('logical_or', [boolType, boolType], boolType)] },
  {
    name: operator.not,
    overloads: [overload('logical_not', [boolType], boolType)],
    call: ([value]) => (typeof value === 'boolean' ? !value : noSuchOverload),
  },
  {
    name: operator.notStrictlyFalse,
    overloads: [overload('not_strictly_false', [boolType], boolType)],
    nonStrict: true,
    call: ([value]) => (typeof value === 'boolean' ? value : true),
  },
  { name: operator.equals, overloads: [overload('equals', [paramA, paramA], boolType)] },
  { name: operator.notEquals, overloads: [overload('not_equals', [paramA, paramA], boolType)] },
]

const collections: readonly FunctionDeclaration[] = [
  {
    name: operator.index,
    overloads: [overload('index_list', [listOfA, intType], paramA), overload('index_map', [mapOfAB, paramA], paramB)],
  },
  {
    name: operator.in,
    overloads: [overload('in_list', [paramA, listOfA], boolType), overload('in_map', [paramA, mapOfAB], boolType)],
    call([value, of]) {
      if (of instanceof ListValue) return contains(of, value!)
      if (!(of instanceof MapValue)) return noSuchOverload
      if (of.contains !== undefined) return of.contains(value!)
      const found = of.find(value!)
      return found instanceof CelError ? found : found !== undefined
    },
  },
  {
    name: 'size',
    overloads: [bytesType, listOfA, mapOfAB, stringType].flatMap((type) => [
      overload(`size_${type.name}`, [type], intType),
      memberOverload(`${type.name}_size`, [type], intType),
    ]),
    call([value]) {
      const size = sizeOf(value!)
      if (size !== undefined) return BigInt(size)
      const receiver = value instanceof Timestamp || value instanceof Duration
      return receiver ? noSuchOverload : new CelError('no such overload: size')
    },
  },
]

const convert = (id: string, from: Type, to: Type, call: (value: Value) => Value) => overload(id, [from], to, call)
const conversions: readonly FunctionDeclaration[] = [
  {
    name: 'type',
    overloads: [overload('type', [paramA], typeOf(paramA))],
    call: ([value]) => valueType(value!),
  },
  {
    name: 'bool',
    overloads: [
      convert('bool_to_bool', boolType, boolType, toBool),
      convert('string_to_bool', stringType, boolType, toBool),
    ],
  },
  {
    name: 'bytes',
    overloads: [
      convert('bytes_to_bytes', bytesType, bytesType, toBytes),
      convert('string_to_bytes', stringType, bytesType, toBytes),
    ],
  },
  {
    name: 'double',
    overloads: [
      convert('double_to_double', doubleType, doubleType, toDouble),
      convert('int64_to_double', intType, doubleType, toDouble),
      convert('string_to_double', stringType, doubleType, toDouble),
      convert('uint64_to_double', uintType, doubleType, toDouble),
    ],
  },
  {
    name: 'duration',
    overloads: [
      convert('duration_to_duration', durationType, durationType, toDuration),
      convert('string_to_duration', stringType, durationType, toDuration),
    ],
  },
  { name: 'dyn', overloads: [overload('to_dyn', [paramA], dynType)], call: ([value]) => value! },
  {
    name: 'int',
    overloads: [
      convert('int64_to_int64', intType, intType, toInt),
      convert('double_to_int64', doubleType, intType, toInt),
      convert('duration_to_int64', durationType, intType, toInt),
      convert('string_to_int64', stringType, intType, toInt),
      convert('timestamp_to_int64', timestampType, intType, toInt),
      convert('uint64_to_int64', uintType, intType, toInt),
    ],
  },
  {
    name: 'string',
    overloads: [
      convert('string_to_string', stringType, stringType, toText),
      convert('bool_to_string', boolType, stringType, toText),
      convert('bytes_to_string', bytesType, stringType, toText),
      convert('double_to_string', doubleType, stringType, toText),
      convert('duration_to_string', durationType, stringType, toText),
      convert('int64_to_string', intType, stringType, toText),
      convert('timestamp_to_string', timestampType, stringType, toText),
      convert('uint64_to_string', uintType, stringType, toText),
    ],
  },
  {
    name: 'timestamp',
    overloads: [
      convert('timestamp_to_timestamp', timestampType, timestampType, toTimestamp),
      convert('int64_to_timestamp', intType, timestampType, toTimestamp),
      convert('string_to_timestamp', stringType, timestampType, toTimestamp),
    ],
  },
  {
    name: 'uint',
    overloads: [
      convert('uint64_to_uint64', uintType, uintType, toUint),
      convert('double_to_uint64', doubleType, uintType, toUint),
      convert('int64_to_uint64', intType, uintType, toUint),
      convert('string_to_uint64', stringType, uintType, toUint),
    ],
  },
]

/** Unguarded: values that are no text are no such overload, without saying which. */
function textPredicate(name: string, id: string, holds: (text: string, part: string) => boolean): FunctionDeclaration {
  const call = (text: Value, part: Value) =>
    typeof text === 'string' && typeof part === 'string' ? holds(text, part) : noSuchOverload
  return { name, unguarded: true, overloads: [memberOverload(id, [stringType, stringType], boolType, call)] }
}
const texts: readonly FunctionDeclaration[] = [
  textPredicate('contains', 'contains_string', (text, part) => text.includes(part)),
  textPredicate('endsWith', 'ends_with_string', (text, part) => text.endsWith(part)),
  textPredicate('startsWith', 'starts_with_string', (text, part) => text.startsWith(part)),
  {
    name: 'matches',
    overloads: [
      overload('matches', [stringType, stringType], boolType),
      memberOverload('matches_string', [stringType, stringType], boolType),
    ],
    call([text, expression]) {
      if (typeof text !== 'string') {
        const receiver = text instanceof Timestamp || text instanceof Duration
        return receiver ? noSuchOverload : new CelError('no such overload: matches')
      }
      if (typeof expression !== 'string') return noSuchOverload
      try {
        return pattern(expression).matcher(text).find()
      } catch (error) {
        return new CelError((error as Error).message)
      }
    },
  },
]

/** The functions and macros of the language itself (cel-go common/stdlib). */
export const standardLibrary: Library = {
  macros: standardMacros,
  functions: [...logic, ...arithmetic, ...relations, ...collections, ...conversions, ...texts, ...timeFunctions],
}

/** Kubernetes refuses literals that can only fail, and lists and maps of mixed types. */
export const literalCheckLibrary: Library = { checks: literalChecks }
