import { ageColumn, column, containerColumns, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { humanDuration } from '../../../machinery/human-duration.ts'
import { goQuote } from '../../../machinery/field-error.ts'
import type { Draft } from '../../../machinery/json.ts'
import { formatLabelSelector } from '../../../machinery/labels/index.ts'
import { isUnchanged, podNameWarnings } from '../../object-metadata.ts'
import type { Job } from '../../types.generated.ts'
import { validateJobStatus } from './job/status-validation.ts'
import { jobSpecWarnings, validateJob, validateJobUpdate } from './job/validation.ts'

function completionsCell({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`
  const parallelism = spec?.parallelism ?? 0
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function durationCell({ status }: Job, now: number): string {
  if (!status?.startTime) return ''
  const end = status.completionTime ? Date.parse(status.completionTime) : now
  return humanDuration(end - Date.parse(status.startTime))
}

function statusCell({ metadata, status }: Job): string {
  const is = (wanted: string) => status?.conditions?.find(({ type }) => type === wanted)?.status === 'True'
  if (is('Complete')) return 'Complete'
  if (is('Failed')) return 'Failed'
  if (metadata.deletionTimestamp) return 'Terminating'
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(is) ?? 'Running'
}

const uidLabel = 'batch.kubernetes.io/controller-uid'

/** Labels the pods so that no two jobs share them, and selects by that (pkg/registry/batch/job generateSelector). */
function generateSelector({ metadata, spec }: Draft<Job>): void {
  const template = spec!.template
  const labels = ((template.metadata ??= {}).labels ??= {})
  for (const label of ['job-name', 'batch.kubernetes.io/job-name']) labels[label] ??= metadata.name ?? ''
  for (const label of ['controller-uid', uidLabel]) labels[label] ??= metadata.uid!
  const selector = (spec!.selector ??= {})
  selector.matchLabels = { ...selector.matchLabels, [uidLabel]: selector.matchLabels?.[uidLabel] ?? metadata.uid! }
}

export const jobs = defineKind<Job>(
  { group: 'batch', version: 'v1', kind: 'Job' },
  {
    allowUnconditionalUpdate: true,
    defaultDeletionPolicy: 'orphan',
    deletionWarning:
      'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
    setDefaults(draft) {
      const spec = draft.spec!
      if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
      spec.parallelism ??= 1
      spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1
      const labels = spec.template.metadata?.labels
      if (labels !== undefined && Object.keys(draft.metadata.labels ?? {}).length === 0)
        // Upstream's map is shared: what is put on the template from here on comes to be on the job, too.
        draft.metadata.labels = labels
      spec.completionMode ??= 'NonIndexed'
      spec.suspend ??= false
      spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed'
      spec.manualSelector ??= false
    },
    setDefaultsOnRead({ metadata, spec }) {
      const labels = spec!.template.metadata?.labels
      if (labels === undefined || Object.keys(metadata.labels ?? {}).length > 0) return false
      metadata.labels = { ...labels }
      return true
    },
    prepareForCreate(draft) {
      if (!draft.spec!.manualSelector) generateSelector(draft)
    },
    validate: validateJob,
    validateUpdate: validateJobUpdate,
    subresources: { status: { validateUpdate: validateJobStatus } },
    warnings: (job, old) => [
      ...(old === undefined ? podNameWarnings(job.metadata.name!) : []),
      ...(isUnchanged(job, old) ? [] : jobSpecWarnings(job.spec, 'spec')),
    ],
    unknownField: (field) => `field label ${goQuote(field)} not supported for Job`,
    selectableFieldNames: ['status.successful'],
    selectableFields: ({ status }) => ({ 'status.successful': String(status?.succeeded ?? 0) }),
    columns: [
      nameColumn,
      column('Status', 'string', statusCell),
      column('Completions', 'string', completionsCell),
      column('Duration', 'string', durationCell),
      ageColumn,
      ...containerColumns<Job>(({ spec }) => spec?.template?.spec),
      column('Selector', 'string', ({ spec }) => formatLabelSelector(spec?.selector), { wide: true }),
    ],
  },
)
