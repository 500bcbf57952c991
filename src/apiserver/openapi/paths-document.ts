import type { JsonObject, JsonValue } from '../../machinery/json.ts'
import type { GroupVersionKind } from '../../machinery/meta/object.ts'
import type { Operation } from './operation.ts'
import { pathParameters, queryParameters } from './parameters.ts'
import type { OpenApiVersion } from './schema-document.ts'

/** Gives a reference to the definition of a kind, taking it into the document. */
export type ReferTo = (kind: GroupVersionKind) => JsonObject

type Draft = Record<string, JsonValue>

const plainTypes = ['application/json', 'application/yaml']
const protobufType = 'application/vnd.kubernetes.protobuf'
const streamTypes = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]
const codeTexts: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' }

/** The `paths` of a document, each with its operations (kube-openapi pkg/builder, pkg/builder3). */
export function pathsDocument(operations: readonly Operation[], version: OpenApiVersion, referTo: ReferTo): JsonObject {
  const byPath = new Map<string, Operation[]>()
  for (const operation of operations) byPath.set(operation.path, [...(byPath.get(operation.path) ?? []), operation])
  const paths: Draft = {}
  for (const path of [...byPath.keys()].sort()) paths[path] = pathItem(path, byPath.get(path)!, version, referTo)
  return paths
}

function pathItem(
  path: string,
  operations: readonly Operation[],
  version: OpenApiVersion,
  referTo: ReferTo,
): JsonObject {
  // What all operations of a path have in common is said once.
  const common = operations[0]!.query.filter((name) => operations.every(({ query }) => query.includes(name)))
  const item: Draft = {}
  for (const operation of operations) {
    const own = operation.query.filter((name) => !common.includes(name))
    item[operation.method] = operationDocument(operation, own, version, referTo)
  }
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
  const kind = operations[0]!.gvk.kind
  const places = [
    ...common.map((name) => ({ name, place: 'query' as const })),
    ...names.map((name) => ({ name, place: 'path' as const })),
  ].sort((a, b) => compare(a.name, b.name) || compare(a.place, b.place))
  const parameters = places.map(({ name, place }) => parameter(name, place, version, kind))
  if (parameters.length > 0) item.parameters = parameters
  return item
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function parameter(name: string, place: 'path' | 'query', version: OpenApiVersion, kind: string): JsonObject {
  const known = place === 'query' ? queryParameters[name] : undefined
  const description = known?.description ?? pathParameters[name] ?? `The name of the ${kind}.`
  const type = known?.type ?? 'string'
  const required: JsonObject = place === 'path' ? { required: true } : {}
  return version === 'v2'
    ? { uniqueItems: true, type, description, name, in: place, ...required }
    : { name, in: place, description, ...required, schema: { type, uniqueItems: true } }
}

function operationDocument(
  operation: Operation,
  query: readonly string[],
  version: OpenApiVersion,
  referTo: ReferTo,
): JsonObject {
  const { description, tag, operationId, action, gvk, kind } = operation
  const body: Draft = { description, tags: [tag], operationId }
  const parameters: JsonValue[] = query.map((name) => parameter(name, 'query', version, gvk.kind))
  if (operation.body) addBody(body, parameters, operation, version, referTo)
  if (parameters.length > 0) body.parameters = parameters
  const schema = answerSchema(operation, referTo)
  const types = answerTypes(operation)
  const responses: Draft = {}
  for (const code of operation.codes) {
    const text = codeTexts[code]!
    responses[code] =
      version === 'v2'
        ? { description: text, schema }
        : { description: text, content: Object.fromEntries(types.map((type) => [type, { schema }])) }
  }
  responses[401] = { description: 'Unauthorized' }
  body.responses = responses
  if (version === 'v2') {
    body.consumes = operation.body === 'patch' ? patchTypesOf(operation) : ['*/*']
    body.produces = types
    body.schemes = ['https']
  }
  body['x-kubernetes-action'] = action
  if (kind || action === 'connect' || operation.answer === 'text') {
    body['x-kubernetes-group-version-kind'] = { group: gvk.group, kind: gvk.kind, version: gvk.version }
  }
  return body
}

function addBody(
  into: Draft,
  parameters: JsonValue[],
  operation: Operation,
  version: OpenApiVersion,
  referTo: ReferTo,
): void {
  const schema =
    operation.body === 'object'
      ? referTo(operation.kind!)
      : referTo(machinery(operation.body === 'patch' ? 'Patch' : 'DeleteOptions'))
  const required = operation.body !== 'deleteOptions'
  if (version === 'v2') {
    parameters.unshift({ name: 'body', in: 'body', ...(required && { required }), schema })
    return
  }
  const types = operation.body === 'patch' ? patchTypesOf(operation) : ['*/*']
  into.requestBody = {
    content: Object.fromEntries(types.map((type) => [type, { schema }])),
    ...(required && { required }),
  }
}

function patchTypesOf({ custom }: Operation): string[] {
  return custom ? patchTypes.filter((type) => !type.includes('strategic')) : patchTypes
}

/** Kinds of the machinery are defined in meta/v1, whatever group they are used in. */
export const machinery = (kind: string): GroupVersionKind => ({ group: 'meta.k8s.io', version: 'v1', kind })

function answerSchema(operation: Operation, referTo: ReferTo): JsonObject {
  switch (operation.answer) {
    case 'list':
      return referTo(operation.listKind)
    case 'status':
      return referTo(machinery('Status'))
    case 'watchEvent':
      return referTo(machinery('WatchEvent'))
    case 'text':
    case 'stream':
      return { type: 'string' }
    default:
      return referTo(operation.kind!)
  }
}

function answerTypes({ answer, protobuf }: Operation): string[] {
  if (answer === 'stream') return ['*/*']
  const types = protobuf ? [...plainTypes, protobufType] : [...plainTypes]
  if (answer === 'text') return ['text/plain', ...types]
  if (answer === 'list' || answer === 'watchEvent') return protobuf ? [...types, ...streamTypes] : types
  return types
}
