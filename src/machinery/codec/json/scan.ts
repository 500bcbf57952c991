/** What a look at the text of a JSON value tells that the parsed value has lost. The text must be valid JSON. */
export interface JsonScan {
  /** How many object members the text has; more than the parsed value has: some occur twice. */
  readonly members: number
  readonly depth: number
  /** Whether a number is written with a point, an exponent, or more digits than a double holds. */
  readonly exactNumbers: boolean
}

export function scanJson(text: string): JsonScan {
  let members = 0
  let depth = 0
  let deepest = 0
  let exactNumbers = false
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    switch (char) {
      case 0x22:
        at = stringEnd(text, at)
        break
      case 0x3a:
        members++
        break
      case 0x7b:
      case 0x5b:
        if (++depth > deepest) deepest = depth
        break
      case 0x7d:
      case 0x5d:
        depth--
        break
      default:
        if (char === 0x2d || (char >= 0x30 && char <= 0x39)) {
          const start = at
          let plain = true
          for (;;) {
            const next = text.charCodeAt(at + 1)
            if (next >= 0x30 && next <= 0x39) at++
            else if (next === 0x2e || next === 0x65 || next === 0x45 || next === 0x2b || next === 0x2d) {
              plain = false
              at++
            } else break
          }
          if (!plain || at - start >= 15) exactNumbers = true
        }
    }
  }
  return { members, depth: deepest, exactNumbers }
}

/** The index of the quote that ends the string that begins at `at`. */
function stringEnd(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text.charCodeAt(end - 1 - escapes) === 0x5c) escapes++
    if (escapes % 2 === 0) return end
  }
  return text.length
}

export function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') count += countMembers(item)
    return count
  }
  const members = value as Record<string, unknown>
  for (const name in members) {
    count++
    const member = members[name]
    if (typeof member === 'object') count += countMembers(member)
  }
  return count
}
