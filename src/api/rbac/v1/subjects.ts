import { column } from '../../columns.ts'
import type { Column } from '../../definition.ts'
import type { Draft } from '../../../machinery/json.ts'
import type { ClusterRoleBinding, RoleBinding, Subject } from '../../types.generated.ts'

/** Parts that both kinds of binding share (pkg/apis/rbac). */
type Binding = RoleBinding | ClusterRoleBinding

const group = 'rbac.authorization.k8s.io'

export function setBindingDefaults(draft: Draft<Binding>): void {
  draft.roleRef.apiGroup ||= group
  for (const subject of draft.subjects ?? []) {
    if (!subject.apiGroup && (subject.kind === 'User' || subject.kind === 'Group')) subject.apiGroup = group
  }
}

function names(binding: Binding, kind: string, name = (subject: Subject) => subject.name): string {
  return (binding.subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(name)
    .join(', ')
}

export const roleColumn: Column<Binding> = column('Role', 'string', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`)

export const subjectColumns: readonly Column<Binding>[] = [
  column('Users', 'string', (binding) => names(binding, 'User'), { wide: true }),
  column('Groups', 'string', (binding) => names(binding, 'Group'), { wide: true }),
  column(
    'ServiceAccounts',
    'string',
    (binding) => names(binding, 'ServiceAccount', ({ namespace = '', name }) => `${namespace}/${name}`),
    { wide: true },
  ),
]
