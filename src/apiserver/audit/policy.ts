import type { UserInfo } from '../../api/user.ts'
import type { AuthorizationAttributes } from '../authorization/authorizer.ts'
import type { AuditLevel, AuditStage } from './event.ts'

interface GroupResources {
  readonly group?: string
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
}

/** A rule holds for requests that match each of its fields; an absent field matches everything. */
export interface AuditRule {
  readonly level: AuditLevel
  readonly users?: readonly string[]
  readonly userGroups?: readonly string[]
  readonly verbs?: readonly string[]
  readonly resources?: readonly GroupResources[]
  readonly namespaces?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
  readonly omitStages?: readonly AuditStage[]
  readonly omitManagedFields?: boolean
}

/** audit.k8s.io/v1 Policy: the first rule that matches decides; none: the request is not told of. */
export interface AuditPolicy {
  readonly rules: readonly AuditRule[]
  readonly omitStages?: readonly AuditStage[]
  readonly omitManagedFields?: boolean
}

export interface Auditing {
  readonly level: AuditLevel
  readonly omitStages: ReadonlySet<AuditStage>
  readonly omitManagedFields: boolean
}

/** What is asked for. */
export type AuditedRequest = Pick<
  AuthorizationAttributes,
  'verb' | 'resourceRequest' | 'namespace' | 'apiGroup' | 'resource' | 'subresource' | 'name' | 'path'
>

/** `user` undefined: nobody was authenticated (apiserver pkg/audit/policy/checker.go EvaluatePolicyRule). */
export function auditingOf(policy: AuditPolicy, request: AuditedRequest, user: UserInfo | undefined): Auditing {
  const rule = policy.rules.find((candidate) => matches(candidate, request, user))
  return {
    level: rule?.level ?? 'None',
    omitStages: new Set([...(policy.omitStages ?? []), ...(rule?.omitStages ?? [])]),
    omitManagedFields: rule?.omitManagedFields ?? policy.omitManagedFields ?? false,
  }
}

const given = (list: readonly unknown[] | undefined | null): boolean => (list?.length ?? 0) > 0

function matches(rule: AuditRule, request: AuditedRequest, user: UserInfo | undefined): boolean {
  const { users, userGroups, verbs, namespaces, resources, nonResourceURLs } = rule
  if (given(users) && (user === undefined || !users!.includes(user.name))) return false
  if (given(userGroups) && !(user?.groups ?? []).some((group) => userGroups!.includes(group))) return false
  if (given(verbs) && !verbs!.includes(request.verb)) return false
  if (given(namespaces) || given(resources)) return matchesResource(rule, request)
  if (!given(nonResourceURLs)) return true
  return !request.resourceRequest && nonResourceURLs!.some((pattern) => matchesPath(pattern, request.path))
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, '')))
}

function matchesResource({ namespaces, resources }: AuditRule, request: AuditedRequest): boolean {
  const { resourceRequest, namespace, apiGroup, resource, subresource, name } = request
  if (!resourceRequest) return false
  if (given(namespaces) && !namespaces!.includes(namespace)) return false
  if (!given(resources)) return true
  const combined = subresource === '' ? resource : `${resource}/${subresource}`
  return resources!.some((rule) => {
    const { group = '' } = rule
    if (group !== apiGroup && group !== '*') return false
    if (!given(rule.resources)) return true
    if (given(rule.resourceNames) && !rule.resourceNames!.includes(name)) return false
    return rule.resources!.some(
      (pattern) =>
        pattern === combined ||
        pattern === '*' ||
        (subresource !== '' && pattern === `*/${subresource}`) ||
        pattern === `${resource}/*`,
    )
  })
}
