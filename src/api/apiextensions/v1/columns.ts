import { column, nameColumn } from '../../columns.ts'
import type { CustomResourceDefinition } from '../../types.generated.ts'

function versionsCell({ spec }: CustomResourceDefinition): string {
  const served = (spec.versions ?? []).filter((version) => version.served)
  return served
    .map(({ name, storage }) => (storage ? `${name}(storage)` : name))
    .sort()
    .join(',')
}

/** apiextensions-apiserver pkg/registry/customresourcedefinition/tableconvertor. */
export const definitionColumns = [
  nameColumn,
  column('Scope', 'string', ({ spec }: CustomResourceDefinition) => spec.scope, { description: 'Cluster/Namespaced' }),
  column('Versions', 'string', versionsCell, { description: 'Served versions' }),
  column('Created At', 'date', ({ metadata }: CustomResourceDefinition) => metadata.creationTimestamp),
  column('Group', 'string', ({ spec }: CustomResourceDefinition) => spec.group, {
    wide: true,
    description: 'API group',
  }),
  column('Kind', 'string', ({ spec }: CustomResourceDefinition) => spec.names.kind, {
    wide: true,
    description: 'CustomResource kind',
  }),
  column('ShortNames', 'string', ({ spec }: CustomResourceDefinition) => (spec.names.shortNames ?? []).join(','), {
    wide: true,
    description: 'Short names',
  }),
  column(
    'Established',
    'boolean',
    ({ status }: CustomResourceDefinition) =>
      (status?.conditions ?? []).some(({ type, status }) => type === 'Established' && status === 'True'),
    { wide: true, description: 'Established status' },
  ),
]
