import { DecodeError, strictDecodingMessage } from '../../machinery/codec/decode-error.ts'
import { parseJson } from '../../machinery/codec/json/decode.ts'
import { ApiError, badRequest, conflict, invalid, notFound, unsupportedMediaType } from '../../machinery/errors.ts'
import { fieldErrors } from '../../machinery/field-error.ts'
import { goPrint } from '../../machinery/go-print.ts'
import type { Draft } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { applyJsonPatch } from '../../machinery/patch/json-patch.ts'
import { applyMergePatch } from '../../machinery/patch/merge-patch.ts'
import { applyStrategicMergePatch } from '../../machinery/patch/strategic-merge-patch.ts'
import { validatePatchOptions } from '../../machinery/validation/request-options.ts'
import type { StoredAnswer } from '../answer.ts'
import { decodeMade, textOf, type BodyKind } from '../negotiation/decode-body.ts'
import { ensureNamespace } from '../registry/strategy.ts'
import type { RequestContext } from '../request-context.ts'
import { authorizeCreate } from './authorize-create.ts'
import { applyManaged, trackManagedFields } from './managed-fields.ts'
import { dedupOwnerReferences } from './owner-references.ts'
import { inVersion, toStorage, type Resource, type Target } from './resource.ts'
import type { HandlerServices } from './services.ts'
import { readYamlPatch } from './yaml-patch.ts'
import { admissionAttributes, beginWrite, checkName, refuse, type Write } from './write.ts'

const patchTypes = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
} as const
type PatchType = (typeof patchTypes)[keyof typeof patchTypes]

/** The kind of patch that the content type names. Throws UnsupportedMediaType. */
export function patchTypeOf(contentType: string | undefined, strategic: boolean): PatchType {
  const bare = (contentType ?? '').split(';')[0]!
  const type = (patchTypes as Readonly<Record<string, PatchType>>)[bare]
  if (type === undefined || (type === 'strategic' && !strategic)) {
    throw unsupportedMediaType(
      Object.entries(patchTypes)
        .filter(([, name]) => strategic || name !== 'strategic')
        .map(([mediaType]) => mediaType),
    )
  }
  return type
}

/** PATCH of an object or its status: applied anew to the newest state until nobody was faster (handlers/patch.go). */
export async function patch(
  context: RequestContext,
  resource: Resource,
  services: HandlerServices,
  target: Target = resource,
): Promise<StoredAnswer> {
  const { definition, registry } = target
  const { info } = context
  const { subresource } = info
  const type = patchTypeOf(context.request.headers['content-type'], definition.protobuf)
  const write = beginWrite(context, resource, services, 'PatchOptions')
  refuse('PatchOptions', validatePatchOptions(write.options, type === 'apply'))
  const mechanism = await readPatch(write, type, definition)
  const writer = { manager: write.manager, definition, subresource, now: services.clock.now() }
  const result = await registry.update(
    info.name,
    {
      forceAllowCreate: type === 'apply',
      make: async (existing) => {
        const old = existing && inVersion(definition, existing).object
        if (old === undefined && mechanism.apply === undefined) throw notFound(resource.definition, info.name)
        let draft: Draft<KubeObject>
        if (mechanism.apply !== undefined) {
          const applied = applyManaged(old, mechanism.apply(), write.options.force === true, writer)
          draft = readBack(write, applied, definition, applied)
          mechanism.strict()
        } else {
          draft = mechanism.patched(old!)
          trackManagedFields(old, draft, writer)
        }
        if (old === undefined && draft.metadata.uid) {
          const why = `uid mismatch: the provided object specified uid ${draft.metadata.uid}, and no existing object was found`
          throw conflict(resource.definition, info.name, why)
        }
        ensureNamespace(draft, write.scope.namespace)
        checkName(draft as KubeObject, info.name, write.scope.namespace)
        services.setDefaults(definition, draft)
        const operation = old === undefined ? 'CREATE' : 'UPDATE'
        await services.admission.mutate(admissionAttributes(write, operation, { object: draft, oldObject: old }))
        services.setDefaults(definition, draft)
        dedupOwnerReferences(draft, write.warn, true)
        return toStorage(definition, draft as KubeObject) as Draft<KubeObject>
      },
      validateCreate: async (object) => {
        await authorizeCreate(context, services.authorizer)
        await services.admission.validate(admissionAttributes(write, 'CREATE', { object: object as Draft<KubeObject> }))
      },
      validateUpdate: (object, old) =>
        services.admission.validate(
          admissionAttributes(write, 'UPDATE', { object: object as Draft<KubeObject>, oldObject: old }),
        ),
    },
    write.scope,
  )
  return {
    type: 'stored',
    code: result.created ? 201 : 200,
    definition,
    object: inVersion(definition, result.object),
  }
}

type Mechanism =
  | { readonly apply: () => unknown; readonly strict: () => void; readonly patched?: undefined }
  | {
      readonly apply?: undefined
      readonly strict?: undefined
      readonly patched: (old: KubeObject) => Draft<KubeObject>
    }

async function readPatch(write: Write, type: PatchType, as: BodyKind): Promise<Mechanism> {
  const body = await write.context.request.body()
  if (type === 'apply') return applyMechanism(write, body.type === 'bytes' ? textOf(body.bytes) : body.object)
  let document: unknown
  if (body.type === 'object') document = body.object
  else {
    try {
      document = parseJson(textOf(body.bytes))
    } catch (error) {
      if (error instanceof DecodeError) throw badRequest(error.message, { cause: error })
      throw error
    }
  }
  write.context.audit?.sentPatch(document)
  if (type === 'strategic') {
    return {
      patched: (old) =>
        readBack(write, applyStrategicMergePatch(old, document, as.schema), as, undefined, () => goPrint(document)),
    }
  }
  const applied = type === 'json' ? applyJsonPatch : applyMergePatch
  return { patched: (old) => readBack(write, applied(old, document), as) }
}

async function applyMechanism(write: Write, configuration: unknown): Promise<Mechanism> {
  const directive = write.options.fieldValidation || 'Warn'
  if (typeof configuration !== 'string') {
    write.context.audit?.sentPatch(configuration)
    return { apply: () => configuration, strict: () => {} }
  }
  const { value, strictErrors } = await readYamlPatch(configuration)
  write.context.audit?.sentPatch(value)
  return {
    apply: () => value,
    strict: () => {
      if (strictErrors.length === 0 || directive === 'Ignore') return
      if (directive === 'Strict') throw badRequest(`error strict decoding patch: ${strictErrors.join('\n')}`)
      for (const text of strictErrors) write.warn(text)
    },
  }
}

/** A patched object read as its kind; what does not fit refuses the patch in upstream's words. */
function readBack(
  write: Write,
  value: unknown,
  as: BodyKind,
  applied?: KubeObject,
  shown: () => string = () => JSON.stringify(value),
): Draft<KubeObject> {
  const directive = write.options.fieldValidation || 'Warn'
  try {
    const { value: made, strictErrors } = decodeMade(value, as)
    if (strictErrors.length > 0 && directive === 'Warn') for (const text of strictErrors) write.warn(text)
    if (strictErrors.length > 0 && directive === 'Strict') throw new DecodeError(strictDecodingMessage(strictErrors))
    return made as Draft<KubeObject>
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    if (applied !== undefined) throw new ApiError({ code: 500, message: error.message }, { cause: error })
    throw invalid({ group: '', kind: '' }, '', [fieldErrors.invalid('patch', shown(), error.message)])
  }
}
