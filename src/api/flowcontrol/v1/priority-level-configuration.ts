import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { statusWithoutMetadata } from '../../object-metadata.ts'
import type { PriorityLevelConfiguration } from '../../types.generated.ts'
import { validatePriorityLevel } from './priority-level/validation.ts'
import { validateFlowStatus } from './status-validation.ts'

const queuing = ({ spec }: PriorityLevelConfiguration) => spec?.limited?.limitResponse?.queuing

export const priorityLevelConfigurations = defineKind<PriorityLevelConfiguration>(
  { group: 'flowcontrol.apiserver.k8s.io', version: 'v1', kind: 'PriorityLevelConfiguration' },
  {
    allowUnconditionalUpdate: true,
    validate: validatePriorityLevel,
    validateUpdate: validatePriorityLevel,
    setDefaults({ spec }) {
      if (spec?.exempt !== undefined) {
        spec.exempt.nominalConcurrencyShares ??= 0
        spec.exempt.lendablePercent ??= 0
      }
      if (spec?.limited === undefined) return
      spec.limited.nominalConcurrencyShares ??= 30
      spec.limited.lendablePercent ??= 0
      const { queuing } = spec.limited.limitResponse ?? {}
      if (queuing === undefined) return
      queuing.handSize ||= 8
      queuing.queues ||= 64
      queuing.queueLengthLimit ||= 50
    },
    columns: [
      nameColumn,
      column('Type', 'string', ({ spec }) => spec?.type ?? ''),
      column('NominalConcurrencyShares', 'string', ({ spec }) => spec?.limited?.nominalConcurrencyShares ?? '<none>'),
      column('Queues', 'string', (level) => queuing(level)?.queues ?? '<none>'),
      column('HandSize', 'string', (level) => queuing(level)?.handSize ?? '<none>'),
      column('QueueLengthLimit', 'string', (level) => queuing(level)?.queueLengthLimit ?? '<none>'),
      ageColumn,
    ],
    subresources: { status: { ...statusWithoutMetadata, validateUpdate: validateFlowStatus } },
  },
)
