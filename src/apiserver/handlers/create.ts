import type { Draft } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { StoredAnswer } from '../answer.ts'
import { ensureNamespace, wipeSystemMetadata } from '../registry/strategy.ts'
import type { RequestContext } from '../request-context.ts'
import { trackManagedFields } from './managed-fields.ts'
import { dedupOwnerReferences } from './owner-references.ts'
import { fromStorage, inVersion, toStorage, type Resource } from './resource.ts'
import type { HandlerServices } from './services.ts'
import { admissionAttributes, beginWrite, readObject } from './write.ts'

/** POST of a collection (handlers/create.go). */
export async function create(
  context: RequestContext,
  resource: Resource,
  services: HandlerServices,
): Promise<StoredAnswer> {
  const { definition, registry } = resource
  const write = beginWrite(context, resource, services, 'CreateOptions')
  const draft = await readObject(write, definition)
  wipeSystemMetadata(draft)
  ensureNamespace(draft, write.scope.namespace)
  services.setDefaults(definition, draft)
  dedupOwnerReferences(draft, write.warn, false)
  trackManagedFields(undefined, draft, {
    manager: write.manager,
    definition,
    subresource: '',
    now: services.clock.now(),
  })
  const { name = '' } = draft.metadata
  await services.admission.mutate(admissionAttributes(write, 'CREATE', { object: draft, name }))
  services.setDefaults(definition, draft)
  dedupOwnerReferences(draft, write.warn, true)
  const stored = await registry.create(
    toStorage(definition, draft as KubeObject) as Draft<KubeObject>,
    (object) =>
      services.admission.validate(
        admissionAttributes(write, 'CREATE', {
          object: fromStorage(definition, object) as Draft<KubeObject>,
          name: object.metadata.name,
        }),
      ),
    write.scope,
  )
  return { type: 'stored', code: 201, definition, object: inVersion(definition, stored) }
}
