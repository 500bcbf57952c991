import { defineKind } from '../../define-kind.ts'
import type { Pod } from '../../types.generated.ts'
import { podColumns, podRowConditions } from './pod/columns.ts'
import { setPodDefaults } from './pod/defaults.ts'
import { podSubresources, preparePodForCreate, preparePodForUpdate } from './pod/prepare.ts'
import { validatePodUpdate } from './pod/update-validation.ts'
import { validatePod } from './pod/validation.ts'
import { podWarnings } from './pod/warnings.ts'

export const pods = defineKind<Pod>(
  { group: '', version: 'v1', kind: 'Pod' },
  {
    returnsDeletedObject: true,
    setDefaults: setPodDefaults,
    prepareForCreate: preparePodForCreate,
    prepareForUpdate: preparePodForUpdate,
    validate: validatePod,
    validateUpdate: validatePodUpdate,
    // Updates of pods are many, and no human's.
    warnings: (pod, old) => (old === undefined ? podWarnings(pod) : []),
    columns: podColumns,
    rowConditions: podRowConditions,
    generation: true,
    allowUnconditionalUpdate: true,
    selectableFieldNames: [
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'spec.hostNetwork',
      'status.phase',
      'status.podIP',
      'status.podIPs',
      'status.nominatedNodeName',
    ],
    fieldAliases: { 'spec.host': 'spec.nodeName' },
    selectableFields: ({ spec, status }) => ({
      'spec.nodeName': spec?.nodeName ?? '',
      'spec.restartPolicy': spec?.restartPolicy ?? '',
      'spec.schedulerName': spec?.schedulerName ?? '',
      'spec.serviceAccountName': spec?.serviceAccountName ?? '',
      'spec.hostNetwork': String(spec?.hostNetwork ?? false),
      'status.phase': status?.phase ?? '',
      'status.podIP': status?.podIPs?.[0]?.ip ?? '',
      'status.nominatedNodeName': status?.nominatedNodeName ?? '',
    }),
    gracefulDeletion: ({ spec, status }, requestedSeconds) => {
      // Nothing runs that could be given time.
      if (!spec?.nodeName || status?.phase === 'Failed' || status?.phase === 'Succeeded') return 0
      const seconds = requestedSeconds ?? spec.terminationGracePeriodSeconds ?? 0
      return seconds < 0 ? 1 : seconds
    },
    subresources: podSubresources,
  },
)
