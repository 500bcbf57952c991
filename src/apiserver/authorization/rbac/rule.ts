import type { PolicyRule } from '../../../api/types.generated.ts'
import type { AuthorizationAttributes } from '../authorizer.ts'

/** Whether one rule allows a request (pkg/apis/rbac/v1/evaluation_helpers.go). */
export function ruleAllows(rule: PolicyRule, attributes: AuthorizationAttributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false
  if (!attributes.resourceRequest) return pathMatches(rule.nonResourceURLs, attributes.path)
  const { apiGroup, resource, subresource, name } = attributes
  if (!has(rule.apiGroups, apiGroup)) return false
  const { resourceNames } = rule
  if (resourceNames !== undefined && resourceNames.length > 0 && !resourceNames.includes(name)) return false
  if (subresource === '') return has(rule.resources, resource)
  return has(rule.resources, `${resource}/${subresource}`) || rule.resources?.includes(`*/${subresource}`) === true
}

function has(list: readonly string[] | null | undefined, wanted: string): boolean {
  return list?.includes(wanted) === true || list?.includes('*') === true
}

function pathMatches(patterns: readonly string[] | undefined, path: string): boolean {
  return patterns?.some((pattern) => pattern === '*' || pathCovers(pattern, path)) === true
}

/** A pattern covers itself and, when it ends in stars, all that begins like it. */
function pathCovers(pattern: string, path: string): boolean {
  return pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, '')))
}

/** The single rights of `wanted` that no rule of `owned` gives (component-helpers auth/rbac/validation Covers). */
export function missingRights(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(breakDown).filter((right) => !owned.some((rule) => covers(rule, right)))
}

/** Splits a rule into rules of one verb and one resource, name or path each. */
export function breakDown(rule: PolicyRule): PolicyRule[] {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
  // Escalation is checked before validation has seen the rule: verbs may be missing.
  const verbs = rule.verbs ?? []
  const rights: PolicyRule[] = []
  for (const group of apiGroups)
    for (const resource of resources)
      for (const verb of verbs) {
        const right = { apiGroups: [group], resources: [resource], verbs: [verb] }
        if (resourceNames.length === 0) rights.push(right)
        else for (const name of resourceNames) rights.push({ ...right, resourceNames: [name] })
      }
  for (const path of nonResourceURLs) for (const verb of verbs) rights.push({ nonResourceURLs: [path], verbs: [verb] })
  return rights
}

function covers(owned: PolicyRule, right: PolicyRule): boolean {
  const all = (set: readonly string[] = [], wanted: readonly string[] = []) =>
    set.includes('*') || wanted.every((one) => set.includes(one))
  const resource = (wanted: string) => {
    const { resources = [] } = owned
    const slash = wanted.indexOf('/')
    return resources.includes(wanted) || (slash >= 0 && resources.includes(`*/${wanted.slice(slash + 1)}`))
  }
  const { resourceNames: ownNames = [] } = owned
  const { resourceNames: names = [] } = right
  return (
    all(owned.verbs, right.verbs) &&
    all(owned.apiGroups, right.apiGroups) &&
    (owned.resources?.includes('*') === true || (right.resources ?? []).every(resource)) &&
    (ownNames.length === 0 || (names.length > 0 && names.every((name) => ownNames.includes(name)))) &&
    (right.nonResourceURLs ?? []).every((path) =>
      (owned.nonResourceURLs ?? []).some((pattern) => pathCovers(pattern, path)),
    )
  )
}

/** Joins rules of one group and one resource that differ by verb only (pkg/registry/rbac/validation/policy_compact.go). */
export function compactRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const compacted: PolicyRule[] = []
  const simple = new Map<string, PolicyRule>()
  for (const rule of rules) {
    const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
    const isSimple =
      apiGroups.length === 1 && resources.length === 1 && resourceNames.length <= 1 && nonResourceURLs.length === 0
    if (!isSimple) {
      compacted.push(rule)
      continue
    }
    const key = JSON.stringify([apiGroups, resources, resourceNames])
    const known = simple.get(key)
    simple.set(key, known === undefined ? rule : { ...known, verbs: [...known.verbs, ...rule.verbs] })
  }
  return [...compacted, ...simple.values()]
}

/** `{APIGroups:["apps"], Resources:["deployments"], Verbs:["get" "list"]}` */
export function compactText(rule: PolicyRule): string {
  const parts: string[] = []
  const add = (title: string, values: readonly string[] = []) => {
    if (values.length > 0) parts.push(`${title}:${quotedList(values)}`)
  }
  add('APIGroups', rule.apiGroups)
  add('Resources', rule.resources)
  add('NonResourceURLs', rule.nonResourceURLs)
  add('ResourceNames', rule.resourceNames)
  add('Verbs', rule.verbs)
  return `{${parts.join(', ')}}`
}

/** Go's %q of a list of strings. */
export function quotedList(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(' ')}]`
}
