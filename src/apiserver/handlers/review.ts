import type { ResourceDefinition } from '../../api/definition.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { Answer } from '../answer.ts'
import type { Review } from '../authorization/review.ts'
import { negotiate, type Offer } from '../negotiation/accept.ts'
import { allMediaTypes } from '../negotiation/media-type.ts'
import { normalize } from '../../machinery/schema/normalize.ts'
import { ensureNamespace, wipeSystemMetadata } from '../registry/strategy.ts'
import type { RequestContext } from '../request-context.ts'
import { trackManagedFields } from './managed-fields.ts'
import { dedupOwnerReferences } from './owner-references.ts'
import type { Resource } from './resource.ts'
import type { HandlerServices } from './services.ts'
import { admissionAttributes, beginWrite, readObject } from './write.ts'

const offer: Offer = { mediaTypes: allMediaTypes, metadataTypes: allMediaTypes, tables: false }

/** A kind that is created, answered and forgotten: reviews of access and of tokens. */
export async function review(
  context: RequestContext,
  resource: Resource,
  services: HandlerServices,
  answer: Review,
): Promise<Answer> {
  const { info, request, user } = context
  negotiate(request.headers['accept'], offer)
  const definition: ResourceDefinition = resource.definition
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
  const attributes = admissionAttributes(write, 'CREATE', { object: draft })
  await services.admission.mutate(attributes)
  await services.admission.validate(attributes)
  const { headers, path, clientCertificate, remoteAddress } = request
  const object = await answer(draft as KubeObject, {
    user,
    namespace: info.namespace,
    request: { headers, path, clientCertificate, remoteAddress },
    dryRun: write.dryRun,
  })
  return { type: 'object', code: 201, object: normalize(definition.schema, object) as object }
}
