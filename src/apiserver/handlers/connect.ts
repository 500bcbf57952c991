import { badRequest, forbidden, methodNotAllowed } from '../../machinery/errors.ts'
import type { Draft } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { Answer } from '../answer.ts'
import type { RequestContext } from '../request-context.ts'
import { requestAttributes } from '../authorization/request-attributes.ts'
import type { ConnectHandler } from './connect-handler.ts'
import { connectOptions } from './connect-options.ts'
import { inVersion, type Resource } from './resource.ts'
import type { HandlerServices } from './services.ts'
import { admissionAttributes } from './write.ts'

/** exec, attach, portforward, log, proxy: admitted, then handed the raw exchange (handlers/rest.go, ConnectResource). */
export async function handleConnect(
  context: RequestContext,
  resource: Resource,
  handler: ConnectHandler,
  services: HandlerServices,
): Promise<Answer> {
  const { info, request, user } = context
  const { exchange, query } = request
  if (!handler.methods.includes(request.method)) throw methodNotAllowed()
  if (exchange === undefined) throw badRequest(`${info.resource}/${info.subresource} needs a connection`)
  const logs = info.subresource === 'log'
  if (!logs && query.has('dryRun')) throw badRequest('dryRun is not supported')
  const { definition, registry } = resource
  const options = connectOptions(definition, handler.optionsKind, query)
  const rawRest = request.rawSegments.slice(info.partsAt + 3)
  const trailing = request.path.endsWith('/')
  const rawSubpath =
    rawRest.length > 0 || trailing ? `/${rawRest.join('/')}${trailing && rawRest.length > 0 ? '/' : ''}` : ''
  if (handler.subpath) options['path'] = rawSubpath
  if (!logs) {
    const attributes = {
      ...admissionAttributes(
        { context, resource, dryRun: false, warn: (text) => void context.warnings.add(text), options: {} },
        'CONNECT',
        { object: options as unknown as Draft<KubeObject> },
      ),
      kind: { group: definition.group, version: definition.version, kind: handler.optionsKind },
    }
    await services.admission.mutate(attributes)
    await services.admission.validate(attributes)
  }
  await checkNeeds(context, handler, services)
  const parent = async () => inVersion(definition, await registry.get(info.namespace, info.name)).object
  return {
    type: 'connect',
    serve: () => handler.connect({ exchange, info, user, query, options, rawSubpath, parent }),
  }
}

/** pkg/registry/core/pod/rest/authorize.go ensureAuthorizedForVerb. */
async function checkNeeds(
  { info, user }: RequestContext,
  { needs }: ConnectHandler,
  { authorizer, enabled }: HandlerServices,
): Promise<void> {
  if (needs === undefined || info.verb === needs.verb || !enabled(needs.feature)) return
  const { decision, reason } = await authorizer.authorize({ ...requestAttributes(info, user), verb: needs.verb })
  if (decision !== 'allow') throw forbidden({ group: info.apiGroup, resource: info.resource }, info.name, reason)
}
