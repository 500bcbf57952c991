import { type ApiError, forbidden } from '../../machinery/errors.ts'
import { goQuote } from '../../machinery/field-error.ts'
import type { AuthorizationAttributes } from './authorizer.ts'

/** The refusal of what was not allowed, with upstream's words (apiserver endpoints/handlers/responsewriters/errors.go). */
export function forbiddenRequest(attributes: AuthorizationAttributes, reason: string): ApiError {
  const message = escapeHtml(forbiddenMessage(attributes))
  const resource = { group: attributes.apiGroup, resource: attributes.resource }
  return forbidden(resource, attributes.name, reason === '' ? message : `${message}: ${reason}`)
}

function forbiddenMessage(attributes: AuthorizationAttributes): string {
  const { user, verb, namespace, apiGroup, subresource, path, resourceRequest } = attributes
  const who = `User ${goQuote(user.name)} cannot ${verb}`
  if (!resourceRequest) return `${who} path ${goQuote(path)}`
  const resource = subresource === '' ? attributes.resource : `${attributes.resource}/${subresource}`
  const what = `${who} resource ${goQuote(resource)} in API group ${goQuote(apiGroup)}`
  return namespace === '' ? `${what} at the cluster scope` : `${what} in the namespace ${goQuote(namespace)}`
}

// Browsers might render the answer: what the caller chose must not become markup.
function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
