import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { Lease } from '../../types.generated.ts'
import { validateLease } from './validation.ts'

export const leases = defineKind<Lease>(
  { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' },
  {
    allowCreateOnUpdate: true,
    // Coordinated leader election is off by default.
    prepareForCreate({ spec }) {
      delete spec?.strategy
      delete spec?.preferredHolder
    },
    prepareForUpdate({ spec }, old) {
      if (old.spec?.strategy === undefined) delete spec?.strategy
      if (old.spec?.preferredHolder === undefined) delete spec?.preferredHolder
    },
    validate: validateLease,
    validateUpdate: validateLease,
    columns: [nameColumn, column('Holder', 'string', ({ spec }) => spec?.holderIdentity ?? ''), ageColumn],
  },
)
