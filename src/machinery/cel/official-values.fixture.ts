import { ArrayList, LiteralMap } from './collections.ts'
import { parseDuration, parseTimestamp } from './time-text.ts'
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listOf,
  mapOf,
  nullType,
  objectType,
  opaqueType,
  stringType,
  timestampType,
  type Type,
  typeOf,
  typeParam,
  uintType,
} from './type.ts'
import { Uint, type Value } from './value.ts'

/** Values and types of the official cases, in protobuf's JSON (cel-spec proto/cel/expr/{value,checked}.proto). */
export interface JsonValue {
  readonly int64Value?: string
  readonly uint64Value?: string
  readonly doubleValue?: number | string
  readonly stringValue?: string
  readonly bytesValue?: string
  readonly boolValue?: boolean
  readonly nullValue?: null
  readonly typeValue?: string
  readonly listValue?: { readonly values?: readonly JsonValue[] }
  readonly mapValue?: { readonly entries?: readonly { readonly key: JsonValue; readonly value: JsonValue }[] }
  readonly objectValue?: { readonly '@type': string; readonly value?: string }
}

export function caseValue(json: JsonValue): Value {
  if (json.int64Value !== undefined) return BigInt(json.int64Value)
  if (json.uint64Value !== undefined) return new Uint(BigInt(json.uint64Value))
  if (json.doubleValue !== undefined) return Number(json.doubleValue)
  if (json.stringValue !== undefined) return json.stringValue
  if (json.bytesValue !== undefined) return Buffer.from(json.bytesValue, 'base64')
  if (json.boolValue !== undefined) return json.boolValue
  if (json.typeValue !== undefined) return namedType(json.typeValue)
  if (json.listValue !== undefined) return new ArrayList((json.listValue.values ?? []).map(caseValue))
  if (json.mapValue !== undefined)
    return new LiteralMap((json.mapValue.entries ?? []).map(({ key, value }) => [caseValue(key), caseValue(value)]))
  if (json.objectValue !== undefined) return wellKnown(json.objectValue)
  return null
}

function wellKnown({ '@type': type, value = '' }: { readonly '@type': string; readonly value?: string }): Value {
  const made = type.endsWith('.Duration') ? parseDuration(value) : parseTimestamp(value)
  if (made === undefined) throw new Error(`${type} ${value}`)
  return made
}

const named = new Map(
  [
    boolType,
    bytesType,
    doubleType,
    durationType,
    intType,
    listOf(dynType),
    mapOf(dynType, dynType),
    nullType,
    stringType,
    timestampType,
    typeOf(dynType),
    uintType,
  ].map((type) => [type.name, type]),
)
const namedType = (name: string): Type => named.get(name) ?? opaqueType(name)

export interface JsonType {
  readonly primitive?: string
  readonly wellKnown?: string
  readonly null?: null
  readonly dyn?: object
  readonly type?: JsonType
  readonly typeParam?: string
  readonly messageType?: string
  readonly listType?: { readonly elemType: JsonType }
  readonly mapType?: { readonly keyType: JsonType; readonly valueType: JsonType }
  readonly abstractType?: { readonly name: string; readonly parameterTypes?: readonly JsonType[] }
}

const primitives: Readonly<Record<string, Type>> = {
  BOOL: boolType,
  INT64: intType,
  UINT64: uintType,
  DOUBLE: doubleType,
  STRING: stringType,
  BYTES: bytesType,
  DURATION: durationType,
  TIMESTAMP: timestampType,
}

export function caseType(json: JsonType): Type {
  const simple = primitives[json.primitive ?? json.wellKnown ?? '']
  if (simple !== undefined) return simple
  if (json.listType !== undefined) return listOf(caseType(json.listType.elemType))
  if (json.mapType !== undefined) return mapOf(caseType(json.mapType.keyType), caseType(json.mapType.valueType))
  if (json.abstractType !== undefined)
    return opaqueType(json.abstractType.name, ...(json.abstractType.parameterTypes ?? []).map(caseType))
  if (json.typeParam !== undefined) return typeParam(json.typeParam)
  if (json.type !== undefined) return typeOf(caseType(json.type))
  if (json.messageType !== undefined) return messageType(json.messageType)
  return 'null' in json ? nullType : dynType
}

function messageType(name: string): Type {
  if (name === 'google.protobuf.Duration') return durationType
  return name === 'google.protobuf.Timestamp' ? timestampType : objectType(name)
}
