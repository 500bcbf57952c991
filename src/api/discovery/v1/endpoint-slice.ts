import { ageColumn, column, listCell, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import { ipWarnings } from '../../../machinery/validation/ip-fields.ts'
import type { EndpointSlice } from '../../types.generated.ts'
import { validateEndpointSlice } from './endpoint-slice/validation.ts'

const shown = 3
const managers = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io']

function addressWarnings({ metadata, endpoints }: EndpointSlice): string[] {
  if (managers.includes(metadata.labels?.['endpointslice.kubernetes.io/managed-by'] ?? '')) return []
  return (endpoints ?? []).flatMap(({ addresses }, i) =>
    (addresses ?? []).flatMap((address, j) => ipWarnings(`endpoints[${i}].addresses[${j}]`, address)),
  )
}

export const endpointSlices = defineKind<EndpointSlice>(
  { group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice' },
  {
    allowUnconditionalUpdate: true,
    setDefaults({ ports }) {
      for (const port of ports ?? []) {
        port.name ??= ''
        port.protocol ??= 'TCP'
      }
    },
    prepareForCreate(draft) {
      draft.metadata.generation = 1
      for (const endpoint of draft.endpoints ?? []) delete endpoint.deprecatedTopology
    },
    prepareForUpdate(draft, old) {
      const { metadata, ...rest } = draft
      const { metadata: oldMetadata, ...oldRest } = old
      const isSame =
        jsonEqual({ ...rest, endpoints: rest.endpoints ?? [] }, { ...oldRest, endpoints: oldRest.endpoints ?? [] }) &&
        jsonEqual(metadata.labels, oldMetadata.labels)
      if (!isSame) metadata.generation = (oldMetadata.generation ?? 0) + 1
      if (jsonEqual(draft.endpoints, old.endpoints)) return
      for (const endpoint of draft.endpoints ?? []) delete endpoint.deprecatedTopology
    },
    validate: (slice) => validateEndpointSlice(slice),
    validateUpdate: validateEndpointSlice,
    warnings(slice, old) {
      const deprecated = old === undefined && slice.addressType === 'FQDN'
      return [...(deprecated ? ['spec.addressType: FQDN endpoints are deprecated'] : []), ...addressWarnings(slice)]
    },
    columns: [
      nameColumn,
      column('AddressType', 'string', ({ addressType }) => addressType ?? ''),
      column('Ports', 'string', ({ ports }) =>
        listCell(
          (ports ?? []).map(({ port, name }) => String(port ?? name ?? '*')),
          shown,
        ),
      ),
      column('Endpoints', 'string', ({ endpoints }) =>
        listCell(
          (endpoints ?? []).flatMap(({ addresses }) => addresses ?? []),
          shown,
        ),
      ),
      ageColumn,
    ],
  },
)
