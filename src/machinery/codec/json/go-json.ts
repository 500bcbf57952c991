const escaped: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
}

/** JSON as encoding/json writes it: what could end a script in a page is escaped. */
export function goJsonText(value: unknown, pretty = false): string {
  const text = pretty ? JSON.stringify(value, undefined, 2) : JSON.stringify(value)
  return /[<>&\u2028\u2029]/.test(text) ? text.replace(/[<>&\u2028\u2029]/g, (char) => escaped[char]!) : text
}
