import type { AuthorizationAttributes, SelectorRequirement } from '../authorizer.ts'

/** What a request wants, as the spec of a SubjectAccessReview (apiserver plugin/pkg/authorizer/webhook resourceAttributesFrom). */
export interface ReviewSpec {
  readonly resourceAttributes?: {
    readonly namespace?: string
    readonly verb?: string
    readonly group?: string
    readonly version?: string
    readonly resource?: string
    readonly subresource?: string
    readonly name?: string
    readonly fieldSelector?: { readonly requirements: readonly Requirement[] }
    readonly labelSelector?: { readonly requirements: readonly Requirement[] }
  }
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string }
  readonly user?: string
  readonly groups?: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
  readonly uid?: string
}
interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

export function reviewSpec(attributes: AuthorizationAttributes): ReviewSpec {
  const { user, verb, resourceRequest, namespace, apiGroup, apiVersion, resource, subresource, name, path } = attributes
  const asked: ReviewSpec = resourceRequest
    ? {
        resourceAttributes: {
          namespace: namespace || undefined,
          verb: verb || undefined,
          group: apiGroup || undefined,
          version: apiVersion || undefined,
          resource: resource || undefined,
          subresource: subresource || undefined,
          name: name || undefined,
          fieldSelector: selector(attributes.fieldSelector),
          labelSelector: selector(attributes.labelSelector),
        },
      }
    : { nonResourceAttributes: { path: path || undefined, verb: verb || undefined } }
  return {
    ...asked,
    user: user.name || undefined,
    groups: user.groups.length > 0 ? user.groups : undefined,
    extra: user.extra && Object.keys(user.extra).length > 0 ? user.extra : undefined,
    uid: user.uid || undefined,
  }
}

const operators: Readonly<Record<string, string>> = {
  '=': 'In',
  '==': 'In',
  in: 'In',
  '!=': 'NotIn',
  notin: 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
}

/** Requirements are joined by "and": one that is not known is left out, which asks for more, never for less. */
function selector(requirements: readonly SelectorRequirement[] | undefined) {
  const known = (requirements ?? []).flatMap(({ key, operator, values }): Requirement[] => {
    const name = operators[operator]
    return name === undefined ? [] : [{ key, operator: name, values: values.length > 0 ? values : undefined }]
  })
  return known.length === 0 ? undefined : { requirements: known }
}
