import { isReason } from '../../machinery/errors.ts'
import type { Answer } from '../answer.ts'
import type { RequestContext } from '../request-context.ts'
import { admissionOfDelete, deleteScope } from './delete.ts'
import { readDeleteOptions } from './delete-options.ts'
import { list } from './list.ts'
import { parseListOptions } from './list-options.ts'
import type { Resource } from './resource.ts'
import type { HandlerServices } from './services.ts'

/**
 * Deletes every selected object and answers with the list of them (store.go, DeleteCollection). What others delete
 * meanwhile is no error; the first other error ends it.
 */
export async function deleteCollection(
  context: RequestContext,
  resource: Resource,
  services: HandlerServices,
): Promise<Answer> {
  const { info, request } = context
  const listOptions = parseListOptions(request.query, info, resource.definition, services.enabled)
  const options = await readDeleteOptions(context)
  const answer = await list(resource, info.namespace, listOptions, services)
  const validate = admissionOfDelete(context, resource, services, options)
  const scope = deleteScope(context, resource, options)
  const queue = answer.items.values()
  const work = async () => {
    for (const item of queue) {
      const { name = '', namespace = '' } = item.object.metadata
      try {
        await resource.registry.delete(name, options, validate, { ...scope, namespace })
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(services.deleteCollectionWorkers, answer.items.length) }, work))
  return answer
}
