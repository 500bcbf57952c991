import { clusterRoleBindings } from '../../../api/rbac/v1/cluster-role-binding.ts'
import { clusterRoles } from '../../../api/rbac/v1/cluster-role.ts'
import { roleBindings } from '../../../api/rbac/v1/role-binding.ts'
import { roles } from '../../../api/rbac/v1/role.ts'
import type { ClusterRoleBinding, PolicyRule, RoleBinding, RoleRef, Subject } from '../../../api/types.generated.ts'
import type { UserInfo } from '../../../api/user.ts'
import { serviceAccountUser } from '../../authentication/service-account-name.ts'
import type { Lister } from '../../lister.ts'

/** A binding that applies to a user, by the first of its subjects that does. */
export interface Grant {
  /** '' for a ClusterRoleBinding. */
  readonly namespace: string
  readonly binding: string
  readonly roleRef: RoleRef
  readonly subject: Subject
  readonly subjectIndex: number
}

/**
 * Roles and bindings by whom they concern, so that a decision looks at what applies to the user only. Follows the
 * server's cache: a change counts for the very next request.
 */
export interface RoleIndex {
  /** In all of the cluster and, with a namespace, in that; ordered by scope, then name. */
  grantsOf(user: UserInfo, namespace: string): readonly Grant[]
  /** The rules behind a reference in `namespace`; throws with upstream's text when the role is not there. */
  rulesOf(roleRef: RoleRef, namespace: string): readonly PolicyRule[]
  stop(): void
}

const rememberedUsers = 4096

export function createRoleIndex(lister: Lister): RoleIndex {
  const rules = {
    ClusterRole: new Map<string, readonly PolicyRule[]>(),
    Role: new Map<string, readonly PolicyRule[]>(),
  }
  /** By namespace ('': the cluster), by subject, by name of the binding. */
  const grants = new Map<string, Map<string, Map<string, Grant>>>()
  const resolved = new Map<string, readonly Grant[]>()

  function forget(object: RoleBinding | ClusterRoleBinding, namespace: string): void {
    const bySubject = grants.get(namespace)
    for (const subject of object.subjects ?? []) {
      const key = subjectKey(subject, namespace)
      if (key === undefined) continue
      const byBinding = bySubject?.get(key)
      byBinding?.delete(object.metadata.name!)
      if (byBinding?.size === 0) bySubject!.delete(key)
    }
    if (bySubject?.size === 0) grants.delete(namespace)
  }
  function learn({ metadata, roleRef, subjects = [] }: RoleBinding | ClusterRoleBinding, namespace: string): void {
    let bySubject = grants.get(namespace)
    if (bySubject === undefined) grants.set(namespace, (bySubject = new Map()))
    for (const [subjectIndex, subject] of subjects.entries()) {
      const key = subjectKey(subject, namespace)
      if (key === undefined) continue
      let byBinding = bySubject.get(key)
      if (byBinding === undefined) bySubject.set(key, (byBinding = new Map()))
      const binding = metadata.name!
      if (!byBinding.has(binding)) byBinding.set(binding, { namespace, binding, roleRef, subject, subjectIndex })
    }
  }
  const follow = (type: string, object: RoleBinding | ClusterRoleBinding, old?: RoleBinding | ClusterRoleBinding) => {
    const namespace = object.metadata.namespace ?? ''
    resolved.clear()
    if (type === 'deleted') return forget(object, namespace)
    if (old !== undefined) forget(old, namespace)
    learn(object, namespace)
  }
  const stops = [
    lister.watch(clusterRoles, ({ type, object }) => {
      if (type === 'deleted') rules.ClusterRole.delete(object.metadata.name!)
      else rules.ClusterRole.set(object.metadata.name!, object.rules ?? [])
    }),
    lister.watch(roles, ({ type, object }) => {
      const key = `${object.metadata.namespace}/${object.metadata.name}`
      if (type === 'deleted') rules.Role.delete(key)
      else rules.Role.set(key, object.rules ?? [])
    }),
    lister.watch(clusterRoleBindings, ({ type, object, old }) => follow(type, object, old)),
    lister.watch(roleBindings, ({ type, object, old }) => follow(type, object, old)),
  ]

  function grantsIn(user: UserInfo, namespace: string): Grant[] {
    const bySubject = grants.get(namespace)
    if (bySubject === undefined) return []
    const found = new Map<string, Grant>()
    for (const key of [`User ${user.name}`, ...user.groups.map((group) => `Group ${group}`)]) {
      for (const [binding, grant] of bySubject.get(key) ?? []) {
        const known = found.get(binding)
        if (known === undefined || grant.subjectIndex < known.subjectIndex) found.set(binding, grant)
      }
    }
    return [...found.values()].sort((a, b) => (a.binding < b.binding ? -1 : 1))
  }
  return {
    grantsOf(user, namespace) {
      const key = `${namespace}\n${user.name}\n${user.groups.join('\n')}`
      let known = resolved.get(key)
      if (known === undefined) {
        known = namespace === '' ? grantsIn(user, '') : [...grantsIn(user, ''), ...grantsIn(user, namespace)]
        if (resolved.size >= rememberedUsers) resolved.clear()
        resolved.set(key, known)
      }
      return known
    },
    rulesOf({ kind, name }, namespace) {
      if (kind !== 'ClusterRole' && kind !== 'Role')
        throw new Error(`unsupported role reference kind: ${JSON.stringify(kind)}`)
      const found = rules[kind].get(kind === 'Role' ? `${namespace}/${name}` : name)
      if (found !== undefined) return found
      throw new Error(`${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`)
    },
    stop: () => {
      for (const stop of stops) stop()
    },
  }
}

/** Service accounts are users of a name of their own. One without a namespace is that of the binding's. */
function subjectKey({ kind, name, namespace }: Subject, bindingNamespace: string): string | undefined {
  if (kind === 'User' || kind === 'Group') return `${kind} ${name}`
  if (kind !== 'ServiceAccount') return undefined
  const home = namespace || bindingNamespace
  return home === '' ? undefined : `User ${serviceAccountUser(home, name)}`
}
