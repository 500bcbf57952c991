import { compareKeys } from './compare-keys.ts'
import { formatGoFloat } from './go-float.ts'
import { styleOf } from './scalar-style.ts'

/**
 * JSON as YAML, the way sigs.k8s.io/yaml prints it, byte for byte: keys sorted, lists not indented, strings quoted where
 * go-yaml quotes them, long lines folded at 80 columns. Members that are undefined are left out.
 */
export function printYaml(value: unknown): string {
  const printer = new Printer()
  printer.root(value)
  return printer.text
}

const bestWidth = 80

class Printer {
  text = ''
  /** Columns written of the present line. */
  #column = 0
  /** Whether a literal has ended its last line already. */
  #lineEnded = false

  root(value: unknown): void {
    const items = entriesOf(value)
    if (isNested(value)) this.#block(value, items, 0, true)
    else this.#scalar(value, 2, false)
    this.#newLine(0)
  }

  /** A mapping or list that is not empty, each line at `indent`; `inLine`: the present line is already there. */
  #block(value: unknown, entries: readonly [string, unknown][] | undefined, indent: number, inLine: boolean): void {
    let first = inLine
    const startLine = () => {
      if (!first) this.#newLine(indent)
      first = false
    }
    if (entries === undefined) {
      for (const item of value as readonly unknown[]) {
        startLine()
        this.#put('-')
        if (isNested(item)) {
          this.#put(' ')
          this.#block(item, entriesOf(item), indent + 2, true)
        } else {
          this.#put(' ')
          this.#scalar(item, indent + 2, false)
        }
      }
      return
    }
    for (const [name, member] of entries) {
      startLine()
      this.#entry(name, member, indent)
    }
  }

  #entry(name: string, member: unknown, indent: number): void {
    const simple = Buffer.byteLength(name) <= 128 && !/[\r\n\u0085\u2028\u2029]/.test(name)
    if (simple) {
      this.#scalar(name, indent, true)
      this.#put(':')
    } else {
      this.#put('? ')
      this.#scalar(name, indent + 2, false)
      this.#newLine(indent)
      this.#put(':')
    }
    if (!isNested(member)) {
      this.#put(' ')
      this.#scalar(member, indent + 2, false)
      return
    }
    const entries = entriesOf(member)
    if (!simple) {
      this.#put(' ')
      this.#block(member, entries, indent + 2, true)
    } else this.#block(member, entries, entries === undefined ? indent : indent + 2, false)
  }

  #scalar(value: unknown, indent: number, isKey: boolean): void {
    if (typeof value === 'string') this.#string(value, indent, isKey)
    else if (typeof value === 'number')
      this.#put(Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? String(value) : formatGoFloat(value))
    else if (typeof value === 'boolean') this.#put(String(value))
    else if (Array.isArray(value)) this.#put('[]')
    else this.#put(value === null || value === undefined ? 'null' : '{}')
  }

  #string(text: string, indent: number, isKey: boolean): void {
    switch (styleOf(text, isKey)) {
      case 'plain':
        this.#folded(text, indent, isKey, false)
        return
      case 'single':
        this.#put("'")
        this.#folded(text, indent, isKey, true)
        this.#put("'")
        return
      case 'double':
        this.#double(text, indent, isKey)
        return
      case 'literal':
        this.#literal(text, indent)
    }
  }

  /** Plain or single-quoted; a lone space beyond the width becomes a line end. */
  #folded(text: string, indent: number, isKey: boolean, quoted: boolean): void {
    if (isKey || (Buffer.byteLength(text) + this.#column <= bestWidth && !lineBreaks.test(text))) {
      this.#put(quoted ? text.replaceAll("'", "''") : text)
      return
    }
    const chars = Array.from(text)
    let spaces = false
    let breaks = false
    for (let at = 0; at < chars.length; at++) {
      const char = chars[at]!
      if (char === ' ') {
        const inside = !quoted || (at > 0 && at < chars.length - 1)
        if (!spaces && this.#column > bestWidth && inside && chars[at + 1] !== ' ') this.#newLine(indent)
        else this.#put(char)
        spaces = true
      } else if (lineBreaks.test(char)) {
        // Only single-quoted texts have them (LF makes a literal): each is written as it is.
        this.text += char
        this.#column = 0
        breaks = true
      } else {
        if (breaks) this.#newLineIn(indent)
        this.#put(quoted && char === "'" ? "''" : char)
        spaces = false
        breaks = false
      }
    }
  }

  #double(text: string, indent: number, isKey: boolean): void {
    this.#put('"')
    const chars = Array.from(text)
    let spaces = false
    for (let at = 0; at < chars.length; at++) {
      const char = chars[at]!
      if (char === ' ') {
        if (!isKey && !spaces && this.#column > bestWidth && at > 0 && at < chars.length - 1) {
          this.#newLine(indent)
          if (chars[at + 1] === ' ') this.#put('\\')
        } else this.#put(char)
        spaces = true
      } else {
        this.#put(unprintable.test(char) ? escape(char) : char)
        spaces = false
      }
    }
    this.#put('"')
  }

  #literal(text: string, indent: number): void {
    this.#put('|')
    if (/^[ \r\n\u0085\u2028\u2029]/.test(text)) this.#put('2')
    if (!lineBreaks.test(text.at(-1)!)) this.#put('-')
    else if (text.length === 1 || lineBreaks.test(text.at(-2)!)) this.#put('+')
    this.text += '\n'
    const lines = text.split('\n')
    const ended = lines.at(-1) === ''
    if (ended) lines.pop()
    this.text += lines.map((line) => (line === '' ? '' : ' '.repeat(indent) + line)).join('\n')
    if (ended) this.text += '\n'
    this.#lineEnded = ended
    this.#column = ended ? 0 : 1
  }

  #newLine(indent: number): void {
    this.text += this.#lineEnded ? ' '.repeat(indent) : `\n${' '.repeat(indent)}`
    this.#lineEnded = false
    this.#column = indent
  }

  #newLineIn(indent: number): void {
    this.text += ' '.repeat(indent)
    this.#column = indent
  }

  #put(text: string): void {
    this.text += text
    this.#column += text.length
  }
}

const lineBreaks = /[\r\n\u0085\u2028\u2029]/
const unprintable = /[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]|["\\\u2028\u2029]/

const escapes: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
}

function escape(char: string): string {
  const known = escapes[char]
  if (known !== undefined) return known
  const code = char.codePointAt(0)!
  const hex = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

function isNested(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.length > 0
  return Object.values(value).some((member) => member !== undefined)
}

/** Sorted members; undefined for a list. */
function entriesOf(value: unknown): [string, unknown][] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => compareKeys(a, b))
}
