/** Sentences that several checks share (apimachinery pkg/util/validation and pkg/api/validate/content). */

/** Length in UTF-8 bytes, which is what Go's len() counts. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text)
}

export function maxCharacters(max: number): string {
  return `must be no more than ${max} characters`
}

export function maxBytes(max: number): string {
  return `must be no more than ${max} bytes`
}

export const mustNotBeEmpty = 'must be non-empty'

export function inclusiveRange(low: number, high: number): string {
  return `must be between ${low} and ${high}, inclusive`
}

/** What a value should look like: the rule in words, examples, and the expression that it failed. */
export function patternText(message: string, pattern: string, ...examples: string[]): string {
  const regex = `regex used for validation is '${pattern}'`
  if (examples.length === 0) return `${message} (${regex})`
  return `${message} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}${regex})`
}

export const isNegativeMessage = 'must be greater than or equal to 0'
export const fieldImmutableMessage = 'field is immutable'
