import { definitionNamed } from '../../api/schema/facts.ts'
import type { Field, Schema } from '../../machinery/schema/schema.ts'
import type { JsonObject, JsonValue } from '../../machinery/json.ts'
import { descriptions } from './descriptions.ts'

/** The two forms of OpenAPI that an API server publishes. */
export type OpenApiVersion = 'v2' | 'v3'

type Draft = Record<string, JsonValue>

const referencePrefix: Record<OpenApiVersion, string> = { v2: '#/definitions/', v3: '#/components/schemas/' }

/** Definitions that a document refers to: what `add` is called with, and all that those refer to. */
export class DefinitionCollector {
  readonly #version: OpenApiVersion
  readonly #enums: boolean
  readonly #gvksOf: (name: string) => readonly JsonObject[]
  readonly definitions = new Map<string, JsonObject>()

  /**
   * `gvksOf`: the kinds that a definition stands for (x-kubernetes-group-version-kind); `enums`: whether it is told which
   * values a member may have (OpenAPIEnums).
   */
  constructor(version: OpenApiVersion, gvksOf: (name: string) => readonly JsonObject[], enums: boolean) {
    this.#enums = enums
    this.#version = version
    this.#gvksOf = gvksOf
  }

  /** Takes in a named definition and gives a reference to it. */
  add(schema: Schema): JsonObject {
    const name = schema.name!
    if (!this.definitions.has(name)) {
      this.definitions.set(name, {})
      // A property may have made a copy with list or map semantics of its own.
      this.definitions.set(name, this.#definition(name, definitionNamed(name) ?? schema))
    }
    return this.refer(name)
  }

  /** Takes in a definition that is JSON already (a custom resource's). */
  addDocument(name: string, document: JsonObject): void {
    this.definitions.set(name, document)
  }

  refer(name: string): JsonObject {
    return { $ref: referencePrefix[this.#version] + name }
  }

  #definition(name: string, schema: Schema): JsonObject {
    const body = schema.wrapper ? this.#wrapper(schema) : this.#struct(schema, descriptions[name] ?? {})
    const gvks = this.#gvksOf(name)
    return gvks.length > 0 ? { ...body, 'x-kubernetes-group-version-kind': gvks } : body
  }

  /** Types that are one value in JSON (the OpenAPISchemaType methods of upstream's types). */
  #wrapper(schema: Schema): JsonObject {
    const v3 = this.#version === 'v3'
    switch (schema.wrapper!) {
      case 'quantity':
        return v3 ? { oneOf: [{ type: 'string' }, { type: 'number' }] } : { type: 'string' }
      case 'intOrString':
        return v3
          ? { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] }
          : { format: 'int-or-string', type: 'string' }
      case 'time':
      case 'microTime':
        return { format: 'date-time', type: 'string' }
      case 'duration':
        return { type: 'string' }
      case 'rawExtension':
      case 'fieldsV1':
        return { type: 'object' }
      case 'stringList':
        return { type: 'array', items: { type: 'string' } }
      default:
        return {}
    }
  }

  #struct(schema: Schema, texts: Readonly<Record<string, string>>): JsonObject {
    const body: Draft = texts[''] === undefined ? {} : { description: texts[''] }
    const properties: Draft = {}
    for (const [name, field] of sortedEntries(schema.properties ?? new Map())) {
      const property = this.#property(name, field)
      properties[name] = texts[name] === undefined ? property : { description: texts[name], ...property }
    }
    if (Object.keys(properties).length > 0) body.properties = properties
    if (schema.required?.length) body.required = schema.required
    body.type = 'object'
    addExtensions(body, schema)
    return body
  }

  #property(name: string, field: Field): JsonObject {
    const { schema } = field
    const body: Draft = isReference(schema) ? this.#referenceProperty(name, schema) : { ...this.#inline(schema) }
    const value = field.default ?? zeroDefault(field)
    // OpenAPI v2 has no defaults, since old kubectl would have filled them in (kube-openapi pkg/openapiconv).
    if (value !== undefined && this.#version === 'v3') body.default = value as JsonValue
    if (field.patchMergeKey !== undefined) body['x-kubernetes-patch-merge-key'] = field.patchMergeKey
    if (field.patchStrategy !== undefined) body['x-kubernetes-patch-strategy'] = field.patchStrategy
    addExtensions(body, schema, isReference(schema))
    return body
  }

  /** In v3 a property that has a text or a default of its own wraps its reference; few have neither. */
  #referenceProperty(name: string, schema: Schema): Draft {
    const target = this.add(schema)
    const bare =
      this.#version === 'v2' || ((target.$ref as string).includes('.apiextensions.v1.') && undescribed.has(name))
    return bare ? { ...target } : { allOf: [target] }
  }

  #inline(schema: Schema): JsonObject {
    if (isReference(schema)) return this.add(schema)
    if (schema.items) return { type: 'array', items: this.#inline(schema.items) }
    if (schema.values) return { type: 'object', additionalProperties: this.#inline(schema.values) }
    const body: Draft = {}
    if (schema.type !== undefined) body.type = schema.type
    if (schema.format !== undefined) body.format = schema.format
    if (schema.enum && this.#enums) body.enum = [...(schema.enum as readonly string[])].sort()
    return body
  }
}

/** Members of JSONSchemaProps that upstream says nothing of. */
const undescribed = new Set(['additionalItems', 'additionalProperties', 'example', 'externalDocs', 'items', 'not'])

/** Lists of strings that are messages in protobuf are plain lists in OpenAPI. */
function isReference(schema: Schema): boolean {
  return schema.name !== undefined && schema.wrapper !== 'stringList'
}

function addExtensions(body: Draft, schema: Schema, referenced = false): void {
  if (schema.listType) body['x-kubernetes-list-type'] = schema.listType
  if (schema.listMapKeys) body['x-kubernetes-list-map-keys'] = schema.listMapKeys
  // A definition says this itself; a property only where it differs (the facts table derives it then).
  if (schema.mapType && !(referenced && schema.mapType === 'atomic')) body['x-kubernetes-map-type'] = schema.mapType
  if (schema.unions && !referenced) {
    body['x-kubernetes-unions'] = schema.unions.map((union) => ({
      ...(union.discriminator !== undefined && { discriminator: union.discriminator }),
      'fields-to-discriminateBy': union.fieldsToDiscriminateBy ?? {},
    }))
  }
}

/** Go's zero value stands as the default of what is no pointer (kube-openapi pkg/generators). */
function zeroDefault({ schema, always, pointer }: Field): unknown {
  if (pointer) return undefined
  if (schema.properties) return {}
  if (!always || schema.wrapper || schema.format === 'byte') return undefined
  switch (schema.type) {
    case 'string':
      return ''
    case 'boolean':
      return false
    case 'integer':
    case 'number':
      return 0
    default:
      return undefined
  }
}

function sortedEntries(map: ReadonlyMap<string, Field>): [string, Field][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1))
}
