import { internalError } from '../../machinery/errors.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import { forbiddenRequest } from '../authorization/forbidden.ts'
import { requestAttributes } from '../authorization/request-attributes.ts'
import type { RequestContext } from '../request-context.ts'

/** A PUT or an apply that creates needs the right to create as well (handlers/update.go, withAuthorization). */
export async function authorizeCreate(context: RequestContext, authorizer: Authorizer): Promise<void> {
  const attributes = { ...requestAttributes(context.info, context.user), verb: 'create' }
  const { decision, reason, error } = await authorizer.authorize(attributes)
  if (decision === 'allow') return
  if (error !== undefined) throw internalError(error)
  throw forbiddenRequest(attributes, reason)
}
