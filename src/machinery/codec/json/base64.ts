const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/**
 * Standard base64 with padding, as Go's StdEncoding reads it: line ends are skipped, anything else is an error. Returns
 * the bytes, or the index at which Go reports the error.
 */
export function decodeBase64(text: string): Uint8Array | number {
  let digits = 0
  let end = text.length
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (char === '\n' || char === '\r') continue
    if (char === '=') {
      const padding = padded(text, at, digits % 4)
      if (padding !== undefined) return padding
      end = at
      break
    }
    if (!alphabet.includes(char)) return at
    digits++
  }
  // Go points at the quantum that is not complete.
  if (end === text.length && digits % 4 !== 0) return text.length - (digits % 4)
  return Buffer.from(text.slice(0, end).replaceAll(/[\r\n]/g, ''), 'base64')
}

/** Checks the padding that begins at `at`, after `digits` digits of its quantum. Returns where it is wrong. */
function padded(text: string, at: number, digits: number): number | undefined {
  const skip = (from: number) => {
    let index = from
    while (text[index] === '\n' || text[index] === '\r') index++
    return index
  }
  if (digits < 2) return at
  let next = skip(at + 1)
  if (digits === 2) {
    if (next >= text.length) return text.length
    if (text[next] !== '=') return next
    next = skip(next + 1)
  }
  return next < text.length ? next : undefined
}
