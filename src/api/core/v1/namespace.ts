import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { validateFinalizerName } from '../../../machinery/validation/object-meta.ts'
import { kubernetesFinalizerName } from '../../object-metadata.ts'
import type { Namespace } from '../../types.generated.ts'

/** pkg/apis/core/validation validateFinalizerName. */
function finalizerFaults(names: readonly string[] = [], field: (index: number) => string): FieldError[] {
  return names.flatMap((name, index) => [
    ...validateFinalizerName(name, field(index)),
    ...kubernetesFinalizerName(name, field(index)),
  ])
}

function validateStatus({ metadata, status }: Namespace): FieldError[] {
  const [expected, state] = metadata.deletionTimestamp ? ['Terminating', 'not empty'] : ['Active', 'empty']
  if (status?.phase === expected) return []
  const detail = `may only be '${expected}' if \`deletionTimestamp\` is ${state}`
  return [fieldErrors.invalid('status.Phase', status?.phase ?? '', detail)]
}

export const namespaces = defineKind<Namespace>(
  { group: '', version: 'v1', kind: 'Namespace' },
  {
    returnsDeletedObject: true,
    nameRule: 'dns1123Label',
    generation: false,
    allowUnconditionalUpdate: true,
    selectableFieldNames: ['status.phase'],
    selectableFields: ({ status }) => ({ 'status.phase': status?.phase ?? '' }),
    setDefaults(draft) {
      const { name } = draft.metadata
      if (name) draft.metadata.labels = { ...draft.metadata.labels, 'kubernetes.io/metadata.name': name }
      if (draft.status) draft.status.phase ||= 'Active'
    },
    prepareForCreate(draft) {
      draft.status = { phase: 'Active' }
      // A name that was generated was not there for the defaults.
      const labels = (draft.metadata.labels ??= {})
      labels['kubernetes.io/metadata.name'] ??= draft.metadata.name ?? ''
      const finalizers = draft.spec?.finalizers ?? []
      if (!finalizers.includes('kubernetes')) draft.spec = { ...draft.spec, finalizers: [...finalizers, 'kubernetes'] }
    },
    prepareForUpdate(draft, old) {
      draft.spec = { ...draft.spec, finalizers: old.spec?.finalizers as string[] | undefined }
      if (draft.spec.finalizers === undefined) delete draft.spec.finalizers
    },
    validate: ({ spec }) => finalizerFaults(spec?.finalizers, () => 'spec.finalizers'),
    columns: [nameColumn, column('Status', 'string', ({ status }) => status?.phase ?? ''), ageColumn],
    subresources: {
      finalize: {
        prepareForUpdate(draft, old) {
          draft.status = old.status as typeof draft.status
        },
        validateUpdate: ({ spec }) => finalizerFaults(spec?.finalizers, (index) => `spec.finalizers[${index}]`),
      },
      status: { validateUpdate: validateStatus },
    },
  },
)
