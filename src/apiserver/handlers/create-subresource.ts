import type { SubresourceDefinition } from '../../api/definition.ts'
import { schemaOfKind } from '../../api/schema/facts.ts'
import { noSuchPath } from '../../machinery/errors.ts'
import type { Draft } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { negotiate } from '../negotiation/accept.ts'
import type { BodyKind } from '../negotiation/decode-body.ts'
import { allMediaTypes } from '../negotiation/media-type.ts'
import { ensureNamespace, wipeSystemMetadata } from '../registry/strategy.ts'
import type { RequestContext } from '../request-context.ts'
import type { Resource } from './resource.ts'
import type { HandlerServices } from './services.ts'
import { admissionAttributes, beginWrite, readObject, type Write } from './write.ts'

const offer = { mediaTypes: allMediaTypes, metadataTypes: allMediaTypes, tables: false }

export interface SubresourceCreation {
  readonly write: Write
  /** Decoded, mutated by admission. */
  readonly draft: Draft<KubeObject>
  /** Validating admission, to be asked once the object was found valid; `completed`: what became of the draft. */
  readonly validate: (completed?: KubeObject) => Promise<void>
}

/** A POST to a subresource, up to where its own work begins: decoded, namespaced, admitted (handlers/create.go). */
export async function beginSubresourceCreate(
  context: RequestContext,
  resource: Resource,
  services: HandlerServices,
  options: { readonly keepsSystemMetadata?: boolean } = {},
): Promise<SubresourceCreation> {
  negotiate(context.request.headers['accept'], offer)
  const { subresource } = context.info
  const declared = resource.definition.subresources.find(({ name }) => name === subresource)
  if (declared === undefined) throw noSuchPath()
  const write = beginWrite(context, resource, services, 'CreateOptions')
  const draft = await readObject(write, bodyKindOf(declared))
  if (options.keepsSystemMetadata !== true) wipeSystemMetadata(draft)
  ensureNamespace(draft, write.scope.namespace)
  const attributes = (object: Draft<KubeObject>) => admissionAttributes(write, 'CREATE', { object })
  await services.admission.mutate(attributes(draft))
  return {
    write,
    draft,
    validate: (completed) =>
      services.admission.validate(attributes((completed as Draft<KubeObject> | undefined) ?? draft)),
  }
}

export function bodyKindOf({ group, version, kind }: SubresourceDefinition): BodyKind {
  const schema = schemaOfKind(group, version, kind)
  if (schema === undefined) throw noSuchPath()
  return { group, version, kind, schema, protobuf: true }
}
