import type { FeatureEnabled } from '../../api/features/feature-gates.ts'
import type { PolicyRule, Subject } from '../../api/types.generated.ts'

/**
 * A role in short. Each rule is `verbs groups resources [names]` or `verbs paths`, comma-separated; the core group is
 * written `core`. `Feature: rule` is there where the feature is on, and of a list so is `Feature?item`.
 */
export interface RoleFacts {
  readonly rules: readonly string[]
  /** Without this feature there is no such role, and nobody bound to it. */
  readonly feature?: string
  /** The aggregate that this role is part of: `aggregate-to-edit`. */
  readonly partOf?: string
  /** The parts that this role is made of. */
  readonly gathers?: string
}

export interface BindingFacts {
  readonly name: string
  readonly namespace?: string
  /** `ClusterRole name` or `Role name`. */
  readonly role: string
  /** `User name`, `Group name` or `ServiceAccount namespace/name`. */
  readonly subjects: readonly string[]
  readonly feature?: string
}

/** The rules that are there, of those in short. */
export function rulesOf(texts: readonly string[], enabled: FeatureEnabled): PolicyRule[] {
  return texts.flatMap((text) => {
    const [, feature, rule] = /^(?:(\w+): )?(.*)$/.exec(text)!
    return feature === undefined || enabled(feature) ? [ruleOf(rule!, enabled)] : []
  })
}

function ruleOf(text: string, enabled: FeatureEnabled): PolicyRule {
  const listOf = (part: string) =>
    part.split(',').flatMap((item) => {
      const [feature, rest] = item.split('?') as [string, string?]
      return rest === undefined ? [item] : enabled(feature) ? [rest] : []
    })
  const [verbs = [], second = [], resources, resourceNames] = text.split(' ').map(listOf)
  if (resources === undefined) return { nonResourceURLs: second, verbs }
  const apiGroups = second.map((group) => (group === 'core' ? '' : group))
  return resourceNames === undefined ? { apiGroups, resources, verbs } : { apiGroups, resourceNames, resources, verbs }
}

export function subjectOf(text: string): Subject {
  const [kind = '', name = ''] = text.split(' ')
  if (kind !== 'ServiceAccount') return { apiGroup: 'rbac.authorization.k8s.io', kind, name }
  const [namespace, account = ''] = name.split('/')
  return { kind, name: account, namespace }
}
