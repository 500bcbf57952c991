import { MalformedMessage } from './message.ts'

/** The longest name on the wire, in bytes (RFC 1035 section 2.3.4). */
const maxName = 255
const dot = 0x2e
const backslash = 0x5c

/**
 * Reads a name that may end in pointers. `end` is where the reader goes on, behind the name at `offset`. A pointer must
 * lead backwards, so no message makes it run in circles. Throws MalformedMessage.
 */
export function readName(bytes: Uint8Array, offset: number): { readonly name: string; readonly end: number } {
  let at = offset
  let end = -1
  let length = 1
  let name = ''
  for (;;) {
    const size = bytes[at]
    if (size === undefined) throw new MalformedMessage('a name runs out of the message')
    if (size === 0) return { name, end: end < 0 ? at + 1 : end }
    if (size >= 0xc0) {
      const low = bytes[at + 1]
      if (low === undefined) throw new MalformedMessage('a pointer runs out of the message')
      const target = ((size & 0x3f) << 8) | low
      if (end < 0) end = at + 2
      if (target >= at) throw new MalformedMessage('a pointer leads forward')
      at = target
      continue
    }
    if (size > 63) throw new MalformedMessage('unknown kind of label')
    if (at + 1 + size > bytes.length) throw new MalformedMessage('a label runs out of the message')
    length += size + 1
    if (length > maxName) throw new MalformedMessage('a name is too long')
    if (name !== '') name += '.'
    for (let i = at + 1; i <= at + size; i++) {
      const byte = bytes[i]!
      if (byte === dot || byte === backslash) name += '\\'
      name += String.fromCharCode(byte)
    }
    at += size + 1
  }
}

/** The labels of a name, unescaped; none for the root. */
export function splitName(name: string): string[] {
  if (name === '') return []
  if (!name.includes('\\')) return name.split('.')
  return (name.match(/(?:\\.|[^.\\])+/gs) ?? []).map((label) => label.replace(/\\(.)/gs, '$1'))
}

/** Whether `name` is `zone` or below it. Both in lower case. */
export function isInZone(name: string, zone: string): boolean {
  return name === zone || (name.endsWith(zone) && name[name.length - zone.length - 1] === '.') || zone === ''
}
