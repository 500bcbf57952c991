import type { FlowcontrolV1Subject, FlowSchema, PolicyRulesWithSubjects } from '../../api/types.generated.ts'
import type { UserInfo } from '../../api/user.ts'
import { parseServiceAccountUser } from '../authentication/service-account-name.ts'
import type { FairnessRequest } from './fairness.ts'

/** By precedence, then by name: the first that matches has the request. */
export function inPrecedence(schemas: readonly FlowSchema[]): FlowSchema[] {
  return [...schemas].sort(
    (a, b) => a.spec.matchingPrecedence - b.spec.matchingPrecedence || (a.metadata.name! < b.metadata.name! ? -1 : 1),
  )
}

/** apiserver pkg/util/flowcontrol/rule.go. */
export function schemaMatches({ spec }: FlowSchema, request: FairnessRequest): boolean {
  return (spec.rules ?? []).some(
    (rule) =>
      (rule.subjects ?? []).some((subject) => subjectMatches(subject, request.user)) && ruleMatches(rule, request),
  )
}

/** Tells the flows of a schema apart. */
export function flowOf({ spec }: FlowSchema, { user, namespace }: FairnessRequest): string {
  const by = spec.distinguisherMethod?.type
  return by === 'ByUser' ? user.name : by === 'ByNamespace' ? namespace : ''
}

function subjectMatches(subject: FlowcontrolV1Subject, user: UserInfo): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.user?.name === '*' || subject.user?.name === user.name
    case 'Group':
      return subject.group?.name === '*' || user.groups.includes(subject.group?.name ?? '')
    case 'ServiceAccount': {
      const account = parseServiceAccountUser(user.name)
      const { namespace, name } = subject.serviceAccount ?? {}
      return account !== undefined && account.namespace === namespace && (name === '*' || name === account.name)
    }
    default:
      return false
  }
}

function ruleMatches({ resourceRules, nonResourceRules }: PolicyRulesWithSubjects, request: FairnessRequest): boolean {
  const { verb, apiGroup, subresource, namespace, path } = request
  if (!request.resourceRequest)
    return (nonResourceRules ?? []).some(
      (rule) => has(rule.verbs, verb) && rule.nonResourceURLs.some((pattern) => pathMatches(pattern, path)),
    )
  const resource = subresource === '' ? request.resource : `${request.resource}/${subresource}`
  return (resourceRules ?? []).some(
    (rule) =>
      has(rule.verbs, verb) &&
      has(rule.apiGroups, apiGroup) &&
      has(rule.resources, resource) &&
      (namespace === '' ? rule.clusterScope === true : has(rule.namespaces, namespace)),
  )
}

function has(list: readonly string[] | null | undefined, wanted: string): boolean {
  return list?.includes('*') === true || list?.includes(wanted) === true
}

function pathMatches(pattern: string, path: string): boolean {
  return pattern === '*' || pattern === path || (pattern.endsWith('/*') && path.startsWith(pattern.slice(0, -1)))
}
