import { dynType, formatType, listOf, mapOf, opaqueType, sameType, type Type, typeOf } from './type.ts'

/** What type parameters stand for (cel-go checker/mapping.go, types.go). */
export class Substitutions {
  readonly #types: Map<string, Type>
  constructor(types: Iterable<readonly [string, Type]> = []) {
    this.#types = new Map(types)
  }
  find(type: Type): Type | undefined {
    return this.#types.size === 0 ? undefined : this.#types.get(formatType(type))
  }
  add(from: Type, to: Type): void {
    this.#types.set(formatType(from), to)
  }
  copy(): Substitutions {
    return new Substitutions(this.#types)
  }
}

export const isDyn = ({ kind }: Type) => kind === 'dyn' || kind === 'any'
const isDynOrError = (type: Type) => isDyn(type) || type.kind === 'error'

/** The substitutions under which values of one type may stand for the other, or undefined. */
export function assignable(known: Substitutions, from: Type, to: Type): Substitutions | undefined {
  const copy = known.copy()
  return isAssignable(copy, from, to) ? copy : undefined
}
export function assignableAll(
  known: Substitutions,
  from: readonly Type[],
  to: readonly Type[],
): Substitutions | undefined {
  const copy = known.copy()
  return listAssignable(copy, from, to) ? copy : undefined
}

function listAssignable(known: Substitutions, from: readonly Type[], to: readonly Type[]): boolean {
  return from.length === to.length && from.every((type, index) => isAssignable(known, type, to[index]!))
}

function isAssignable(known: Substitutions, a: Type, b: Type): boolean {
  if (b.kind === 'typeParam') {
    const { valid, has } = substitutionFor(known, a, b)
    if (valid) return true
    if (has) return false
  }
  if (a.kind === 'typeParam') return substitutionFor(known, b, a).valid
  if (isDynOrError(a) || isDynOrError(b)) return true
  if (a.kind === 'null') return nullable(b)
  if (b.kind === 'null') return nullable(a)
  switch (a.kind) {
    case 'bool':
    case 'bytes':
    case 'double':
    case 'int':
    case 'string':
    case 'uint':
    case 'duration':
    case 'timestamp':
    case 'struct':
      return b.kind === a.kind && b.name === a.name
    case 'type':
      return b.kind === 'type'
    case 'opaque':
    case 'list':
    case 'map':
      return a.kind === b.kind && a.name === b.name && listAssignable(known, a.params, b.params)
    default:
      return false
  }
}

const nullable = ({ kind }: Type) => ['opaque', 'struct', 'any', 'duration', 'timestamp', 'null'].includes(kind)

/** Whether `b`, or what it stands for, may be `a`; and whether it stands for something. */
function substitutionFor(known: Substitutions, a: Type, b: Type): { valid: boolean; has: boolean } {
  if (sameType(a, b)) return { valid: true, has: true }
  const current = known.find(b)
  if (current !== undefined) {
    if (sameType(a, current)) return { valid: true, has: true }
    if (!isAssignable(known, a, current)) return { valid: false, has: true }
    const general = mostGeneral(a, current)
    if (absentFrom(known, b, general)) known.add(b, general)
    return { valid: true, has: true }
  }
  if (!absentFrom(known, b, a)) return { valid: false, has: false }
  known.add(b, a)
  return { valid: true, has: false }
}

/** The more general of two types that are known to agree. */
export function mostGeneral(a: Type, b: Type): Type {
  return lessSpecific(a, b) ? a : b
}

function lessSpecific(a: Type, b: Type): boolean {
  if (isDyn(a) || a.kind === 'typeParam') return true
  if (isDyn(b) || b.kind === 'typeParam' || a.kind !== b.kind) return false
  switch (a.kind) {
    case 'opaque':
    case 'list':
    case 'map':
      return (
        a.name === b.name &&
        a.params.length === b.params.length &&
        a.params.every((param, index) => lessSpecific(param, b.params[index]!))
      )
    case 'type':
      return true
    default:
      return sameType(a, b)
  }
}

/** The occurs check of unification. */
function absentFrom(known: Substitutions, type: Type, within: Type): boolean {
  if (sameType(type, within)) return false
  if (within.kind === 'typeParam') {
    const current = known.find(within)
    return current === undefined || absentFrom(known, type, current)
  }
  return within.params.every((param) => absentFrom(known, type, param))
}

/** Replaces type parameters; `toDyn`: those that stand for nothing by dyn. */
export function substitute(known: Substitutions, type: Type, toDyn: boolean): Type {
  const current = known.find(type)
  if (current !== undefined) return substitute(known, current, toDyn)
  if (toDyn && type.kind === 'typeParam') return dynType
  if (type.params.length === 0) return type
  const params = type.params.map((param) => substitute(known, param, toDyn))
  switch (type.kind) {
    case 'opaque':
      return opaqueType(type.name, ...params)
    case 'list':
      return listOf(params[0]!)
    case 'map':
      return mapOf(params[0]!, params[1]!)
    case 'type':
      return typeOf(params[0]!)
    default:
      return type
  }
}

/** The names of the type parameters within. */
export function typeParams(type: Type, into: Set<string> = new Set()): Set<string> {
  if (type.kind === 'typeParam') into.add(type.name)
  for (const param of type.params) typeParams(param, into)
  return into
}
