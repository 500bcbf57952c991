import { byteLength, maxBytes, maxCharacters, patternText } from './message-text.ts'

/**
 * Names after RFC 1123 and RFC 1035 (apimachinery pkg/util/validation/validation.go). Each check returns what is wrong
 * with the value, in upstream's words; nothing when it is right.
 */
const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const labelWithUnderscore = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const subdomain = `${label}(\\.${label})*`
const subdomainWithUnderscore = `${labelWithUnderscore}(\\.${labelWithUnderscore})*`
const wildcardSubdomain = `\\*\\.${subdomain}`

const labelRegex = new RegExp(`^${label}$`)
const label1035Regex = new RegExp(`^${label1035}$`)

export const maxLabelLength = 63
export const maxSubdomainLength = 253

// The subdomain's expression backtracks badly on long bad input in an engine without RE2's guarantees; label by label
// the same language is linear.
function isSubdomain(value: string, part: RegExp): boolean {
  return value.split('.').every((piece) => part.test(piece))
}
const underscoreLabelRegex = new RegExp(`^${labelWithUnderscore}$`)

/** `tooLongText`: where the content package checks, the limit is said to be in bytes. */
export function dns1123Label(value: string, tooLongText = maxCharacters): string[] {
  const errors = tooLong(value, maxLabelLength, tooLongText)
  if (!labelRegex.test(value)) {
    errors.push(
      isSubdomain(value, labelRegex)
        ? 'must not contain dots'
        : patternText(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
            label,
            'my-name',
            '123-abc',
          ),
    )
  }
  return errors
}

const subdomainMessage =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"

/** `tooLongText` as in {@link dns1123Label}. */
export function dns1123Subdomain(value: string, tooLongText = maxCharacters): string[] {
  const errors = tooLong(value, maxSubdomainLength, tooLongText)
  if (!isSubdomain(value, labelRegex)) errors.push(patternText(subdomainMessage, subdomain, 'example.com'))
  return errors
}

/** As {@link dns1123Subdomain}, with upper case letters allowed. */
export function dns1123SubdomainCaseless(value: string): string[] {
  const errors = tooLong(value, maxSubdomainLength, maxBytes)
  if (!isSubdomain(asciiLowerCase(value), labelRegex)) {
    errors.push(
      patternText(
        "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
        subdomain,
        'Example.com',
      ),
    )
  }
  return errors
}

function asciiLowerCase(value: string): string {
  return value.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

export function dns1123SubdomainWithUnderscore(value: string): string[] {
  const errors = tooLong(value, maxSubdomainLength)
  if (!isSubdomain(value, underscoreLabelRegex)) {
    errors.push(
      patternText(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
        subdomainWithUnderscore,
        'example.com',
      ),
    )
  }
  return errors
}

export function dns1035Label(value: string): string[] {
  const errors = tooLong(value, maxLabelLength)
  if (!label1035Regex.test(value)) {
    errors.push(
      patternText(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
        label1035,
        'my-name',
        'abc-123',
      ),
    )
  }
  return errors
}

/** `*.` and a subdomain (RFC 1034 section 4.3.3). */
export function wildcardDns1123Subdomain(value: string): string[] {
  const errors = tooLong(value, maxSubdomainLength)
  if (!value.startsWith('*.') || !isSubdomain(value.slice(2), labelRegex)) {
    errors.push(
      patternText(
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
        wildcardSubdomain,
        '*.example.com',
      ),
    )
  }
  return errors
}

function tooLong(value: string, max: number, text = maxCharacters): string[] {
  return byteLength(value) > max ? [text(max)] : []
}
