import type { UserInfo } from '../../api/user.ts'
import { parseFieldSelector } from '../../machinery/fields/field-selector.ts'
import { parseSelector } from '../../machinery/labels/parse-selector.ts'
import type { RequestInfo } from '../routing/request-info.ts'
import type { AuthorizationAttributes, SelectorRequirement } from './authorizer.ts'

/** What a request asks leave for (apiserver endpoints/filters/authorization.go, GetAuthorizerAttributes). */
export function requestAttributes(info: RequestInfo, user: UserInfo): AuthorizationAttributes {
  const attributes: AuthorizationAttributes = {
    user,
    verb: info.verb,
    resourceRequest: info.resourceRequest,
    namespace: info.namespace,
    apiGroup: info.apiGroup,
    apiVersion: info.apiVersion,
    resource: info.resource,
    subresource: info.subresource,
    name: info.name,
    path: info.path,
  }
  if (info.fieldSelector === '' && info.labelSelector === '') return attributes
  return {
    ...attributes,
    fieldSelector: info.fieldSelector === '' ? undefined : fieldRequirements(info.fieldSelector),
    labelSelector: info.labelSelector === '' ? undefined : labelRequirements(info.labelSelector),
  }
}

// A selector that cannot be read restricts nothing here; the handler refuses it later.
function fieldRequirements(text: string): readonly SelectorRequirement[] | undefined {
  try {
    return parseFieldSelector(text).requirements.map(({ field, operator, value }) => ({
      key: field,
      operator,
      values: [value],
    }))
  } catch {
    return undefined
  }
}

function labelRequirements(text: string): readonly SelectorRequirement[] | undefined {
  try {
    return parseSelector(text).requirements
  } catch {
    return undefined
  }
}
