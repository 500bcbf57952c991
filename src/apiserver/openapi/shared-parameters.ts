import { createHash } from 'node:crypto'
import { isObject, type JsonObject, type JsonValue } from '../../machinery/json.ts'

const prefix = '#/parameters/'
const methods: readonly string[] = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch']

/**
 * A document of version 2 in which parameters that many operations have are said once and referred to
 * (kube-openapi pkg/builder/parameters.go). Not those that clients look for in their places, or that are of one kind.
 */
export function withSharedParameters(document: JsonObject): JsonObject {
  const shared = new Map<string, JsonValue>()
  const refer = (parameter: JsonValue): JsonValue => {
    if (!isShared(parameter as JsonObject)) return parameter
    const text = JSON.stringify(parameter)
    const name = `${(parameter as JsonObject)['name'] as string}-${createHash('sha256').update(text).digest('base64url').slice(0, 8)}`
    shared.set(name, parameter)
    return { $ref: prefix + name }
  }
  const paths = mapParameters(document['paths'] as JsonObject, refer)
  const parameters = Object.fromEntries([...shared].sort(([a], [b]) => (a < b ? -1 : 1)))
  return { ...document, paths, parameters }
}

/** The same document with every parameter in its place. */
export function withOwnParameters(document: JsonObject): JsonObject {
  const { parameters: shared, paths = {}, ...rest } = document
  if (!isObject(shared) || !isObject(paths)) return document
  const place = (parameter: JsonValue): JsonValue => {
    const reference = isObject(parameter) ? parameter['$ref'] : undefined
    if (typeof reference !== 'string' || !reference.startsWith(prefix)) return parameter
    return ((shared as JsonObject)[reference.slice(prefix.length)] ?? parameter) as JsonValue
  }
  return { ...rest, paths: mapParameters(paths as JsonObject, place) }
}

function mapParameters(paths: JsonObject, change: (parameter: JsonValue) => JsonValue): JsonObject {
  const changed = (holder: JsonObject): JsonObject =>
    Array.isArray(holder['parameters']) ? { ...holder, parameters: holder['parameters'].map(change) } : holder
  return mapMembers(paths, (item) =>
    mapMembers(changed(item as JsonObject), (member, name) =>
      methods.includes(name) ? changed(member as JsonObject) : member,
    ),
  )
}

function mapMembers(object: JsonObject, change: (value: JsonValue, name: string) => JsonValue): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)]))
}

function isShared({ name, in: place, schema }: JsonObject): boolean {
  if (place === 'body') {
    const reference = isObject(schema) ? schema['$ref'] : undefined
    return name !== 'body' || String(reference ?? '').startsWith('#/definitions/io.k8s.apimachinery')
  }
  if (name === 'name') return false
  return !(place === 'query' && (name === 'fieldValidation' || name === 'dryRun'))
}
