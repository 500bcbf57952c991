import { column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { qualified } from '../../../machinery/errors.ts'
import { canonicalIp } from '../../../machinery/validation/ip-fields.ts'
import type { IPAddress } from '../../types.generated.ts'
import { validateIpAddress, validateIpAddressUpdate } from './ip-address-validation.ts'

function parentCell({ spec }: IPAddress): string {
  const parent = spec?.parentRef
  if (parent === undefined) return '<none>'
  const resource = qualified({ group: parent.group ?? '', resource: parent.resource ?? '' }).toLowerCase()
  return `${resource}${parent.namespace ? `/${parent.namespace}` : ''}/${parent.name}`
}

export const ipAddresses = defineKind<IPAddress>(
  { group: 'networking.k8s.io', version: 'v1', kind: 'IPAddress' },
  {
    // The name is the address, in canonical form.
    nameRule: (name) => canonicalIp('metadata.name', name).map(({ detail = '' }) => detail),
    allowUnconditionalUpdate: true,
    validate: validateIpAddress,
    validateUpdate: validateIpAddressUpdate,
    columns: [nameColumn, column('ParentRef', 'string', parentCell)],
  },
)
