import type { Answer } from '../answer.ts'
import type { RequestContext } from '../request-context.ts'
import type { Resource } from './resource.ts'
import type { HandlerServices } from './services.ts'

/** Serves a subresource that is more than a view of the same object: scale, binding, eviction, token, … */
export interface SubresourceHandler {
  /** By verb: `get`, `create`, `update`, `patch`, …; other verbs are answered with 405. */
  readonly [verb: string]: (context: RequestContext, resource: Resource, services: HandlerServices) => Promise<Answer>
}
