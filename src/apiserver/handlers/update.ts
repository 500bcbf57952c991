import { jsonClone, type Draft } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { StoredAnswer } from '../answer.ts'
import { authorizeCreate } from './authorize-create.ts'
import { trackManagedFields } from './managed-fields.ts'
import { dedupOwnerReferences } from './owner-references.ts'
import { fromStorage, inVersion, toStorage, type Resource, type Target } from './resource.ts'
import type { RequestContext } from '../request-context.ts'
import type { HandlerServices } from './services.ts'
import { ensureNamespace } from '../registry/strategy.ts'
import { admissionAttributes, beginWrite, checkName, readObject } from './write.ts'

/** PUT of an object or of its status (handlers/update.go). */
export async function update(
  context: RequestContext,
  resource: Resource,
  services: HandlerServices,
  target: Target = resource,
): Promise<StoredAnswer> {
  const { definition, registry } = target
  const { info } = context
  const write = beginWrite(context, resource, services, 'UpdateOptions')
  const sent = await readObject(write, definition)
  ensureNamespace(sent, write.scope.namespace)
  checkName(sent, info.name, write.scope.namespace)
  services.setDefaults(definition, sent)
  dedupOwnerReferences(sent, write.warn, false)
  const { uid } = sent.metadata
  const { subresource } = info
  const result = await registry.update(
    info.name,
    {
      preconditions: uid ? { uid } : undefined,
      make: async (existing) => {
        const draft = jsonClone(sent) as Draft<KubeObject>
        const old = existing && inVersion(definition, existing).object
        trackManagedFields(old, draft, { manager: write.manager, definition, subresource, now: services.clock.now() })
        const operation = old === undefined ? 'CREATE' : 'UPDATE'
        await services.admission.mutate(admissionAttributes(write, operation, { object: draft, oldObject: old }))
        services.setDefaults(definition, draft)
        dedupOwnerReferences(draft, write.warn, true)
        return toStorage(definition, draft as KubeObject) as Draft<KubeObject>
      },
      validateCreate: async (object) => {
        await authorizeCreate(context, services.authorizer)
        await services.admission.validate(
          admissionAttributes(write, 'CREATE', { object: fromStorage(definition, object) as Draft<KubeObject> }),
        )
      },
      validateUpdate: (object, old) =>
        services.admission.validate(
          admissionAttributes(write, 'UPDATE', {
            object: fromStorage(definition, object) as Draft<KubeObject>,
            oldObject: fromStorage(definition, old),
          }),
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
