import type { Embedded, Field, Schema } from '../../machinery/schema/schema.ts'

/**
 * Reads the table's notation. A struct is a line of fields in Go's order, `name:number:type` and marks:
 *
 *   name:1:string!+ ports:2:[]ContainerPort resources:8:ResourceRequirements! replicas:1:*int32 =2:VolumeSource!
 *
 * `*` pointer, `[]` list, `{}` map by string; `!` always written, `+` required; `=` an embedded struct. A name without a
 * dot is of the same package, else `alias.Name`. What a line cannot say (defaults, patch and list keys) follows in an
 * object by field, with '' for the definition itself. Other types begin with `#`: `#type []string` a named type of Go's,
 * `#enum A|B` a closed set of strings, `#same T` a copy of a struct, else a wrapper of the schema.
 */
export type DefinitionFacts = string | readonly (string | Readonly<Record<string, FieldExtras>>)[]

interface FieldExtras extends Pick<Field, 'default' | 'patchStrategy' | 'patchMergeKey'> {
  readonly listType?: Schema['listType']
  readonly listMapKeys?: Schema['listMapKeys']
  readonly mapType?: Schema['mapType']
  readonly unions?: Schema['unions']
}

export interface DefinitionReader {
  /** By OpenAPI name. */
  named(name: string): Schema | undefined
  /** A struct with apiVersion and kind. */
  kind(alias: string, kind: string): Schema | undefined
}

const scalars: Readonly<Record<string, Schema>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int: { type: 'integer', format: 'int64' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  float64: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
  any: { preserveUnknownFields: true },
}

const wrappers: Readonly<Record<string, Omit<Schema, 'name'>>> = {
  quantity: { type: 'string', format: 'quantity' },
  intOrString: { format: 'int-or-string', intOrString: true },
  time: { type: 'string', format: 'date-time' },
  microTime: { type: 'string', format: 'date-time' },
  duration: { type: 'string' },
  rawExtension: { type: 'object', preserveUnknownFields: true },
  fieldsV1: { type: 'object', preserveUnknownFields: true },
  json: { preserveUnknownFields: true },
  schemaOrArray: {},
  schemaOrBool: {},
  schemaOrStringArray: {},
}

export function definitionReader(
  packages: Readonly<Record<string, readonly [string, string?, string?]>>,
  definitions: Readonly<Record<string, Readonly<Record<string, DefinitionFacts>>>>,
): DefinitionReader {
  const aliases = new Map(Object.entries(packages).map(([alias, [prefix]]) => [prefix, alias]))
  const read = new Map<string, Schema>()
  const types = new Map<string, Schema>()

  const definition = (alias: string, name: string): Schema | undefined => {
    const key = `${alias}.${name}`
    const known = read.get(key)
    if (known) return known
    const mine = definitions[alias]
    if (mine === undefined || !Object.hasOwn(mine, name)) return undefined
    const schema = expand(alias, name, mine[name]!)
    read.set(key, schema)
    return schema
  }

  const required = (alias: string, name: string): Schema => {
    const schema = definition(alias, name)
    if (!schema) throw new Error(`the facts table has no definition ${alias}.${name}`)
    return schema
  }

  const expand = (alias: string, name: string, facts: DefinitionFacts): Schema => {
    const [line, extras] = (typeof facts === 'string' ? [facts] : facts) as [string, Record<string, FieldExtras>?]
    const fullName = `${packages[alias]![0]}.${name}`
    if (!line.startsWith('#')) return struct(alias, fullName, line, extras ?? {})
    const [, form = '', rest = ''] = /^#(\w+) ?(.*)$/.exec(line)!
    const goType = `${alias.split('/').at(-1)}.${name}`
    if (form === 'enum') return { type: 'string', enum: rest.split('|'), goType }
    if (form === 'type') return derived(type(rest, alias), { goType })
    if (form === 'same') return derived(type(rest, alias), { name: fullName })
    const wrapper = form as NonNullable<Schema['wrapper']>
    if (form === 'stringList') return { name: fullName, type: 'array', items: scalars.string, wrapper }
    const schema: Schema = { name: fullName, ...wrappers[form!], wrapper }
    // The other form beside the boolean, list or strings.
    if (form!.startsWith('schemaOr')) lazy(schema, 'items', () => required(alias, 'JSONSchemaProps'))
    return schema
  }

  const struct = (alias: string, name: string, line: string, extras: Record<string, FieldExtras>): Schema => {
    const own = extras['']
    const schema: Schema = { type: 'object', name, ...own }
    let known: Parts | undefined
    const read = () => (known ??= parts(alias, line, extras))
    lazy(schema, 'properties', () => read().properties)
    lazy(schema, 'required', () => (read().required.length > 0 ? read().required : undefined))
    lazy(schema, 'embedded', () => (read().embedded.length > 0 ? read().embedded : undefined))
    return schema
  }

  const parts = (alias: string, line: string, extras: Record<string, FieldExtras>): Parts => {
    const properties = new Map<string, Field>()
    const requiredFields: string[] = []
    const embedded: Embedded[] = []
    for (const token of line === '' ? [] : line.split(' ')) {
      const { name, number, text, always, isRequired } = split(token)
      if (token.startsWith('=')) {
        const inner = type(text, alias)
        embedded.push({ number, schema: inner })
        for (const [each, field] of inner.properties ?? []) properties.set(each, { ...field, number: undefined })
        requiredFields.push(...(inner.required ?? []))
        continue
      }
      const { listType, listMapKeys, mapType, unions: _, ...more } = extras[name] ?? {}
      const pointer = text.startsWith('*')
      let schema = type(pointer ? text.slice(1) : text, alias)
      if (listType ?? listMapKeys ?? mapType) {
        schema = derived(schema, {
          ...(listType && { listType }),
          ...(listMapKeys && { listMapKeys }),
          ...(mapType && { mapType }),
        })
      }
      properties.set(name, { schema, number, ...more, always: always || undefined, pointer: pointer || undefined })
      if (isRequired) requiredFields.push(name)
    }
    return { properties, required: requiredFields, embedded }
  }

  const type = (text: string, alias: string): Schema => {
    const scalar = scalars[text]
    if (scalar) return scalar
    const key = `${alias} ${text}`
    const known = types.get(key)
    if (known) return known
    let schema: Schema
    if (text.startsWith('[]')) schema = withInner({ type: 'array' }, 'items', text.slice(2), alias)
    else if (text.startsWith('{')) {
      const end = text.indexOf('}')
      const keyGoType = text.slice(1, end)
      schema = withInner(
        { type: 'object', ...(keyGoType !== '' && { keyGoType }) },
        'values',
        text.slice(end + 1),
        alias,
      )
    } else {
      const dot = text.lastIndexOf('.')
      schema = dot < 0 ? required(alias, text) : required(text.slice(0, dot), text.slice(dot + 1))
    }
    types.set(key, schema)
    return schema
  }

  const withInner = (schema: Schema, member: 'items' | 'values', text: string, alias: string): Schema => {
    lazy(schema, member, () => type(text, alias))
    return schema
  }

  return {
    named(name) {
      const dot = name.lastIndexOf('.')
      const alias = aliases.get(name.slice(0, dot))
      return alias === undefined ? undefined : definition(alias, name.slice(dot + 1))
    },
    kind(alias, kind) {
      const schema = definition(alias, kind)
      return schema && isKind(schema) ? schema : undefined
    },
  }
}

/** Whether a definition embeds TypeMeta, and not only has members of those names, as references to objects do. */
export function isKind(schema: Schema): boolean {
  return schema.embedded?.some(({ schema: inner }) => inner.name === typeMeta) ?? false
}
const typeMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.TypeMeta'

interface Parts {
  readonly properties: ReadonlyMap<string, Field>
  readonly required: readonly string[]
  readonly embedded: readonly Embedded[]
}

function split(token: string): { name: string; number?: number; text: string; always: boolean; isRequired: boolean } {
  let end = token.length
  const isRequired = token[end - 1] === '+'
  if (isRequired) end--
  const always = token[end - 1] === '!'
  if (always) end--
  const last = token.lastIndexOf(':')
  // An embedded struct has no name: `=2:VolumeSource`.
  const first = token.startsWith('=') ? 0 : token.lastIndexOf(':', last - 1)
  const number = token.slice(first + 1, last)
  return {
    name: token.slice(0, first),
    number: number === '' ? undefined : Number(number),
    text: token.slice(last + 1, end),
    always,
    isRequired,
  }
}

/** A copy with other list or map semantics, whose inner schemas are still read on demand. */
function derived(schema: Schema, changes: Partial<Schema>): Schema {
  const copy = Object.create(null) as Schema
  for (const [member, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(schema))) {
    if (descriptor.get) lazy(copy, member as keyof Schema, () => schema[member as keyof Schema])
    else Object.defineProperty(copy, member, descriptor)
  }
  return Object.assign(copy, changes)
}

/** A member that is computed at its first use; recursive definitions (JSONSchemaProps) need no end. */
function lazy(target: object, member: string, compute: () => unknown): void {
  Object.defineProperty(target, member, {
    enumerable: true,
    configurable: true,
    get() {
      const value = compute()
      Object.defineProperty(target, member, { value, enumerable: true })
      return value
    },
  })
}
