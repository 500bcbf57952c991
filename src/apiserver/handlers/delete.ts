import type { KubeObject } from '../../machinery/meta/object.ts'
import { conflict, internalError } from '../../machinery/errors.ts'
import type { Answer } from '../answer.ts'
import { StoredObject } from '../cache/stored-object.ts'
import type { DeleteOptions } from '../registry/deletion.ts'
import { StorageError } from '../registry/storage-error.ts'
import type { RequestContext } from '../request-context.ts'
import { readDeleteOptions } from './delete-options.ts'
import { fromStorage, inVersion, type Resource } from './resource.ts'
import type { HandlerServices } from './services.ts'
import { admissionAttributes } from './write.ts'
import type { WriteScope } from '../registry/write-scope.ts'

/** DELETE of one object (handlers/delete.go). */
export async function deleteObject(
  context: RequestContext,
  resource: Resource,
  services: HandlerServices,
): Promise<Answer> {
  const options = await readDeleteOptions(context)
  const { definition, registry } = resource
  const unsafe = options.ignoreStoreReadErrorWithClusterBreakingPotential === true
  if (unsafe && services.enabled('AllowUnsafeMalformedObjectDeletion')) await refuseUnsafe(context, resource)
  const { result, deleted } = await registry.delete(
    context.info.name,
    options,
    admissionOfDelete(context, resource, services, options),
    deleteScope(context, resource, options),
  )
  // Only clients that ask to orphan nothing, in the old way, are told that it takes time.
  const code = !deleted && options.orphanDependents === false ? 202 : 200
  if (result instanceof StoredObject) {
    return { type: 'stored', code, definition, object: inVersion(definition, result) }
  }
  return { type: 'object', code, object: result }
}

/**
 * What can be read can be deleted in the ordinary way (apiserver pkg/registry/generic/registry/corrupt_obj_deleter.go); what
 * cannot be read, Skiff refuses to start with.
 */
async function refuseUnsafe({ info }: RequestContext, { definition, registry }: Resource): Promise<void> {
  // Their storages are wrapped upstream, by what lets go of finalizers and by what asks who may grant.
  const wrapped = definition.group === 'rbac.authorization.k8s.io' || definition.resource === 'namespaces'
  if (definition.protobuf && wrapped) {
    throw internalError('no unsafe deleter provided, can not honor ignoreStoreReadErrorWithClusterBreakingPotential')
  }
  const namespace = definition.namespaced ? info.namespace : ''
  const { key } = await registry.get(namespace, info.name)
  const why = 'unsafe deletion is not allowed because the object is decodable from storage'
  const error = new StorageError('InvalidObject', registry.storage.prefix + key, why)
  throw conflict({ group: definition.group, resource: definition.resource }, info.name, error.message)
}

/** Admission of a deletion sees the state that is deleted. */
export function admissionOfDelete(
  context: RequestContext,
  resource: Resource,
  services: HandlerServices,
  options: DeleteOptions,
): (old: KubeObject) => Promise<void> {
  const { admission } = services
  if (!admission.handles('DELETE')) return async () => {}
  const dryRun = (options.dryRun?.length ?? 0) > 0
  const warn = (text: string) => void context.warnings.add(text)
  return async (old) => {
    // Of a collection no name is given.
    const attributes = admissionAttributes({ context, resource, dryRun, warn, options }, 'DELETE', {
      oldObject: fromStorage(resource.definition, old),
    })
    await admission.mutate(attributes)
    await admission.validate(attributes)
  }
}

export function deleteScope(context: RequestContext, resource: Resource, options: DeleteOptions): WriteScope {
  const { deletionWarning } = resource.definition.rules
  const saysNothing = options.propagationPolicy === undefined && options.orphanDependents === undefined
  if (deletionWarning !== undefined && saysNothing) context.warnings.add(deletionWarning)
  return {
    user: context.user,
    namespace: resource.definition.namespaced ? context.info.namespace : '',
    subresource: '',
    verb: context.info.verb,
    dryRun: (options.dryRun?.length ?? 0) > 0,
    warn: (text) => void context.warnings.add(text),
  }
}
