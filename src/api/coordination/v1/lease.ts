import { ageColumn, column, nameColumn } from '../../columns.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import { defineKind } from '../../define-kind.ts'
import type { Lease } from '../../types.generated.ts'
import { validateLease } from './validation.ts'

const nodeLeases = 'kube-node-lease'

export const leases = defineKind<Lease>(
  { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' },
  {
    allowCreateOnUpdate: true,
    validate: validateLease,
    validateUpdate: validateLease,
    /**
     * Of nodes alone: pkg/controller/nodelifecycle counts from when it saw a renewal. Leases by which leaders are elected are
     * compared with the time of day by some clients.
     */
    isHeartbeat: (lease, old) =>
      lease.metadata.namespace === nodeLeases && jsonEqual(withoutTimes(lease), withoutTimes(old)),
    columns: [nameColumn, column('Holder', 'string', ({ spec }) => spec?.holderIdentity ?? ''), ageColumn],
  },
)

function withoutTimes({ metadata, spec }: Lease): unknown {
  const { managedFields: _managers, resourceVersion: _revision, ...identity } = metadata
  return [identity, { ...spec, renewTime: undefined }]
}
