import type { Draft } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { StoredAnswer } from '../answer.ts'
import { authorizeCreate } from './authorize-create.ts'
import { dedupOwnerReferences } from './owner-references.ts'
import { fromStorage, inVersion, toStorage, type Target } from './resource.ts'
import type { RequestContext } from '../request-context.ts'
import type { HandlerServices } from './services.ts'
import { admissionAttributes, type Write } from './write.ts'

export interface UpdateIntent {
  readonly preconditions?: { readonly uid: string } | undefined
  /** Whether an object that is not there is created although its kind does not do so for PUT. */
  readonly forceAllowCreate?: boolean
  /** The new state, before admission, from the newest one in the version of the request; called again after a conflict. */
  draft(old: KubeObject | undefined): Draft<KubeObject>
}

/**
 * What PUT and PATCH share: the new state is admitted, defaulted, validated and stored; one that creates needs the right to
 * (endpoints/handlers/update.go, patch.go).
 */
export async function admittedUpdate(
  context: RequestContext,
  write: Write,
  services: HandlerServices,
  { definition, registry }: Target,
  { draft: makeDraft, ...intent }: UpdateIntent,
): Promise<StoredAnswer> {
  const { admission, authorizer } = services
  const told = (object: KubeObject) => fromStorage(definition, object)
  const result = await registry.update(
    context.info.name,
    {
      ...intent,
      make: async (existing) => {
        const old = existing && inVersion(definition, existing).object
        const draft = makeDraft(old)
        const operation = old === undefined ? 'CREATE' : 'UPDATE'
        await admission.mutate(admissionAttributes(write, operation, { object: draft, oldObject: old }))
        services.setDefaults(definition, draft)
        dedupOwnerReferences(draft, write.warn, true)
        return toStorage(definition, draft as KubeObject) as Draft<KubeObject>
      },
      validateCreate: async (object) => {
        await authorizeCreate(context, authorizer)
        await admission.validate(admissionAttributes(write, 'CREATE', { object: told(object) as Draft<KubeObject> }))
      },
      validateUpdate: (object, old) =>
        admission.validate(
          admissionAttributes(write, 'UPDATE', { object: told(object) as Draft<KubeObject>, oldObject: told(old) }),
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
