/** Types of CEL: kinds with names and parameters (cel-go common/types/types.go). */
export type TypeKind =
  | 'dyn'
  | 'any'
  | 'bool'
  | 'bytes'
  | 'double'
  | 'duration'
  | 'error'
  | 'int'
  | 'list'
  | 'map'
  | 'null'
  | 'opaque'
  | 'string'
  | 'struct'
  | 'timestamp'
  | 'type'
  | 'typeParam'
  | 'uint'
  | 'unknown'

export class Type {
  readonly kind: TypeKind
  readonly name: string
  readonly params: readonly Type[]
  constructor(kind: TypeKind, name: string, params: readonly Type[] = []) {
    this.kind = kind
    this.name = name
    this.params = params
  }
}

const simple = (kind: TypeKind, name: string = kind) => new Type(kind, name)
export const dynType = simple('dyn')
export const anyType = simple('any', 'google.protobuf.Any')
export const boolType = simple('bool')
export const bytesType = simple('bytes')
export const doubleType = simple('double')
export const durationType = simple('duration', 'google.protobuf.Duration')
export const errorType = simple('error')
export const intType = simple('int')
export const nullType = simple('null', 'null_type')
export const stringType = simple('string')
export const timestampType = simple('timestamp', 'google.protobuf.Timestamp')
export const typeType = simple('type')
export const uintType = simple('uint')
export const unknownType = simple('unknown')

export const listOf = (element: Type): Type => new Type('list', 'list', [element])
export const mapOf = (key: Type, value: Type): Type => new Type('map', 'map', [key, value])
export const optionalOf = (value: Type): Type => new Type('opaque', 'optional_type', [value])
export const typeOf = (value: Type): Type => new Type('type', 'type', [value])
export const objectType = (name: string): Type => new Type('struct', name)
export const opaqueType = (name: string, ...params: Type[]): Type => new Type('opaque', name, params)
export const typeParam = (name: string): Type => new Type('typeParam', name)

export const listType = listOf(dynType)
export const mapType = mapOf(dynType, dynType)
export const optionalType = optionalOf(dynType)

/** Equal in kind, name and parameters; `anyParamName`: the names of type parameters do not matter. */
export function sameType(a: Type, b: Type, anyParamName = false): boolean {
  if (a === b) return true
  if (a.kind !== b.kind || a.params.length !== b.params.length) return false
  if (a.name !== b.name && !(anyParamName && a.kind === 'typeParam')) return false
  return a.params.every((param, index) => sameType(param, b.params[index]!, anyParamName))
}

/** How error texts show a type (cel-go checker/format.go). */
export function formatType(type: Type): string {
  switch (type.kind) {
    case 'any':
      return 'any'
    case 'duration':
      return 'duration'
    case 'error':
      return '!error!'
    case 'null':
      return 'null'
    case 'timestamp':
      return 'timestamp'
    case 'typeParam':
      return type.name
  }
  if (type.params.length === 0) return type.name
  return `${type.name}(${type.params.map(formatType).join(', ')})`
}

/** `int.(string, bool)`: the receiver, if there is one, then the arguments. */
export function formatCall(args: readonly Type[], member: boolean): string {
  const shown = args.map(formatType)
  const receiver = member ? `${shown.shift()}.` : ''
  return `${receiver}(${shown.join(', ')})`
}

/** How a type writes itself where no checker is at work (cel-go Type.String). */
export function typeText(type: Type): string {
  if (type.kind === 'typeParam') return `<${type.name}>`
  return type.params.length === 0 ? type.name : `${type.name}(${type.params.map(typeText).join(', ')})`
}
