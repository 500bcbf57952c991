import { goQuote } from '../../field-error.ts'
import { parseGoDuration } from '../../go-duration.ts'
import { QuantityError, parseQuantity } from '../../quantity.ts'
import { lastName, planOf, type Plan, type ScalarKind, type StructPlan } from '../../schema/plan.ts'
import type { Schema } from '../../schema/schema.ts'
import { canonicalTime } from '../../time.ts'
import { DecodeError } from '../decode-error.ts'
import { decodeBase64 } from './base64.ts'
import type { JsonNode } from './tree.ts'

/**
 * Reads a value as Go's decoder does (sigs.k8s.io/json), in the order of the text, and tells what upstream would tell:
 * the first type error, else every unknown and duplicate field. The value that it returns fits the schema, but for its
 * order and empty members, which normalize mends.
 */
export function exactDecode(
  text: string,
  root: JsonNode,
  schema: Schema,
): { readonly value: unknown; readonly strictErrors: readonly string[] } {
  const decoder = new ExactDecoder(text, true)
  const value = decoder.decode(root, planOf(schema))
  return { value, strictErrors: decoder.strictErrors }
}

/** encoding/json's UnmarshalTypeError, before it is put into words. */
class TypeMismatch extends DecodeError {
  readonly value: string
  readonly goType: string
  readonly struct: string
  readonly path: readonly string[]

  constructor(value: string, goType: string, struct = '', path: readonly string[] = []) {
    const into = struct !== '' || path.length > 0 ? `struct field ${struct}.${path.join('.')}` : 'value'
    super(`json: cannot unmarshal ${value} into Go ${into} of type ${goType}`)
    this.value = value
    this.goType = goType
    this.struct = struct
    this.path = path
  }
}

type Members = Record<string, unknown>

export const maxStrictErrors = 100

class ExactDecoder {
  readonly #text: string
  readonly #strict: boolean
  /** The struct whose member is being read, and the members on the way to it, Go's embedded structs included. */
  #struct = ''
  #fields: string[] = []
  #path = ''
  #saved: DecodeError | undefined
  readonly #strictErrors = new Set<string>()

  constructor(text: string, strict: boolean) {
    this.#text = text
    this.#strict = strict
  }

  get strictErrors(): readonly string[] {
    return [...this.#strictErrors]
  }

  decode(root: JsonNode, plan: Plan): unknown {
    const value = this.#value(root, plan)
    if (this.#saved) throw this.#saved
    return value
  }

  #value(node: JsonNode, plan: Plan): unknown {
    if (plan.kind === 'any') {
      // Raw values are looked into by nobody.
      if (plan.schema.wrapper === undefined) this.#findDuplicates(node)
      return this.#any(node)
    }
    if (plan.kind === 'schemaOr') return this.#schemaOr(node, plan)
    if (plan.kind === 'scalar') return this.#scalar(node, plan)
    if (node.type === 'null') return null
    switch (plan.kind) {
      case 'struct':
        return node.type === 'object' ? this.#members(node, plan) : this.#mismatch(node, plan)
      case 'map':
        return node.type === 'object' ? this.#map(node, plan) : this.#mismatch(node, plan)
      case 'list':
        return node.type === 'array' ? this.#list(node, plan) : this.#mismatch(node, plan)
    }
  }

  #any(node: JsonNode): unknown {
    this.#checkNumbers(node)
    return JSON.parse(this.#raw(node))
  }

  #findDuplicates(node: JsonNode): void {
    const path = this.#path
    if (node.type === 'array') {
      for (const [at, item] of node.items.entries()) {
        this.#path = `${path}[${at}]`
        this.#findDuplicates(item)
        this.#path = path
      }
    }
    if (node.type !== 'object') return
    const names = new Set<string>()
    for (const [name, member] of node.members) {
      if (names.has(name)) this.#strictError('duplicate', name)
      names.add(name)
      this.#path = path === '' ? name : `${path}.${name}`
      this.#findDuplicates(member)
      this.#path = path
    }
  }

  /** Any number must fit into a float64. */
  #checkNumbers(node: JsonNode): void {
    if (node.type === 'object') for (const [, member] of node.members) this.#checkNumbers(member)
    else if (node.type === 'array') for (const item of node.items) this.#checkNumbers(item)
    else if (node.type === 'number' && !Number.isFinite(Number(node.text))) {
      this.#saved ??= new TypeMismatch(`number ${node.text}`, 'float64')
    }
  }

  #members(node: JsonNode & { type: 'object' }, plan: StructPlan): Members {
    const output: Members = {}
    const struct = this.#struct
    const depth = this.#fields.length
    const path = this.#path
    for (const [name, member] of node.members) {
      const field = plan.byName.get(name)
      if (!field) {
        this.#strictError('unknown', name)
        continue
      }
      if (Object.hasOwn(output, name)) this.#strictError('duplicate', name)
      this.#struct = lastName(plan.schema)
      this.#fields.push(...field.embeddedIn, name)
      this.#path = path === '' ? name : `${path}.${name}`
      output[name] = merge(field.plan, field.pointer, output[name], this.#value(member, field.plan))
      this.#struct = struct
      this.#fields.length = depth
      this.#path = path
    }
    return output
  }

  #map(node: JsonNode & { type: 'object' }, plan: Plan & { kind: 'map' }): Members {
    const output: Members = {}
    const path = this.#path
    for (const [name, member] of node.members) {
      if (Object.hasOwn(output, name)) this.#strictError('duplicate', name)
      this.#path = path === '' ? name : `${path}.${name}`
      const value = this.#value(member, plan.values)
      Object.defineProperty(output, name, { value, enumerable: true, writable: true, configurable: true })
      this.#path = path
    }
    return output
  }

  #list(node: JsonNode & { type: 'array' }, plan: Plan & { kind: 'list' }): unknown[] {
    const path = this.#path
    const output = node.items.map((item, at) => {
      this.#path = `${path}[${at}]`
      return this.#value(item, plan.items)
    })
    this.#path = path
    return output
  }

  /** These are read by UnmarshalJSON methods (apiextensions marshal.go), which decode anew and not strictly. */
  #schemaOr(node: JsonNode, plan: Plan & { kind: 'schemaOr' }): unknown {
    if (node.type === 'object') return this.#anew(node, plan.properties)
    if (node.type === 'bool' && plan.other === 'schemaOrBool') return node.value
    if (plan.other === 'schemaOrBool') {
      if (node.type === 'null') return null
      throw new DecodeError('boolean or JSON schema expected')
    }
    if (node.type !== 'array') return null
    const strings: Plan = { kind: 'scalar', scalar: 'string', schema: { type: 'string' } }
    return node.items.map((item) => this.#anew(item, plan.other === 'schemaOrArray' ? plan.properties : strings))
  }

  #anew(node: JsonNode, plan: Plan): unknown {
    try {
      return new ExactDecoder(this.#text, false).decode(node, plan)
    } catch (error) {
      if (!(error instanceof TypeMismatch)) throw error
      throw new TypeMismatch(error.value, error.goType, this.#struct, [...this.#fields, ...error.path])
    }
  }

  #scalar(node: JsonNode, plan: Plan & { kind: 'scalar' }): unknown {
    const kind = plan.scalar
    switch (kind) {
      case 'quantity':
        return this.#quantity(node)
      case 'intOrString':
        if (node.type === 'string' || node.type === 'null') return node.type === 'null' ? 0 : node.value
        return this.#integer(node, 'int32', true)
      case 'time':
      case 'microTime':
      case 'duration':
        return this.#textual(node, kind)
      default:
        return node.type === 'null' ? null : this.#plain(node, kind, plan)
    }
  }

  #plain(node: JsonNode, kind: ScalarKind, plan: Plan): unknown {
    switch (kind) {
      case 'string':
        return node.type === 'string' ? node.value : this.#mismatch(node, plan)
      case 'boolean':
        return node.type === 'bool' ? node.value : this.#mismatch(node, plan)
      case 'int32':
      case 'int64':
        return node.type === 'number' ? this.#integer(node, goTypeOf(plan), false) : this.#mismatch(node, plan)
      case 'double':
        return node.type === 'number' ? Number(node.text) : this.#mismatch(node, plan)
      default:
        return this.#bytes(node, plan)
    }
  }

  #integer(node: JsonNode, goType: string, fatal: boolean): unknown {
    const limit = goType === 'int32' ? 2n ** 31n : 2n ** 63n
    if (node.type === 'number' && /^-?\d+$/.test(node.text)) {
      const value = BigInt(node.text)
      if (value >= -limit && value < limit) return Number(value)
    }
    const error = this.#typeMismatch(node.type === 'number' ? `number ${node.text}` : node.type, goType)
    if (fatal) throw error
    this.#saved ??= error
    return null
  }

  #bytes(node: JsonNode, plan: Plan): unknown {
    if (node.type === 'array') {
      const octets = node.items.map((item) =>
        item.type === 'number' ? Number(item.text) : item.type === 'null' ? 0 : Number.NaN,
      )
      if (octets.every((octet) => Number.isInteger(octet) && octet >= 0 && octet < 256)) {
        return Buffer.from(octets).toString('base64')
      }
      const bad = node.items.find(({ type }) => type !== 'number' && type !== 'null')
      return this.#save(this.#typeMismatch(bad?.type ?? 'number', 'uint8'))
    }
    if (node.type !== 'string') return this.#mismatch(node, plan)
    const decoded = decodeBase64(node.value)
    return typeof decoded === 'number'
      ? this.#save(new DecodeError(`illegal base64 data at input byte ${decoded}`))
      : Buffer.from(decoded).toString('base64')
  }

  /** Quantity.UnmarshalJSON takes the text between the quotes as it stands. */
  #quantity(node: JsonNode): unknown {
    if (node.type === 'null') return null
    const raw = this.#raw(node)
    const text = (node.type === 'string' ? raw.slice(1, -1) : raw).trim()
    try {
      parseQuantity(text)
      return text
    } catch (error) {
      if (error instanceof QuantityError) throw new DecodeError(error.message)
      throw error
    }
  }

  #textual(node: JsonNode, kind: 'time' | 'microTime' | 'duration'): unknown {
    if (node.type === 'null') return null
    if (node.type !== 'string') throw this.#typeMismatch(node.type, 'string')
    try {
      if (kind === 'duration') parseGoDuration(node.value)
      else canonicalTime(node.value, kind)
      return node.value
    } catch (error) {
      throw new DecodeError((error as Error).message)
    }
  }

  #raw(node: JsonNode): string {
    return this.#text.slice(node.start, node.end)
  }

  #mismatch(node: JsonNode, plan: Plan): null {
    return this.#save(this.#typeMismatch(node.type, goTypeOf(plan)))
  }

  #save(error: DecodeError): null {
    this.#saved ??= error
    return null
  }

  #typeMismatch(value: string, goType: string): TypeMismatch {
    return new TypeMismatch(value, goType, this.#struct, [...this.#fields])
  }

  #strictError(what: 'unknown' | 'duplicate', name: string): void {
    if (!this.#strict || this.#strictErrors.size >= maxStrictErrors) return
    this.#strictErrors.add(`${what} field ${goQuote(this.#path === '' ? name : `${this.#path}.${name}`)}`)
  }
}

/** A member that occurs twice is read into what the first one left: null unsets only what can be nil. */
function merge(plan: Plan, pointer: boolean, first: unknown, second: unknown): unknown {
  if (first === undefined || first === null) return second
  if (second === null) return pointer || plan.kind === 'list' || plan.kind === 'map' ? null : first
  switch (plan.kind) {
    case 'struct': {
      const output: Members = { ...(first as Members) }
      for (const [name, value] of Object.entries(second as Members)) {
        const field = plan.byName.get(name)!
        output[name] = merge(field.plan, field.pointer, output[name], value)
      }
      return output
    }
    case 'map':
      return { ...(first as Members), ...(second as Members) }
    case 'list':
      return (second as unknown[]).map((item, at) => merge(plan.items, false, (first as unknown[])[at], item))
    default:
      return second
  }
}

/** Go's name of the type that a plan reads into: `v1.PodSpec`, `[]string`, `map[string]string`. */
function goTypeOf(plan: Plan): string {
  const { schema } = plan
  if (schema.goType !== undefined) return schema.goType
  if (schema.name !== undefined) return schema.name.split('.').slice(-2).join('.')
  switch (plan.kind) {
    case 'list':
      return `[]${goTypeOf(plan.items)}`
    case 'map':
      return `map[${schema.keyGoType ?? 'string'}]${goTypeOf(plan.values)}`
    case 'scalar':
      return scalarGoTypes[plan.scalar]
    default:
      return 'interface {}'
  }
}

const scalarGoTypes: Record<ScalarKind, string> = {
  string: 'string',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
  bytes: '[]uint8',
  quantity: 'resource.Quantity',
  intOrString: 'intstr.IntOrString',
  time: 'v1.Time',
  microTime: 'v1.MicroTime',
  duration: 'v1.Duration',
}
