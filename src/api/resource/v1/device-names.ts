import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { dns1123Label, dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import { labelValue } from '../../../machinery/validation/label-names.ts'
import { byteLength } from '../../../machinery/validation/message-text.ts'
import { checkIdentifier } from '../../../machinery/validation/resource-names.ts'
import { checkField } from '../../field-checks.ts'

/** Names of drivers, pools and devices (pkg/apis/resource/validation). */

const maxDriverName = 63
const maxPoolName = 253

/** As for a CSI driver. */
export function checkDriverName(name: string, field: string): FieldError[] {
  if (name === '') return [fieldErrors.required(field)]
  const errors = byteLength(name) > maxDriverName ? [fieldErrors.tooLong(field, name, maxDriverName)] : []
  return [...errors, ...checkField(name, field, (text) => dns1123Subdomain(text.toLowerCase()))]
}

export function checkPoolName(name: string, field: string): FieldError[] {
  if (name === '') return [fieldErrors.required(field)]
  const errors = byteLength(name) > maxPoolName ? [fieldErrors.tooLong(field, name, maxPoolName)] : []
  return [...errors, ...name.split('/').flatMap((part) => checkField(part, field, (text) => dns1123Subdomain(text)))]
}

export function checkDeviceName(name: string, field: string): FieldError[] {
  return checkField(name, field, (text) => dns1123Label(text))
}

export function checkLabelValue(value: string, field: string): FieldError[] {
  return checkField(value, field, labelValue)
}

/** A name of an attribute or a capacity, with or without the domain that has defined it. */
export function checkAttributeName(name: string, field: string): FieldError[] {
  const [domain = '', id, ...others] = name.split('/')
  if (id === undefined) return checkIdentifier(name, field)
  if (others.length > 0) return []
  return [
    ...(domain === ''
      ? [fieldErrors.invalid(field, '', 'the domain must not be empty')]
      : checkDriverName(domain, field)),
    ...(id === '' ? [fieldErrors.invalid(field, '', 'the name must not be empty')] : checkIdentifier(id, field)),
  ]
}
