import { conflict, contentTypeNotTaken, notFound, unsupportedMediaType } from '../../machinery/errors.ts'
import { jsonClone, type Draft } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { validatePatchOptions } from '../../machinery/validation/request-options.ts'
import type { StoredAnswer } from '../answer.ts'
import { ensureNamespace } from '../registry/strategy.ts'
import type { RequestContext } from '../request-context.ts'
import { admittedUpdate } from './admitted-update.ts'
import { applyManaged, trackManagedFields } from './managed-fields.ts'
import { convertedConfiguration } from './patched-object.ts'
import { readPatch, type PatchType } from './read-patch.ts'
import type { Resource, Target } from './resource.ts'
import type { HandlerServices } from './services.ts'
import { beginWrite, checkName, refuse } from './write.ts'

const patchTypes = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
} as const

/** The kind of patch that the content type names. Throws UnsupportedMediaType. */
export function patchTypeOf(contentType: string | undefined, strategic: boolean): PatchType {
  const bare = (contentType ?? '').split(';')[0]!
  const type = (patchTypes as Readonly<Record<string, PatchType>>)[bare]
  if (type !== undefined && (type !== 'strategic' || strategic)) return type
  // Routes of built-in kinds refuse it before their handlers see it; custom ones have one route for all.
  if (strategic) throw contentTypeNotTaken()
  const taken = Object.entries(patchTypes).filter(([, name]) => name !== 'strategic')
  throw unsupportedMediaType(taken.map(([mediaType]) => mediaType))
}

/** PATCH of an object or its status: applied anew to the newest state until nobody was faster (handlers/patch.go). */
export async function patch(
  context: RequestContext,
  resource: Resource,
  services: HandlerServices,
  target: Target = resource,
): Promise<StoredAnswer> {
  const { definition } = target
  const { info } = context
  const { subresource } = info
  const type = patchTypeOf(context.request.headers['content-type'], definition.protobuf)
  const write = beginWrite(context, resource, services, 'PatchOptions')
  refuse('PatchOptions', validatePatchOptions(write.options, type === 'apply'))
  const mechanism = await readPatch(write, type, definition, services.isKnownKind)
  const writer = { manager: write.manager, definition, subresource, now: services.clock.now() }
  return await admittedUpdate(context, write, services, target, {
    // Through another door nothing comes to be.
    forceAllowCreate: type === 'apply' && subresource === '',
    draft(old) {
      if (old === undefined && mechanism.apply === undefined) throw notFound(resource.definition, info.name)
      let draft: Draft<KubeObject>
      if (mechanism.apply !== undefined) {
        const configuration = mechanism.apply()
        const applied = applyManaged(old, configuration, write.options.force === true, writer)
        // What changes nothing leaves the live object as it is, down to the order of free-form members.
        draft = applied.unchanged
          ? jsonClone(applied.object)
          : convertedConfiguration(write, applied.object, configuration as KubeObject, definition)
        mechanism.strict()
      } else {
        draft = mechanism.patched(old!)
        // What is defaulted now belongs to who patches, as with PUT; what is applied comes without defaults.
        services.setDefaults(definition, draft)
        trackManagedFields(old, draft, writer)
      }
      if (old === undefined && draft.metadata.uid) {
        const why = `uid mismatch: the provided object specified uid ${draft.metadata.uid}, and no existing object was found`
        throw conflict(resource.definition, info.name, why)
      }
      ensureNamespace(draft, write.scope.namespace)
      checkName(draft as KubeObject, info.name, write.scope.namespace)
      services.setDefaults(definition, draft)
      return draft
    },
  })
}
