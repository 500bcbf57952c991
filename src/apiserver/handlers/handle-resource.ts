import type { ResourceDefinition } from '../../api/definition.ts'
import { methodNotAllowed } from '../../machinery/errors.ts'
import { traced } from '../../machinery/tracing/span.ts'
import type { Answer } from '../answer.ts'
import { negotiate } from '../negotiation/accept.ts'
import type { RequestContext } from '../request-context.ts'
import { convertAnswer, watchConversion } from './convert-answer.ts'
import { create } from './create.ts'
import { deleteCollection } from './delete-collection.ts'
import { deleteObject } from './delete.ts'
import { list } from './list.ts'
import { parseListOptions } from './list-options.ts'
import { patch } from './patch.ts'
import { clientResourceVersion, mustBeReached, parseResourceVersion, reach } from './resource-version.ts'
import { inVersion, offerOf, type Resource } from './resource.ts'
import type { HandlerServices } from './services.ts'
import { update } from './update.ts'
import { watch } from './watch.ts'

/** The main resource and its status: every verb, for every kind, here once. */
export function handleResource(
  context: RequestContext,
  resource: Resource,
  services: HandlerServices,
): Promise<Answer> {
  const { verb, resource: name } = context.info
  const attributes = () => ({ method: context.request.method, url: context.request.path, resource: name })
  return traced(spanNames[verb] ?? verb, attributes, () => serve(context, resource, services))
}

/** As upstream's handlers call them (endpoints/handlers). */
const spanNames: Readonly<Record<string, string>> = {
  get: 'Get',
  list: 'List',
  watch: 'Watch',
  create: 'Create',
  update: 'Update',
  patch: 'Patch',
  delete: 'Delete',
  deletecollection: 'Delete',
}

async function serve(context: RequestContext, resource: Resource, services: HandlerServices): Promise<Answer> {
  const { info, request } = context
  const { definition } = resource
  const verb = info.verb
  // Routes that are not there tell nothing of the kind.
  if (!isRouted(context, definition)) throw methodNotAllowed()
  if (definition.deprecation !== undefined) context.warnings.add(definition.deprecation)
  const accept = negotiate(request.headers['accept'], offerOf(definition), verb === 'watch')
  switch (verb) {
    case 'get': {
      const version = request.query.get('resourceVersion') ?? ''
      if (definition.rules.withoutWatchCache === true) mustBeReached(clientResourceVersion(version), services)
      else await reach(parseResourceVersion(version), services)
      const stored = await resource.registry.get(definition.namespaced ? info.namespace : '', info.name)
      return converted({ type: 'stored', code: 200, definition, object: inVersion(definition, stored) })
    }
    case 'list':
    case 'watch': {
      const options = parseListOptions(request.query, info, definition, services.enabled)
      const namespace = definition.namespaced ? info.namespace : ''
      if (!options.watch) return converted(await list(resource, namespace, options, services))
      const conversion = watchConversion(definition, accept.convert, request.query, () => services.clock.now())
      return watch(resource, namespace, options, conversion, services)
    }
    case 'create':
      return converted(await create(context, resource, services))
    case 'update':
      return converted(await update(context, resource, services))
    case 'patch':
      return converted(await patch(context, resource, services))
    case 'delete':
      return converted(await deleteObject(context, resource, services))
    case 'deletecollection':
      return converted(await deleteCollection(context, resource, services))
    default:
      throw methodNotAllowed()
  }

  function converted(answer: Answer): Answer {
    if (accept.convert === undefined) return answer
    return convertAnswer(answer, accept.convert, request.query, services.clock.now())
  }
}

/** Objects are made in collections and changed by name; of built-in kinds, collections over all namespaces are only read. */
function isRouted({ info, request }: RequestContext, { namespaced, protobuf }: ResourceDefinition): boolean {
  const everywhere = protobuf && namespaced && info.namespace === ''
  switch (info.verb) {
    case 'create':
      return request.method === 'POST' && info.name === '' && !everywhere
    case 'update':
    case 'patch':
      return info.name !== ''
    case 'deletecollection':
      return !everywhere
    default:
      return true
  }
}
