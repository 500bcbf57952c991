import type { GoField, GoStruct, GoType } from './go-types.ts'
import type { OpenApiSchema } from './openapi.ts'
import type { ApiPackage } from './packages.ts'
import type { ProtoField } from './proto.ts'

/** One definition in the table's notation, which src/api/schema/facts.ts explains and reads. */
export type DefinitionFacts = string | readonly [string, Readonly<Record<string, unknown>>]

/** Types whose JSON is written by hand in Go (MarshalJSON), with the name of the schema's wrapper. */
const wrappers: Readonly<Record<string, string>> = {
  'k8s.io/apimachinery/pkg/api/resource.Quantity': 'quantity',
  'k8s.io/apimachinery/pkg/util/intstr.IntOrString': 'intOrString',
  'k8s.io/apimachinery/pkg/apis/meta/v1.Time': 'time',
  'k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime': 'microTime',
  'k8s.io/apimachinery/pkg/apis/meta/v1.Duration': 'duration',
  'k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1': 'fieldsV1',
  'k8s.io/apimachinery/pkg/runtime.RawExtension': 'rawExtension',
  'k8s.io/apimachinery/pkg/runtime.Unknown': 'rawExtension',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSON': 'json',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrArray': 'schemaOrArray',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrBool': 'schemaOrBool',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrStringArray': 'schemaOrStringArray',
}

export class DefinitionWriter {
  readonly #packages: ReadonlyMap<string, ApiPackage>
  readonly #openApi: ReadonlyMap<string, OpenApiSchema>
  readonly #borrowed = new Map<string, OpenApiSchema>()
  readonly problems: string[] = []

  constructor(packages: ReadonlyMap<string, ApiPackage>, openApi: ReadonlyMap<string, OpenApiSchema>) {
    this.#packages = packages
    this.#openApi = openApi
    this.#borrow()
  }

  /** Structs that are only embedded are not published: their facts stand with the struct that embeds them. */
  #borrow(): void {
    for (const from of this.#packages.values()) {
      for (const [name, declaration] of from.types) {
        const schema = this.#openApi.get(`${from.prefix}.${name}`)
        if (schema && declaration.is === 'struct') this.#borrowInto(declaration, schema)
      }
    }
  }

  #borrowInto(struct: GoStruct, schema: OpenApiSchema): void {
    for (const field of struct.fields) {
      if (field.json !== '') continue
      const type = this.resolve(field.type.is === 'pointer' ? field.type.to : field.type)
      if (type.is !== 'named') continue
      const from = this.#packages.get(type.package)
      const inner = from?.types.get(type.name)
      if (inner?.is !== 'struct' || this.#openApi.has(`${from!.prefix}.${type.name}`)) continue
      this.#borrowed.set(`${from!.prefix}.${type.name}`, schema)
      this.#borrowInto(inner, schema)
    }
  }

  #schemaOf(from: ApiPackage, name: string): OpenApiSchema | undefined {
    return this.#openApi.get(`${from.prefix}.${name}`) ?? this.#borrowed.get(`${from.prefix}.${name}`)
  }

  /** The facts of a type, and the types it refers to; undefined for an alias that needs no entry of its own. */
  write(from: ApiPackage, name: string): { facts: DefinitionFacts; refers: GoType[] } | undefined {
    const wrapper = wrappers[`${from.path}.${name}`]
    if (wrapper !== undefined) {
      const refers = wrapper.startsWith('schemaOr')
        ? [{ is: 'named', package: from.path, name: 'JSONSchemaProps' } as const]
        : []
      return { facts: `#${wrapper}`, refers }
    }
    const declaration = from.types.get(name)
    if (declaration === undefined) {
      this.problems.push(`${from.path}.${name}: no such type`)
      return undefined
    }
    if (declaration.is === 'alias') {
      if (declaration.enum) return { facts: `#enum ${declaration.enum.join('|')}`, refers: [] }
      if (from.messages.has(name) && declaration.of.is === 'list') return { facts: '#stringList', refers: [] }
      const form = from.messages.has(name) ? 'same' : 'type'
      const { text, named } = this.#text(from, declaration.of)
      return { facts: `#${form} ${text}`, refers: named ? [named] : [] }
    }
    return this.#struct(from, name, declaration)
  }

  #struct(from: ApiPackage, name: string, struct: GoStruct): { facts: DefinitionFacts; refers: GoType[] } {
    const schema = this.#schemaOf(from, name)
    const published = this.#openApi.get(`${from.prefix}.${name}`)
    const required = new Set(schema?.required)
    const extras: Record<string, unknown> = {}
    const own = definitionExtras(published)
    if (own) extras[''] = own
    const refers: GoType[] = []
    const tokens = struct.fields.map((field) => {
      const { token, named } = this.#token(from, field)
      if (named) refers.push(named)
      const openApi = schema?.properties?.[field.json]
      const more = fieldExtras(field, openApi, token)
      if (more) extras[field.json] = more
      return `${field.json === '' ? `=${token}` : `${field.json}:${token}`}${required.has(field.json) ? '+' : ''}`
    })
    this.#checkProperties(from, name, struct, published)
    this.#checkMessage(from, name, struct, from.messages.get(name))
    const line = tokens.join(' ')
    return { facts: Object.keys(extras).length > 0 ? [line, extras] : line, refers }
  }

  #token(from: ApiPackage, field: GoField): { token: string; named?: GoType } {
    const { text, named } = this.#text(from, field.type)
    const type = this.resolve(field.type)
    const structure = type.is === 'named' && this.#isStruct(type)
    // Go's omitempty never leaves out a struct; omitzero does.
    const always = !field.omitzero && (structure || !field.omitempty)
    return { token: `${field.number ?? ''}:${text}${always ? '!' : ''}`, named }
  }

  #text(from: ApiPackage, goType: GoType): { text: string; named?: GoType } {
    let type = this.#sameAs(goType)
    let prefix = ''
    for (;;) {
      if (type.is === 'pointer') prefix += '*'
      else if (type.is === 'list') prefix += '[]'
      else if (type.is === 'map') prefix += `{${this.#keyText(type.key)}}`
      else break
      type = this.#sameAs(type.is === 'pointer' ? type.to : type.of)
    }
    return type.is === 'named'
      ? { text: prefix + this.#reference(from, type), named: type }
      : { text: prefix + type.scalar }
  }

  /** Go's name of a key's type as its decoder tells it; nothing for plain strings. */
  #keyText(key: GoType): string {
    if (key.is !== 'named') return ''
    return `${this.#packages.get(key.package)?.alias.split('/').at(-1)}.${key.name}`
  }

  /** Follows other names of the same type. */
  #sameAs(type: GoType): GoType {
    if (type.is !== 'named') return type
    const declaration = this.#packages.get(type.package)?.types.get(type.name)
    return declaration?.is === 'alias' && declaration.same ? this.#sameAs(declaration.of) : type
  }

  /** Follows named types to what they are made of: `ResourceList` → map of Quantity. */
  resolve(type: GoType): GoType {
    if (type.is !== 'named') return type
    const from = this.#packages.get(type.package)
    const declaration = from?.types.get(type.name)
    if (declaration?.is !== 'alias' || declaration.enum || from!.messages.has(type.name)) return type
    return this.resolve(declaration.of)
  }

  #isStruct(type: GoType & { is: 'named' }): boolean {
    return this.#packages.get(type.package)?.types.get(type.name)?.is !== 'alias'
  }

  #reference(from: ApiPackage, type: GoType & { is: 'named' }): string {
    if (type.package === from.path) return type.name
    const target = this.#packages.get(type.package)
    if (!target) this.problems.push(`${from.path}: refers to ${type.package}.${type.name}, which is not read`)
    return `${target?.alias}.${type.name}`
  }

  /** The members as JSON has them, embedded structs flattened. */
  flatten(struct: GoStruct): string[] {
    return struct.fields.flatMap((field) => {
      if (field.json !== '') return [field.json]
      const type = this.resolve(field.type.is === 'pointer' ? field.type.to : field.type)
      const inner = type.is === 'named' ? this.#packages.get(type.package)?.types.get(type.name) : undefined
      return inner?.is === 'struct' ? this.flatten(inner) : []
    })
  }

  #checkProperties(from: ApiPackage, name: string, struct: GoStruct, schema: OpenApiSchema | undefined): void {
    if (!schema) return
    const ours = this.flatten(struct).sort().join(' ')
    const theirs = Object.keys(schema.properties ?? {})
      .sort()
      .join(' ')
    if (ours !== theirs) this.problems.push(`${from.prefix}.${name}: Go has {${ours}}, OpenAPI {${theirs}}`)
  }

  #checkMessage(from: ApiPackage, name: string, struct: GoStruct, message: readonly ProtoField[] | undefined): void {
    if (!message) return
    const ours = struct.fields
      .filter(({ number }) => number !== undefined)
      .map((field) => `${field.number}:${this.#protoType(from, field.type)}`)
      .sort()
    const theirs = message.map(({ number, repeated, type }) => `${number}:${repeated ? 'repeated ' : ''}${type}`).sort()
    if (ours.join() !== theirs.join()) {
      this.problems.push(`${from.prefix}.${name}: Go has ${ours.join()}, its .proto ${theirs.join()}`)
    }
  }

  #protoType(from: ApiPackage, unresolved: GoType): string {
    const type = this.resolve(unresolved)
    switch (type.is) {
      case 'pointer':
        return this.#protoType(from, type.to)
      case 'list':
        return `repeated ${this.#protoType(from, type.of)}`
      case 'map':
        return `map<string, ${this.#protoType(from, type.of)}>`
      case 'scalar':
        return type.scalar === 'float64' ? 'double' : type.scalar
      case 'named': {
        const declaration = this.#packages.get(type.package)?.types.get(type.name)
        if (declaration?.is === 'alias' && declaration.enum) return 'string'
        const name = type.package === from.path ? type.name : `.${type.package.replaceAll('/', '.')}.${type.name}`
        return name
      }
    }
  }
}

function definitionExtras(schema: OpenApiSchema | undefined): Record<string, unknown> | undefined {
  if (!schema) return undefined
  const extras: Record<string, unknown> = {}
  if (schema['x-kubernetes-map-type']) extras.mapType = schema['x-kubernetes-map-type']
  if (schema['x-kubernetes-unions']) {
    extras.unions = schema['x-kubernetes-unions'].map((union) => ({
      discriminator: union.discriminator,
      fieldsToDiscriminateBy: union['fields-to-discriminateBy'],
    }))
  }
  return Object.keys(extras).length > 0 ? extras : undefined
}

function fieldExtras(
  field: GoField,
  schema: OpenApiSchema | undefined,
  token: string,
): Record<string, unknown> | undefined {
  const extras: Record<string, unknown> = {}
  const value = schema?.default
  // The zero value as the default of what is no pointer and always written follows from the Go type.
  const zero = ['', 0, false].includes(value as string) || JSON.stringify(value) === '{}'
  if (value !== undefined && !(zero && /:[^*]*!$/.test(token))) extras.default = value
  const { patchStrategy, patchMergeKey } = field
  if (patchStrategy) extras.patchStrategy = patchStrategy
  if (patchMergeKey) extras.patchMergeKey = patchMergeKey
  if (schema?.['x-kubernetes-list-type']) extras.listType = schema['x-kubernetes-list-type']
  if (schema?.['x-kubernetes-list-map-keys']) extras.listMapKeys = schema['x-kubernetes-list-map-keys']
  if (schema?.['x-kubernetes-map-type']) extras.mapType = schema['x-kubernetes-map-type']
  return Object.keys(extras).length > 0 ? extras : undefined
}
