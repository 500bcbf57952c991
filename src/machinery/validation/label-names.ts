import { dns1123Subdomain } from './dns-names.ts'
import { byteLength, maxBytes, mustNotBeEmpty, patternText } from './message-text.ts'

/**
 * Keys and values of labels (apimachinery pkg/api/validate/content/kube.go). A label key is what other places call a
 * qualified name: an optional DNS prefix, a slash, and a name.
 */
const name = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const value = `(${name})?`
const nameRegex = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const nameMessage =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const maxLength = 63

const nameText = patternText(nameMessage, name, 'MyName', 'my.name', '123-abc')

export function labelKey(key: string): string[] {
  const parts = key.split('/')
  if (parts.length > 2) {
    return [`a valid label key ${nameText} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  }
  const errors: string[] = []
  if (parts.length === 2) {
    const prefix = parts[0]!
    if (prefix === '') errors.push(`prefix part ${mustNotBeEmpty}`)
    else for (const text of dns1123Subdomain(prefix, maxBytes)) errors.push(`prefix part ${text}`)
  }
  const own = parts.at(-1)!
  if (own === '') errors.push(`name part ${mustNotBeEmpty}`)
  else if (own.length > maxLength || byteLength(own) > maxLength) errors.push(`name part ${maxBytes(maxLength)}`)
  if (!nameRegex.test(own)) errors.push(`name part ${nameText}`)
  return errors
}

export const qualifiedName = labelKey

/** A label key that must have a prefix: `example.com/key`. */
export function prefixedLabelKey(key: string): string[] {
  const errors = labelKey(key)
  if (errors.length > 0) return errors
  return key.includes('/') ? [] : ["must include a prefix (e.g. 'example.com/key')"]
}

const valueText = patternText(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  value,
  'MyValue',
  'my_value',
  '12345',
)

export function labelValue(text: string): string[] {
  const errors = text.length > maxLength || byteLength(text) > maxLength ? [maxBytes(maxLength)] : []
  if (text !== '' && !nameRegex.test(text)) errors.push(valueText)
  return errors
}
