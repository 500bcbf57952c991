import type { YAMLException } from 'js-yaml'
import { DecodeError } from '../decode-error.ts'

/**
 * What a look at the text alone forbids, in libyaml's words (yaml reader.go). No line: the reader knows none. The text comes
 * from {@link yamlText}.
 */
export function checkYamlText(text: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]/.test(text)) {
    throw new DecodeError(controlCharacters)
  }
  if (/^(?:[ \t]*(?:#.*)?\n)*%(?!(?:YAML|TAG)[ \t])/.test(text)) {
    throw new DecodeError('yaml: found unknown directive name')
  }
}
const controlCharacters = 'yaml: control characters are not allowed'

/** The text of a YAML stream: UTF-8, or UTF-16 with a byte order mark. Throws DecodeError for what is neither. */
export function yamlText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return buffer.toString('utf16le', 2)
  if (buffer[0] === 0xfe && buffer[1] === 0xff) return Buffer.from(buffer.subarray(2)).swap16().toString('utf16le')
  const text = buffer.toString('utf8')
  if (text.includes('\ufffd')) refuseBadUtf8(buffer)
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

function refuseBadUtf8(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!
    if (first < 0x20 && first !== 9 && first !== 10 && first !== 13) throw new DecodeError(controlCharacters)
    const width = first < 0x80 ? 1 : first >> 5 === 6 ? 2 : first >> 4 === 14 ? 3 : first >> 3 === 30 ? 4 : 0
    if (width === 0) throw new DecodeError('yaml: invalid leading UTF-8 octet')
    if (at + width > bytes.length) throw new DecodeError('yaml: incomplete UTF-8 octet sequence')
    for (let next = at + 1; next < at + width; next++) {
      if (bytes[next]! >> 6 !== 2) throw new DecodeError('yaml: invalid trailing UTF-8 octet')
    }
    at += width
  }
}

interface Words {
  readonly text: string
  /** libyaml's scanner counts the line that it stands in, its parser the lines before (yaml.go, parser.fail). */
  readonly by: 'scanner' | 'parser'
  /** Where it is seen, when not where it stands. */
  readonly at?: 'last line' | 'end'
}
const scanner = (text: string, at?: Words['at']): Words => ({ text, by: 'scanner', at })
const parser = (text: string, at?: Words['at']): Words => ({ text, by: 'parser', at })

const words: Readonly<Record<string, Words>> = {
  'bad indentation of a mapping entry': scanner('mapping values are not allowed in this context'),
  'mapping values are not allowed in this context': scanner('mapping values are not allowed in this context'),
  'unknown escape sequence': scanner('found unknown escape character'),
  "expected ':' after a mapping key": scanner("could not find expected ':'", 'end'),
  'unexpected end of the stream within a double quoted scalar': scanner('found unexpected end of stream', 'last line'),
  'unexpected end of the stream within a single quoted scalar': scanner('found unexpected end of stream', 'last line'),
}

/** A syntax error in libyaml's words, as far as it is one that it knows. */
export function yamlFault(text: string, error: YAMLException): DecodeError {
  const { reason, mark } = error
  const line = mark?.line ?? 0
  const at = mark?.position ?? 0
  if (reason.startsWith('nesting exceeded')) return tooDeep(text, at)
  const known = reason === 'unexpected end of the stream within a flow collection' ? openFlow(text) : words[reason]
  if (/[@`]/.test(text.charAt(at))) return fault(scanner('found character that cannot start any token'), line, text)
  if (known !== undefined) return fault(known, line, text)
  if (reason === tabs) return fault(scanner(tabWords(text, at)), line, text)
  return new DecodeError(`yaml: line ${line + 1}: ${reason}`, { cause: error })
}

const tabs = 'tab characters must not be used in indentation'

/** Where a value is awaited, a tab is taken for its beginning. */
function tabWords(text: string, at: number): string {
  const before = text.slice(0, text.lastIndexOf('\n', at)).trimEnd()
  return before.endsWith(':')
    ? 'found character that cannot start any token'
    : 'found a tab character that violates indentation'
}

/** Of what begins at `at` in the text, where that is known. In upstream's words, though our bound may be another. */
export function tooDeep(text = '', at = 0): DecodeError {
  return fault(scanner('exceeded max depth of 10000'), linesOf(text.slice(0, at + 1)) - 1, text)
}

function fault({ text: what, by, at: where }: Words, line: number, text: string): DecodeError {
  const at = where === undefined ? line : where === 'end' ? linesOf(text) : linesOf(text) - 1
  if (at === 0) return new DecodeError(`yaml: ${what}`)
  return new DecodeError(`yaml: line ${by === 'scanner' ? at + 1 : at}: ${what}`)
}

/** Of the innermost flow collection that is open at the end. */
function openFlow(text: string): Words {
  if (/[[{,]\s*$/.test(text)) return parser('did not find expected node content', 'end')
  let last = '{'
  let depth = 0
  for (let at = text.length - 1; at >= 0; at--) {
    const char = text.charAt(at)
    if (char === '}' || char === ']') depth++
    else if ((char === '{' || char === '[') && depth-- === 0) {
      last = char
      break
    }
  }
  return parser(`did not find expected ',' or '${last === '{' ? '}' : ']'}'`, 'end')
}

/** Lines of the text, the last counted whether or not it is ended. */
function linesOf(text: string): number {
  const trimmed = text.endsWith('\n') ? text.slice(0, -1) : text
  return trimmed.split('\n').length
}
