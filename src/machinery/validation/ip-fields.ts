import { fieldErrors, goQuote, type FieldError } from '../field-error.ts'
import { formatCidr, formatIp, formatIpExactly, parseCidr, parseIp, type Cidr, type IpAddress } from './ip-address.ts'

/**
 * Fields that hold IP addresses and CIDRs (apimachinery pkg/util/validation/ip.go), with StrictIPCIDRValidation on, as
 * it is by default since v1.36.
 */
function strictIpErrors(field: string, value: string): { address?: IpAddress; errors: FieldError[] } {
  const address = parseIp(value)
  if (address === undefined) {
    return {
      errors: [fieldErrors.invalid(field, value, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')],
    }
  }
  const errors: FieldError[] = []
  if (address.leadingZeros) errors.push(fieldErrors.invalid(field, value, 'must not have leading 0s'))
  else if (address.is4In6) errors.push(fieldErrors.invalid(field, value, 'must not be an IPv4-mapped IPv6 address'))
  return { address, errors }
}

/** `oldValues`: what the old object held stays allowed. */
export function legacyIp(field: string, value: string, oldValues: readonly string[] = []): FieldError[] {
  return oldValues.includes(value) ? [] : strictIpErrors(field, value).errors
}

/** An address in canonical form. */
export function canonicalIp(field: string, value: string): FieldError[] {
  const { address, errors } = strictIpErrors(field, value)
  if (address === undefined || errors.length > 0) return errors
  const canonical = formatIp(address)
  return value === canonical ? [] : [notCanonical(field, value, canonical)]
}

function notCanonical(field: string, value: string, canonical: string): FieldError {
  return fieldErrors.invalid(field, value, `must be in canonical form (${goQuote(canonical)})`)
}

export function ipWarnings(field: string, value: string): string[] {
  const address = parseIp(value)
  if (address === undefined) return []
  if (address.leadingZeros || address.is4In6) {
    return [`${field}: non-standard IP address ${goQuote(value)} is invalid: use ${goQuote(formatIp(address))}`]
  }
  const canonical = formatIpExactly(address)
  if (address.isV4 || canonical === value) return []
  return [`${field}: IPv6 address ${goQuote(value)} should be in RFC 5952 canonical format (${goQuote(canonical)})`]
}

function strictCidrErrors(field: string, value: string): { cidr?: Cidr; errors: FieldError[] } {
  const cidr = parseCidr(value)
  if (cidr === undefined) {
    const detail = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
    return { errors: [fieldErrors.invalid(field, value, detail)] }
  }
  const errors: FieldError[] = []
  if (cidr.leadingZeros) {
    errors.push(fieldErrors.invalid(field, value, 'must not have leading 0s in IP or prefix length'))
  } else if (cidr.address.is4In6) {
    errors.push(fieldErrors.invalid(field, value, 'must not have an IPv4-mapped IPv6 address'))
  } else if (!cidr.address.bytes.every((byte, index) => byte === cidr.network.bytes[index])) {
    errors.push(fieldErrors.invalid(field, value, 'must not have bits set beyond the prefix length'))
  }
  return { cidr, errors }
}

export function legacyCidr(field: string, value: string, oldValues: readonly string[] = []): FieldError[] {
  return oldValues.includes(value) ? [] : strictCidrErrors(field, value).errors
}

/** A network (`192.168.1.0/24`) in canonical form. */
export function canonicalCidr(field: string, value: string): FieldError[] {
  const { cidr, errors } = strictCidrErrors(field, value)
  if (cidr === undefined || errors.length > 0) return errors
  const canonical = formatCidr(cidr)
  return value === canonical ? [] : [notCanonical(field, value, canonical)]
}

export function cidrWarnings(field: string, value: string): string[] {
  const cidr = parseCidr(value)
  if (cidr === undefined) return []
  const warnings: string[] = []
  const canonical = formatCidr(cidr)
  if (!cidr.address.bytes.every((byte, index) => byte === cidr.network.bytes[index])) {
    const single = `${formatIp(cidr.address)}/${cidr.address.isV4 && !cidr.address.is4In6 ? 32 : 128}`
    warnings.push(
      `${field}: CIDR value ${goQuote(value)} is ambiguous in this context (should be ${goQuote(canonical)} or ${goQuote(single)}?)`,
    )
  }
  if (cidr.leadingZeros || cidr.address.is4In6) {
    warnings.push(`${field}: non-standard CIDR value ${goQuote(value)} is invalid: use ${goQuote(canonical)}`)
  }
  if (warnings.length === 0 && !cidr.address.isV4) {
    const exact = `${formatIp(cidr.address)}/${cidr.prefixLength}`
    if (exact !== value) {
      warnings.push(
        `${field}: IPv6 CIDR value ${goQuote(value)} should be in RFC 5952 canonical format (${goQuote(exact)})`,
      )
    }
  }
  return warnings
}

/** An address with the length of its subnet (`192.168.1.5/24`) in canonical form. */
export function interfaceAddress(field: string, value: string): FieldError[] {
  const cidr = parseCidr(value)
  if (cidr === undefined) {
    const detail = 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)'
    return [fieldErrors.invalid(field, value, detail)]
  }
  const length = cidr.address.is4In6 && cidr.prefixLength > 32 ? cidr.prefixLength - 96 : cidr.prefixLength
  const canonical = `${formatIp(cidr.address)}/${length}`
  return value === canonical ? [] : [notCanonical(field, value, canonical)]
}
