import type { Answer } from '../answer.ts'
import type { RequestContext } from '../request-context.ts'
import type { Resource } from './resource.ts'
import type { HandlerServices } from './services.ts'

/** Serves a resource that is not kept in the store: reviews, bindings, component statuses. Every verb comes here. */
export type VirtualResource = (
  context: RequestContext,
  resource: Resource,
  services: HandlerServices,
) => Promise<Answer>
