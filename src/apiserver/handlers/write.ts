import type { ResourceDefinition } from '../../api/definition.ts'
import { strictDecodingMessage } from '../../machinery/codec/decode-error.ts'
import { badRequest, invalid } from '../../machinery/errors.ts'
import { goQuote, type FieldError } from '../../machinery/field-error.ts'
import type { Draft } from '../../machinery/json.ts'
import { parseApiVersion, type KubeObject } from '../../machinery/meta/object.ts'
import { managerName } from '../../machinery/patch/apply/index.ts'
import { validateWriteOptions } from '../../machinery/validation/request-options.ts'
import type { AdmissionAttributes, Operation } from '../admission/plugin.ts'
import { decodeObject, inputMediaType, type BodyKind } from '../negotiation/decode-body.ts'
import { allMediaTypes, withoutProtobuf } from '../negotiation/media-type.ts'
import type { WriteScope } from '../registry/write-scope.ts'
import type { RequestContext } from '../request-context.ts'
import { outgoingTrace } from '../../machinery/tracing/trace-context.ts'
import { parseWriteOptions, type WriteOptions } from './query-options.ts'
import type { Resource } from './resource.ts'
import type { HandlerServices } from './services.ts'

/** What create, update and patch have in common: options, decoding, admission attributes. */
export interface Write {
  readonly context: RequestContext
  readonly resource: Resource
  readonly services: HandlerServices
  readonly options: WriteOptions
  readonly dryRun: boolean
  readonly manager: string
  readonly scope: WriteScope
  readonly warn: (text: string) => void
}

export function beginWrite(
  context: RequestContext,
  resource: Resource,
  services: HandlerServices,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
): Write {
  const options = parseWriteOptions(context.request.query)
  if (kind !== 'PatchOptions') refuse(kind, validateWriteOptions(options))
  const warn = (text: string) => void context.warnings.add(text)
  const dryRun = options.dryRun.length > 0
  const { info, user } = context
  const namespace = resource.definition.namespaced ? info.namespace : ''
  return {
    context,
    resource,
    services,
    options,
    dryRun,
    manager: managerName(options.fieldManager, context.request.headers['user-agent']),
    scope: {
      user,
      namespace,
      subresource: info.subresource,
      verb: info.verb,
      dryRun,
      warn,
      requested: resource.definition,
    },
    warn,
  }
}

export function refuse(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors)
}

/** Decodes the body as an object of the kind; unknown and duplicate fields warn or refuse as the client asked. */
export async function readObject(write: Write, as: BodyKind): Promise<Draft<KubeObject>> {
  const { context, options, services } = write
  const mediaTypes = as.protobuf ? allMediaTypes : withoutProtobuf
  const mediaType = inputMediaType(context.request.headers['content-type'], mediaTypes)
  const body = await context.request.body()
  const { object, strictErrors, refused } = await decodeObject(body, mediaType, as, services.isKnownKind)
  context.audit?.sent(object)
  if (strictErrors.length === 0 && refused === undefined) return object
  const directive = options.fieldValidation || 'Warn'
  if (directive === 'Strict' && strictErrors.length > 0) {
    const why = strictDecodingMessage(strictErrors)
    const { version } = parseApiVersion(object.apiVersion ?? '')
    throw badRequest(`${object.kind} in version ${goQuote(version)} cannot be handled as a ${as.kind}: ${why}`)
  }
  if (directive === 'Warn') for (const text of strictErrors.flatMap(warningLines)) write.warn(text)
  if (refused !== undefined) throw refused
  return object
}

/** What a YAML reader complains of in one error is a warning each (handlers/rest.go, parseYAMLWarnings). */
function warningLines(error: string): string[] {
  const lines = error.split('\n')
  return lines.length === 1 ? lines : lines.slice(1).map((line) => line.trim())
}

/** The name and namespace in a body must be those of the path (handlers/rest.go, checkName). */
export function checkName(object: KubeObject, name: string, namespace: string): void {
  const { name: objectName = '', namespace: objectNamespace = '' } = object.metadata
  if (objectName === '')
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  if (objectName !== name) {
    throw badRequest(`the name of the object (${objectName}) does not match the name on the URL (${name})`)
  }
  if (namespace !== '' && objectNamespace !== '' && objectNamespace !== namespace) {
    throw badRequest(
      `the namespace of the object (${objectNamespace}) does not match the namespace on the request (${namespace})`,
    )
  }
}

export function admissionAttributes(
  write: Pick<Write, 'context' | 'resource' | 'dryRun' | 'warn'> & { readonly options: unknown },
  operation: Operation,
  objects: { object?: Draft<KubeObject>; oldObject?: KubeObject; name?: string },
): AdmissionAttributes {
  const { context, resource, dryRun, warn } = write
  const { definition } = resource
  const { info, user } = context
  const sub = info.subresource
    ? definition.subresources.find((subresource) => subresource.name === info.subresource)
    : undefined
  const { group, version, kind } = sub ?? definition
  return {
    operation,
    trace: outgoingTrace(context.request.headers),
    kind: { group, version, kind },
    resource: { group: definition.group, version: definition.version, resource: definition.resource },
    subresource: info.subresource,
    definition,
    name: objects.name ?? info.name,
    namespace: info.namespace || (isNamespace(definition) ? (objects.name ?? info.name) : ''),
    object: objects.object,
    oldObject: objects.oldObject,
    user,
    dryRun,
    options: write.options as Readonly<Record<string, unknown>>,
    warn,
    annotate: (key, value, level) => context.audit?.annotate(key, value, level),
  }
}

/** A namespace is in itself, as admission sees it. */
function isNamespace({ group, resource }: ResourceDefinition): boolean {
  return group === '' && resource === 'namespaces'
}
