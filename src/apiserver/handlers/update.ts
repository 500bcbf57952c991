import { jsonClone, type Draft } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { StoredAnswer } from '../answer.ts'
import { admittedUpdate } from './admitted-update.ts'
import { trackManagedFields } from './managed-fields.ts'
import { dedupOwnerReferences } from './owner-references.ts'
import type { Resource, Target } from './resource.ts'
import type { RequestContext } from '../request-context.ts'
import type { HandlerServices } from './services.ts'
import { ensureNamespace } from '../registry/strategy.ts'
import { beginWrite, checkName, readObject } from './write.ts'

/** PUT of an object or of its status (handlers/update.go). */
export async function update(
  context: RequestContext,
  resource: Resource,
  services: HandlerServices,
  target: Target = resource,
): Promise<StoredAnswer> {
  const { definition } = target
  const { info } = context
  const write = beginWrite(context, resource, services, 'UpdateOptions')
  const sent = await readObject(write, definition)
  ensureNamespace(sent, write.scope.namespace)
  checkName(sent, info.name, write.scope.namespace)
  services.setDefaults(definition, sent)
  dedupOwnerReferences(sent, write.warn, false)
  const { uid } = sent.metadata
  const { subresource } = info
  return await admittedUpdate(context, write, services, target, {
    preconditions: uid ? { uid } : undefined,
    draft(old) {
      const draft = jsonClone(sent) as Draft<KubeObject>
      trackManagedFields(old, draft, { manager: write.manager, definition, subresource, now: services.clock.now() })
      return draft
    },
  })
}
