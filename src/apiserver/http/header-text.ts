/** What a header says: Node.js gives a character per byte, while names of people are UTF-8 (as all strings of Go are). */
export function textOfHeader(value: string): string {
  return /[\x80-\xff]/.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value
}
