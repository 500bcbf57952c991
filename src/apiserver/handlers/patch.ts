import { methodNotSupported } from '../../machinery/errors.ts'
import type { Answer } from '../answer.ts'
import type { RequestContext } from '../request-context.ts'
import type { Resource } from './resource.ts'
import type { HandlerServices } from './services.ts'

export async function patch(
  _context: RequestContext,
  resource: Resource,
  _services: HandlerServices,
): Promise<Answer> {
  throw methodNotSupported(resource.definition, 'patch')
}
