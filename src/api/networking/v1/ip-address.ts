import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { qualified } from '../../../machinery/errors.ts'
import { canonicalIp } from '../../../machinery/validation/ip-fields.ts'
import { checkField } from '../../field-checks.ts'
import type { IPAddress } from '../../types.generated.ts'
import { validateIpAddress } from './ip-address-validation.ts'

function parentCell({ spec }: IPAddress): string {
  const parent = spec?.parentRef
  if (parent === undefined) return '<none>'
  const resource = qualified({ group: parent.group ?? '', resource: parent.resource ?? '' }).toLowerCase()
  return `${resource}${parent.namespace ? `/${parent.namespace}` : ''}/${parent.name}`
}

const nameFaults = (name: string) => canonicalIp('metadata.name', name).map(({ detail = '' }) => detail)

export const ipAddresses = defineKind<IPAddress>(
  { group: 'networking.k8s.io', version: 'v1', kind: 'IPAddress' },
  {
    // The name is the address, in canonical form.
    nameRule: nameFaults,
    allowUnconditionalUpdate: true,
    validate: validateIpAddress,
    validateUpdate: (address) => [
      ...checkField(address.metadata.generateName ?? '', 'metadata.generateName', (text) =>
        text === '' ? [] : nameFaults(text),
      ),
      ...validateIpAddress(address),
    ],
    columns: [nameColumn, column('ParentRef', 'string', parentCell), { ...ageColumn, undeclared: true }],
  },
)
