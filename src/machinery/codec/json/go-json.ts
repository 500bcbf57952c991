const escaped: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
}

/** JSON as encoding/json writes it: what could end a script in a page is escaped. */
export function goJsonText(value: unknown, pretty = false): string {
  return goEscaped(JSON.stringify(value, undefined, pretty ? 2 : undefined))
}

/** JSON text with the characters escaped that encoding/json escapes. */
export function goEscaped(text: string): string {
  return /[<>&\u2028\u2029]/.test(text) ? text.replace(/[<>&\u2028\u2029]/g, (char) => escaped[char]!) : text
}
