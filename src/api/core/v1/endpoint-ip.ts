import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { parseIp } from '../../../machinery/validation/ip-address.ts'

/** Addresses that traffic cannot be sent to (pkg/apis/core/validation ValidateEndpointIP). */
export function validateEndpointIp(text: string, field: string): FieldError[] {
  const address = parseIp(text)
  if (address === undefined) return [fieldErrors.invalid(field, text, 'must be a valid IP address')]
  const wrong = (detail: string) => fieldErrors.invalid(field, text, detail)
  const { bytes, isV4 } = address
  const [a, b, c] = isV4 ? bytes.subarray(12) : bytes
  const errors: FieldError[] = []
  const last = bytes.findLastIndex((byte) => byte !== 0)
  if (isV4 ? bytes.subarray(12).every((byte) => byte === 0) : last < 0) {
    errors.push(wrong(`may not be unspecified (${text})`))
  }
  if (isV4 ? a === 127 : bytes.every((byte, index) => byte === (index === 15 ? 1 : 0))) {
    errors.push(wrong('may not be in the loopback range (127.0.0.0/8, ::1/128)'))
  }
  if (isV4 ? a === 169 && b === 254 : a === 0xfe && (b! & 0xc0) === 0x80) {
    errors.push(wrong('may not be in the link-local range (169.254.0.0/16, fe80::/10)'))
  }
  if (isV4 ? a === 224 && b === 0 && c === 0 : a === 0xff && (b! & 0x0f) === 0x02) {
    errors.push(wrong('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'))
  }
  return errors
}
