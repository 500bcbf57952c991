import { Type } from './type.ts'
import {
  CelError,
  Duration,
  ListValue,
  MapValue,
  noSuchOverload,
  ObjectValue,
  Optional,
  Timestamp,
  Uint,
  type Value,
} from './value.ts'

/** Values of different types are unequal, but numbers of all types compare by what they stand for. */
export function equalValues(left: Value, right: Value): Value {
  if (left === null || right === null) return left === right
  if (left instanceof CelError) return left
  switch (typeof left) {
    case 'string':
    case 'boolean':
      return left === right
    case 'bigint':
    case 'number':
      return equalNumbers(left, right)
  }
  if (left instanceof Uint) return equalNumbers(left.value, right)
  if (left instanceof ListValue) return left.equals?.(right) ?? equalLists(left, right)
  if (left instanceof MapValue) return left.equals?.(right) ?? equalMaps(left, right)
  if (left instanceof Uint8Array) return right instanceof Uint8Array && Buffer.compare(left, right) === 0
  if (left instanceof Timestamp) return right instanceof Timestamp && left.nanos === right.nanos
  if (left instanceof Duration) return right instanceof Duration && left.nanos === right.nanos
  if (left instanceof Type) return right instanceof Type && left.name === right.name
  if (left instanceof Optional) {
    if (!(right instanceof Optional)) return false
    if (left.value === undefined || right.value === undefined) return left.value === right.value
    return equalValues(left.value, right.value)
  }
  const alike = right instanceof ObjectValue && right.constructor === left.constructor
  return alike ? (left as ObjectValue).equals(right) : noSuchOverload
}

/** An integer and a double are compared as doubles, as cel-go does. */
function equalNumbers(left: bigint | number, other: Value): boolean {
  const right = other instanceof Uint ? other.value : other
  if (typeof right !== 'bigint' && typeof right !== 'number') return false
  return typeof left === typeof right ? left === right : Number(left) === Number(right)
}

function equalLists(left: ListValue, right: Value): Value {
  if (!(right instanceof ListValue) || left.size !== right.size) return false
  for (let index = 0; index < left.size; index++)
    if (equalValues(left.at(index), right.at(index)) === false) return false
  return true
}

function equalMaps(left: MapValue, right: Value): Value {
  if (!(right instanceof MapValue) || left.size !== right.size) return false
  for (const key of left.keys()) {
    const other = right.find(key)
    if (other === undefined || equalValues(left.find(key)!, other) === false) return false
  }
  return true
}

/** Whether a list has an element that equals a value. */
export function contains(list: ListValue, value: Value): boolean {
  for (const element of list) if (equalValues(value, element) === true) return true
  return false
}
