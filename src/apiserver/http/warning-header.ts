/** How many characters all warnings of an answer may have, and each of them when they are too many. */
const totalLimit = 4 * 1024
const itemLimit = 256

/**
 * A header for each warning, `299 - "text"`; those with control characters are left out (apimachinery
 * pkg/util/net/http.go, NewWarningHeader). When there are too many, each is cut (apiserver endpoints/filters/warning.go).
 */
export function warningHeaders(texts: Iterable<string>): string[] {
  const all = [...texts]
    .filter((text) => text !== '' && !/[\u0000-\u001f\u007f-\u009f]/.test(text))
    .map((text) => [...text])
  let written = 0
  let overflow = all.length
  for (const [index, { length }] of all.entries()) {
    if (written + length > totalLimit) {
      overflow = index
      break
    }
    written += length
  }
  if (overflow === all.length) return all.map(header)
  const cut = all.map((characters) => characters.slice(0, itemLimit))
  written = 0
  return cut
    .filter(({ length }, index) => {
      // Those that came before are told again, whatever their length.
      if (index > overflow && written >= totalLimit) return false
      written += length
      return true
    })
    .map(header)
}

function header(characters: readonly string[]): string {
  return `299 - "${escape(characters.join(''))}"`
}

function escape(text: string): string {
  // Headers are latin1: what is beyond goes out as the bytes of its UTF-8.
  const safe = Buffer.from(text, 'utf8').toString('latin1')
  return safe.replace(/[\\"]/g, '\\$&')
}
