/**
 * The text of a string literal with its quotes and escapes, or its bytes as one character each; throws an Error with
 * cel-go's words (parser/unescape.go).
 */
export function unescapeLiteral(literal: string, asBytes: boolean): string {
  let text = literal.replaceAll('\r\n', '\n').replaceAll('\r', '\n')
  const raw = text.startsWith('r') || text.startsWith('R')
  if (raw) text = text.slice(1)
  const quote = text[0]!
  const width = text.length >= 6 && text.startsWith(quote.repeat(3)) ? 3 : 1
  text = text.slice(width, -width)
  const utf8 = (plain: string) => (asBytes ? Buffer.from(plain).toString('latin1') : plain)
  if (raw || !text.includes('\\')) return utf8(text)
  let out = ''
  for (let at = 0; at < text.length; ) {
    if (text[at] !== '\\') {
      const char = String.fromCodePoint(text.codePointAt(at)!)
      out += utf8(char)
      at += char.length
      continue
    }
    const letter = text[at + 1]!
    const simple = simpleEscapes[letter]
    if (simple !== undefined) {
      out += simple
      at += 2
      continue
    }
    const hexLength = { x: 2, X: 2, u: 4, U: 8 }[letter]
    if (asBytes && (letter === 'u' || letter === 'U')) throw new Error('unable to unescape string')
    const digits = hexLength === undefined ? text.slice(at + 1, at + 4) : text.slice(at + 2, at + 2 + hexLength)
    const code = Number.parseInt(digits, hexLength === undefined ? 8 : 16)
    at += hexLength === undefined ? 4 : 2 + hexLength
    if (asBytes) out += String.fromCharCode(code & 0xff)
    else if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw new Error('invalid unicode code point')
    else out += String.fromCodePoint(code)
  }
  return out
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
  '?': '?',
}
