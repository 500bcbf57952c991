import type { ResourceDefinition } from '../../api/definition.ts'
import { definitionNamed } from '../../api/schema/facts.ts'
import { isObject, jsonEqual, type JsonObject, type JsonValue } from '../../machinery/json.ts'
import type { GroupVersionKind } from '../../machinery/meta/object.ts'
import type { DefinitionCollector, OpenApiVersion } from './schema-document.ts'

type Draft = Record<string, JsonValue>

/** `com.example.stable.v1.CronTab` (apiextensions pkg/controller/openapi/builder gvkToModelName). */
export function customDefinitionName({ group, version, kind }: GroupVersionKind): string {
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`
}

const apiVersionProperty = {
  type: 'string',
  description:
    'APIVersion defines which version of its schema this object follows. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
}
const kindProperty = {
  type: 'string',
  description:
    'Kind names what this object represents, in CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
}
const metaPrefix = 'io.k8s.apimachinery.pkg.apis.meta.v1.'

/** The definitions of a custom resource and its list, by name. */
export function customDefinitions(
  definition: ResourceDefinition,
  version: OpenApiVersion,
  collector: DefinitionCollector,
): ReadonlyMap<string, JsonObject> {
  const { kind, listKind, resource, openApi } = definition
  const name = customDefinitionName(definition)
  const meta = (of: string, description: string): JsonObject => {
    const reference = collector.add(definitionNamed(metaPrefix + of)!)
    // In v3 what stands beside a reference does not count.
    return version === 'v3' ? { description, allOf: [reference] } : { description, ...reference }
  }
  const gvk = (each: string) => ({
    'x-kubernetes-group-version-kind': [{ group: definition.group, kind: each, version: definition.version }],
    ...(openApi?.selectableFields?.length && {
      'x-kubernetes-selectable-fields': openApi.selectableFields.map((path) => ({
        fieldPath: path.replace(/^\./, ''),
      })),
    }),
  })
  const item = {
    ...objectSchema(openApi?.schema, version, meta('ObjectMeta', "Standard object's metadata.")),
    ...gvk(kind),
  }
  const list = {
    description: `${listKind} is a list of ${kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: apiVersionProperty,
      items: { description: `List of ${resource}.`, type: 'array', items: collector.refer(name) },
      kind: kindProperty,
      metadata: meta('ListMeta', 'Standard list metadata.'),
    },
    ...gvk(listKind),
  }
  return new Map([
    [name, item],
    [customDefinitionName({ ...definition, kind: listKind }), list],
  ])
}

/** Without a schema, or with one that kubectl cannot read, nothing is said of members: kubectl would refuse all others. */
function objectSchema(schema: JsonObject | undefined, version: OpenApiVersion, metadata: JsonObject): JsonObject {
  const open = schema?.['x-kubernetes-preserve-unknown-fields'] === true
  if (!schema || (version === 'v2' && open)) return { type: 'object' }
  const converted = embedded(version === 'v2' ? forV2(schema) : unfolded(schema), version, metadata)
  const properties = isObject(converted.properties) ? (converted.properties as JsonObject) : {}
  return { ...converted, properties: { ...properties, apiVersion: apiVersionProperty, kind: kindProperty, metadata } }
}

const integerOrString: JsonValue = [{ type: 'integer' }, { type: 'string' }]

/** Says of integers or strings that they are either, where their schema does not (pkg/apiserver/schema/unfold.go). */
function unfolded(schema: JsonObject): JsonObject {
  const mapped = mapChildren(schema, unfolded)
  if (schema['x-kubernetes-int-or-string'] !== true) return mapped
  const { anyOf, allOf = [] } = mapped as { readonly anyOf?: JsonValue; readonly allOf?: readonly JsonObject[] }
  if (anyOf === undefined)
    return jsonEqual(allOf[0]?.anyOf, integerOrString) ? mapped : { ...mapped, anyOf: integerOrString }
  if (jsonEqual(anyOf, integerOrString)) return mapped
  return { ...mapped, allOf: [{ anyOf: integerOrString }, ...allOf] }
}

/** Objects within objects have kind, apiVersion and metadata as well. */
function embedded(schema: JsonObject, version: OpenApiVersion, metadata: JsonObject): JsonObject {
  const mapped = mapChildren(schema, (child) => embedded(child, version, metadata))
  if (schema['x-kubernetes-embedded-resource'] !== true) return mapped
  if (version === 'v2' && schema['x-kubernetes-preserve-unknown-fields'] === true) return mapped
  const required = (mapped.required as readonly string[] | undefined) ?? []
  const missing = ['kind', 'apiVersion'].filter((name) => !required.includes(name))
  const properties = isObject(mapped.properties) ? (mapped.properties as JsonObject) : {}
  return {
    ...mapped,
    properties: { ...properties, apiVersion: apiVersionProperty, kind: kindProperty, metadata },
    required: [...required, ...missing],
  }
}

/** What OpenAPI v2, or kubectl reading it, cannot express is left out (apiextensions pkg/controller/openapi/v2). */
function forV2(schema: JsonObject): JsonObject {
  const { allOf: _, anyOf: __, oneOf: ___, not: ____, nullable, default: _____, ...rest } = schema
  const body: Draft = { ...mapChildren(rest, forV2) }
  const open = body['x-kubernetes-preserve-unknown-fields'] === true
  if (nullable === true || open) {
    delete body.items
    delete body.properties
    if (nullable === true || body.type === 'object') delete body.type
  }
  if (body.items === undefined && body.type === 'array') delete body.type
  const properties = isObject(schema.properties) ? (schema.properties as Record<string, JsonObject>) : {}
  const additional = isObject(schema.additionalProperties) ? (schema.additionalProperties as JsonObject) : {}
  if (Array.isArray(body.required)) {
    const kept = (body.required as string[]).filter((name) => properties[name]?.nullable !== true)
    if (kept.length > 0 && additional.nullable !== true) body.required = kept
    else delete body.required
  }
  return body
}

function mapChildren(schema: JsonObject, change: (child: JsonObject) => JsonObject): JsonObject {
  const body: Draft = { ...schema }
  if (isObject(schema.properties)) {
    body.properties = Object.fromEntries(
      Object.entries(schema.properties as Record<string, JsonObject>).map(([name, child]) => [name, change(child)]),
    )
  }
  for (const member of ['items', 'additionalProperties'] as const) {
    if (isObject(schema[member])) body[member] = change(schema[member] as JsonObject)
  }
  return body
}
