import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { jsonEqual } from '../../../../machinery/json.ts'
import { dns1123Label, dns1123Subdomain } from '../../../../machinery/validation/dns-names.ts'
import { parseIp } from '../../../../machinery/validation/ip-address.ts'
import { canonicalIp, legacyIp } from '../../../../machinery/validation/ip-fields.ts'
import { labelValue, qualifiedName } from '../../../../machinery/validation/label-names.ts'
import { validateLabels } from '../../../../machinery/validation/label-selector.ts'
import { checkField, checkOneOf, checkRequiredOneOf, checkUnchanged } from '../../../field-checks.ts'
import type { Endpoint, EndpointSlice } from '../../../types.generated.ts'
import { validateEndpointIp } from '../../../core/v1/endpoint-ip.ts'
import { portProtocols } from '../../../core/v1/protocols.ts'

/** pkg/apis/discovery/validation, and what is declared of the types beside it. */
const addressTypes: readonly string[] = ['FQDN', 'IPv4', 'IPv6']
const maxPorts = 20000
const maxEndpoints = 1000
const maxAddresses = 100
const maxTopologyLabels = 16
const maxHints = 8

export function validateEndpointSlice(slice: EndpointSlice, before?: EndpointSlice): FieldError[] {
  const { addressType } = slice
  const errors = before && addressType ? checkOneOf(addressType, 'addressType', addressTypes) : []
  errors.push(...validatePorts(slice.ports ?? []))
  // What is stored already was right once.
  if (!before || !jsonEqual(before.endpoints, slice.endpoints)) errors.push(...validateEndpoints(slice))
  if (!before || !addressType) errors.push(...checkRequiredOneOf(addressType, 'addressType', addressTypes))
  if (before) errors.push(...checkUnchanged(addressType, before.addressType, 'addressType'))
  errors.push(...validateCounts(slice))
  return errors
}

function validatePorts(ports: NonNullable<EndpointSlice['ports']>): FieldError[] {
  if (ports.length > maxPorts) return [fieldErrors.tooMany('ports', ports.length, maxPorts)]
  const names = new Set<string>()
  return ports.flatMap(({ name = '', protocol, appProtocol }, index) => {
    const field = `ports[${index}]`
    const errors = name ? checkField(name, `${field}.name`, dns1123Label) : []
    if (names.has(name)) errors.push(fieldErrors.duplicate(`${field}.name`, name))
    names.add(name)
    if (protocol === undefined) errors.push(fieldErrors.required(`${field}.protocol`))
    else errors.push(...checkOneOf(protocol, `${field}.protocol`, portProtocols))
    if (appProtocol !== undefined) errors.push(...checkField(appProtocol, `${field}.appProtocol`, qualifiedName))
    return errors
  })
}

function validateEndpoints({ endpoints, addressType }: EndpointSlice): FieldError[] {
  const all = endpoints ?? []
  if (all.length > maxEndpoints) return [fieldErrors.tooMany('endpoints', all.length, maxEndpoints)]
  return all.flatMap((endpoint, index) => validateEndpoint(endpoint, addressType, `endpoints[${index}]`))
}

function validateEndpoint(endpoint: Endpoint, addressType: string, field: string): FieldError[] {
  const { addresses, nodeName, deprecatedTopology, hostname } = endpoint
  const errors = (addresses ?? []).flatMap((address, index) =>
    validateAddress(address, addressType, `${field}.addresses`, index),
  )
  if (nodeName !== undefined) {
    errors.push(...checkField(nodeName, `${field}.nodeName`, (name) => dns1123Subdomain(name)))
  }
  const labels = Object.keys(deprecatedTopology ?? {}).length
  if (labels > maxTopologyLabels) {
    errors.push(fieldErrors.tooMany(`${field}.deprecatedTopology`, labels, maxTopologyLabels))
  }
  errors.push(...validateLabels(deprecatedTopology, `${field}.deprecatedTopology`))
  if (hostname !== undefined) errors.push(...checkField(hostname, `${field}.hostname`, dns1123Label))
  errors.push(...validateHints(endpoint, `${field}.hints`))
  return errors
}

function validateAddress(address: string, type: string, list: string, index: number): FieldError[] {
  const field = `${list}[${index}]`
  if (type === 'FQDN') return fullyQualified(address, field)
  if (type !== 'IPv4' && type !== 'IPv6') return []
  const faults = type === 'IPv4' ? legacyIp(field, address) : canonicalIp(field, address)
  if (faults.length > 0) return faults
  const matches = parseIp(address)?.isV4 === (type === 'IPv4')
  const family = matches ? [] : [fieldErrors.invalid(list, address, `must be an ${type} address`)]
  return [...family, ...validateEndpointIp(address, field)]
}

/** A domain of at least two labels (apimachinery IsFullyQualifiedDomainName). */
function fullyQualified(text: string, field: string): FieldError[] {
  if (text === '') return [fieldErrors.required(field)]
  const name = text.replace(/\.$/, '')
  const texts = dns1123Subdomain(name)
  if (texts.length > 0) return [fieldErrors.invalid(field, name, texts.join(','))]
  const labels = name.split('.')
  if (labels.length < 2) {
    return [fieldErrors.invalid(field, name, 'should be a domain with at least two segments separated by dots')]
  }
  const bad = labels.find((label) => dns1123Label(label).length > 0)
  return bad === undefined ? [] : [fieldErrors.invalid(field, bad, dns1123Label(bad).join(','))]
}

function validateHints({ hints }: Endpoint, field: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [member, check] of [
    ['forZones', labelValue],
    ['forNodes', (name: string) => dns1123Subdomain(name)],
  ] as const) {
    const all = hints?.[member] ?? []
    if (all.length > maxHints) return [...errors, fieldErrors.tooMany(`${field}.${member}`, all.length, maxHints)]
    const names = new Set<string>()
    for (const [index, { name }] of all.entries()) {
      const at = `${field}.${member}[${index}].name`
      if (names.has(name)) errors.push(fieldErrors.duplicate(at, name))
      names.add(name)
      errors.push(...checkField(name, at, check))
    }
  }
  return errors
}

function validateCounts({ endpoints }: EndpointSlice): FieldError[] {
  return (endpoints ?? []).slice(0, maxEndpoints).flatMap(({ addresses }, index) => {
    const field = `endpoints[${index}].addresses`
    const count = addresses?.length ?? 0
    if (count === 0) return [fieldErrors.required(field)]
    return count > maxAddresses ? [fieldErrors.tooMany(field, count, maxAddresses)] : []
  })
}
