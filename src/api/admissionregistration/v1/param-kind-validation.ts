import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { dns1035Label, dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import type { ParamKind } from '../../types.generated.ts'

/** Of what kind a policy's parameters are (pkg/apis/admissionregistration/validation validateParamKind). */
export function validateParamKind({ apiVersion = '', kind = '' }: ParamKind, field: string): FieldError[] {
  const errors = validateApiVersion(apiVersion, `${field}.apiVersion`)
  if (kind === '') return [...errors, fieldErrors.required(`${field}.kind`)]
  const faults = dns1035Label(kind.toLowerCase())
  if (faults.length === 0) return errors
  const detail = `may have mixed case, but should otherwise match: ${faults.join(',')}`
  return [...errors, fieldErrors.invalid(`${field}.kind`, kind, detail)]
}

function validateApiVersion(text: string, field: string): FieldError[] {
  if (text === '') return [fieldErrors.required(field)]
  const wrong = (value: string, detail: string) => fieldErrors.invalid(field, value, detail)
  const parts = text === '/' ? [''] : text.split('/')
  if (parts.length > 2) return [wrong(text, `unexpected GroupVersion string: ${text}`)]
  const [group, version] = parts.length === 1 ? ['', parts[0]!] : [parts[0]!, parts[1]!]
  const groupFaults = group === '' ? [] : dns1123Subdomain(group)
  const errors = groupFaults.length > 0 ? [wrong(group, groupFaults.join(','))] : []
  if (version === '') return [...errors, wrong(text, 'version must be specified')]
  const faults = dns1035Label(version)
  return faults.length > 0 ? [...errors, wrong(version, faults.join(','))] : errors
}
