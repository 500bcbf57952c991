import type { PolicyRule, Subject } from '../../api/types.generated.ts'

/**
 * A role in short. Each rule is `verbs groups resources [names]` or `verbs paths`, comma-separated; the core group is
 * written `core`.
 */
export interface RoleFacts {
  readonly rules: readonly string[]
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
}

export function ruleOf(text: string): PolicyRule {
  const [verbs = [], second = [], resources, resourceNames] = text.split(' ').map((part) => part.split(','))
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
