import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { dns1123Label, dns1123Subdomain } from '../../../../machinery/validation/dns-names.ts'
import { ipWarnings, legacyIp } from '../../../../machinery/validation/ip-fields.ts'
import { qualifiedName } from '../../../../machinery/validation/label-names.ts'
import { portNumber } from '../../../../machinery/validation/value-formats.ts'
import { checkField, checkRequiredOneOf } from '../../../field-checks.ts'
import type { EndpointAddress, Endpoints } from '../../../types.generated.ts'
import { validateEndpointIp } from '../endpoint-ip.ts'
import { portProtocols } from '../protocols.ts'

const members = ['addresses', 'notReadyAddresses'] as const

/** pkg/apis/core/validation validateEndpointSubsets. */
export function validateSubsets(subsets: Endpoints['subsets'] = []): FieldError[] {
  return subsets.flatMap((subset, index) => {
    const field = `subsets[${index}]`
    const errors: FieldError[] = []
    if (!subset.addresses?.length && !subset.notReadyAddresses?.length) {
      errors.push(fieldErrors.required(field, 'must specify `addresses` or `notReadyAddresses`'))
    }
    for (const member of members) {
      for (const [at, address] of (subset[member] ?? []).entries()) {
        errors.push(...validateAddress(address, `${field}.${member}[${at}]`))
      }
    }
    const { ports = [] } = subset
    for (const [at, { name, port, protocol, appProtocol }] of ports.entries()) {
      const path = `${field}.ports[${at}]`
      if (name) errors.push(...checkField(name, `${path}.name`, dns1123Label))
      else if (ports.length > 1) errors.push(fieldErrors.required(`${path}.name`))
      errors.push(...checkField(port, `${path}.port`, portNumber))
      errors.push(...checkRequiredOneOf(protocol, `${path}.protocol`, portProtocols))
      if (appProtocol !== undefined) errors.push(...checkField(appProtocol, `${path}.appProtocol`, qualifiedName))
    }
    return errors
  })
}

function validateAddress({ ip, hostname, nodeName }: EndpointAddress, field: string): FieldError[] {
  const errors = legacyIp(`${field}.ip`, ip)
  if (hostname) errors.push(...checkField(hostname, `${field}.hostname`, dns1123Label))
  if (nodeName !== undefined) {
    errors.push(...checkField(nodeName, `${field}.nodeName`, (name) => dns1123Subdomain(name)))
  }
  return [...errors, ...validateEndpointIp(ip, `${field}.ip`)]
}

/** The controller's own addresses are canonical, and many. */
export function endpointsWarnings({ metadata, subsets = [] }: Endpoints): string[] {
  if (metadata.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller') return []
  return subsets.flatMap((subset, index) =>
    members.flatMap((member) =>
      (subset[member] ?? []).flatMap(({ ip }, at) => ipWarnings(`subsets[${index}].${member}[${at}].ip`, ip)),
    ),
  )
}
