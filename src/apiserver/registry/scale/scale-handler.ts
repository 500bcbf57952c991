import type { Answer } from '../../answer.ts'
import { convertAnswer } from '../../handlers/convert-answer.ts'
import { patch } from '../../handlers/patch.ts'
import type { Resource } from '../../handlers/resource.ts'
import type { HandlerServices } from '../../handlers/services.ts'
import type { SubresourceHandler } from '../../handlers/subresource.ts'
import { update } from '../../handlers/update.ts'
import { negotiate } from '../../negotiation/accept.ts'
import { offerOf } from '../../handlers/resource.ts'
import type { RequestContext } from '../../request-context.ts'
import { scaleTarget } from './scale-view.ts'
import type { ScaleRules } from './scale-of.ts'

/** GET, PUT and PATCH of `/scale`. */
export function scaleHandler(rules: ScaleRules): SubresourceHandler {
  const serve =
    (work: (context: RequestContext, resource: Resource, services: HandlerServices) => Promise<Answer>) =>
    async (context: RequestContext, resource: Resource, services: HandlerServices): Promise<Answer> => {
      const accept = negotiate(context.request.headers['accept'], offerOf(resource.definition))
      const answer = await work(context, resource, services)
      if (accept.convert === undefined) return answer
      return convertAnswer(answer, accept.convert, context.request.query, services.clock.now())
    }
  return {
    get: serve(async ({ info }, resource) => {
      const { definition, registry } = scaleTarget(resource, rules)
      const namespace = resource.definition.namespaced ? info.namespace : ''
      return { type: 'stored', code: 200, definition, object: await registry.get(namespace, info.name) }
    }),
    update: serve((context, resource, services) => update(context, resource, services, scaleTarget(resource, rules))),
    patch: serve((context, resource, services) => patch(context, resource, services, scaleTarget(resource, rules))),
  }
}
