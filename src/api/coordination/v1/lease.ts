import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { Lease } from '../../types.generated.ts'
import { validateLease } from './validation.ts'

const coordinated = 'CoordinatedLeaderElection'

export const leases = defineKind<Lease>(
  { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' },
  {
    allowCreateOnUpdate: true,
    prepareForCreate({ spec }, { enabled }) {
      if (enabled(coordinated)) return
      delete spec?.strategy
      delete spec?.preferredHolder
    },
    prepareForUpdate({ spec }, old, { enabled }) {
      if (enabled(coordinated)) return
      if (old.spec?.strategy === undefined) delete spec?.strategy
      if (old.spec?.preferredHolder === undefined) delete spec?.preferredHolder
    },
    validate: validateLease,
    validateUpdate: validateLease,
    columns: [nameColumn, column('Holder', 'string', ({ spec }) => spec?.holderIdentity ?? ''), ageColumn],
  },
)
