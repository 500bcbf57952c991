import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { dns1123Subdomain, dns1123SubdomainWithUnderscore } from '../../../../machinery/validation/dns-names.ts'
import { legacyIp } from '../../../../machinery/validation/ip-fields.ts'
import { byteLength } from '../../../../machinery/validation/message-text.ts'
import { checkField, checkRequiredOneOf } from '../../../field-checks.ts'
import type { HostAlias, PodSpec } from '../../../types.generated.ts'

/** How names resolve in a pod, and what it is called itself (pkg/apis/core/validation). */
const policies: readonly string[] = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
export function validateDnsPolicy(policy: string | undefined, field: string): FieldError[] {
  return checkRequiredOneOf(policy, field, policies)
}

const maxNameservers = 3
const maxSearches = 32
const maxSearchCharacters = 2048

export function validateDnsConfig({ dnsConfig, dnsPolicy }: PodSpec, field: string): FieldError[] {
  if (dnsPolicy === 'None') {
    if (!dnsConfig) return [fieldErrors.required(field, 'must provide `dnsConfig` when `dnsPolicy` is None')]
    if (!dnsConfig.nameservers?.length) {
      const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
      return [fieldErrors.required(`${field}.nameservers`, detail)]
    }
  }
  if (!dnsConfig) return []
  const { nameservers = [], searches = [], options = [] } = dnsConfig
  const errors: FieldError[] = []
  if (nameservers.length > maxNameservers) {
    const detail = `must not have more than ${maxNameservers} nameservers`
    errors.push(fieldErrors.invalid(`${field}.nameservers`, nameservers, detail))
  }
  for (const [index, address] of nameservers.entries())
    errors.push(...legacyIp(`${field}.nameservers[${index}]`, address))
  if (searches.length > maxSearches) {
    const detail = `must not have more than ${maxSearches} search paths`
    errors.push(fieldErrors.invalid(`${field}.searches`, searches, detail))
  }
  if (byteLength(searches.join(' ')) > maxSearchCharacters) {
    const detail = `must not have more than ${maxSearchCharacters} characters (including spaces) in the search list`
    errors.push(fieldErrors.invalid(`${field}.searches`, searches, detail))
  }
  for (const [index, search] of searches.entries()) {
    if (search === '.') continue
    const name = search.replace(/\.$/, '')
    errors.push(...checkField(name, `${field}.searches[${index}]`, dns1123SubdomainWithUnderscore))
  }
  for (const [index, { name }] of options.entries()) {
    if (!name) errors.push(fieldErrors.required(`${field}.options[${index}]`, 'must not be empty'))
  }
  return errors
}

export function validateHostAliases(aliases: readonly HostAlias[] = [], field: string): FieldError[] {
  return aliases.flatMap(({ ip, hostnames = [] }, index) => [
    ...legacyIp(`${field}[${index}].ip`, ip),
    ...hostnames.flatMap((name, at) =>
      checkField(name, `${field}[${index}].hostnames[${at}]`, (text) => dns1123Subdomain(text)),
    ),
  ])
}

export function validateHostnameOverride(spec: PodSpec, specField: string): FieldError[] {
  const { hostnameOverride } = spec
  if (hostnameOverride === undefined) return []
  const field = `${specField}.hostnameOverride`
  const errors: FieldError[] = []
  if (spec.setHostnameAsFQDN) {
    errors.push(fieldErrors.forbidden(field, 'may not be specified when setHostnameAsFQDN is true'))
  }
  if (spec.hostNetwork) errors.push(fieldErrors.forbidden(field, 'may not be specified when hostNetwork is true'))
  if (byteLength(hostnameOverride) > 64) errors.push(fieldErrors.tooLong(field, '', 64))
  errors.push(...checkField(hostnameOverride, field, (text) => dns1123Subdomain(text)))
  return errors
}
