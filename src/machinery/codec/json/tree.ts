import { goQuote } from '../../field-error.ts'
import { DecodeError } from '../decode-error.ts'
import { nesting } from '../nesting.ts'

/** JSON as it is written: members in order and as often as they occur, numbers as text. */
export type JsonNode = { readonly start: number; readonly end: number } & (
  | { readonly type: 'object'; readonly members: readonly (readonly [string, JsonNode])[] }
  | { readonly type: 'array'; readonly items: readonly JsonNode[] }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'number'; readonly text: string }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'null' }
)

/** Throws a DecodeError with the syntax errors of Go's encoding/json (scanner.go). */
export function parseTree(text: string): JsonNode {
  return new TreeParser(text).parse()
}

const literals = { t: 'true', f: 'false', n: 'null' } as const
const hex = /[0-9a-fA-F]/
const tokens = /^in (?:string escape code|\\u|literal|numeric|exponent)|^after decimal point/

class TreeParser {
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): JsonNode {
    const node = this.#value()
    this.#skipSpace()
    if (this.#at < this.#text.length) this.#unexpected('after top-level value')
    return node
  }

  #value(): JsonNode {
    this.#skipSpace()
    const start = this.#at
    const char = this.#text[start]
    switch (char) {
      case '{':
        return this.#nested(() => this.#object(start))
      case '[':
        return this.#nested(() => this.#array(start))
      case '"':
        return { type: 'string', start, value: this.#string(), end: this.#at }
      case 't':
      case 'f':
      case 'n':
        return this.#literal(literals[char], start)
      default:
        if (char !== undefined && /[-0-9]/.test(char)) return this.#number(start)
        return this.#unexpected('looking for beginning of value')
    }
  }

  #nested(read: () => JsonNode): JsonNode {
    if (++this.#depth > nesting.json) this.#unexpected('exceeded max depth')
    this.#at++
    const node = read()
    this.#depth--
    return node
  }

  #object(start: number): JsonNode {
    const members: [string, JsonNode][] = []
    this.#skipSpace()
    if (this.#text[this.#at] === '}') {
      this.#at++
      return { type: 'object', members, start, end: this.#at }
    }
    for (;;) {
      this.#skipSpace()
      if (this.#text[this.#at] !== '"') this.#unexpected('looking for beginning of object key string')
      const name = this.#string()
      this.#skipSpace()
      if (this.#text[this.#at] !== ':') this.#unexpected('after object key')
      this.#at++
      members.push([name, this.#value()])
      this.#skipSpace()
      const next = this.#text[this.#at]
      if (next !== ',' && next !== '}') this.#unexpected('after object key:value pair')
      this.#at++
      if (next === '}') return { type: 'object', members, start, end: this.#at }
    }
  }

  #array(start: number): JsonNode {
    const items: JsonNode[] = []
    this.#skipSpace()
    if (this.#text[this.#at] === ']') {
      this.#at++
      return { type: 'array', items, start, end: this.#at }
    }
    for (;;) {
      items.push(this.#value())
      this.#skipSpace()
      const next = this.#text[this.#at]
      if (next !== ',' && next !== ']') this.#unexpected('after array element')
      this.#at++
      if (next === ']') return { type: 'array', items, start, end: this.#at }
    }
  }

  #string(): string {
    const start = this.#at++
    let plain = true
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (Number.isNaN(code) || code < 0x20) this.#unexpected('in string literal')
      this.#at++
      if (code === 0x22) {
        return plain
          ? this.#text.slice(start + 1, this.#at - 1)
          : (JSON.parse(this.#text.slice(start, this.#at)) as string)
      }
      if (code === 0x5c) {
        plain = false
        this.#escape()
      }
    }
  }

  #escape(): void {
    const char = this.#text[this.#at]
    if (char === undefined || !/[bfnrt\\/"u]/.test(char)) this.#unexpected('in string escape code')
    this.#at++
    for (let digit = 0; char === 'u' && digit < 4; digit++) {
      if (!hex.test(this.#text[this.#at] ?? '')) this.#unexpected('in \\u hexadecimal character escape')
      this.#at++
    }
  }

  #literal(word: 'true' | 'false' | 'null', start: number): JsonNode {
    for (let at = 1; at < word.length; at++) {
      this.#at = start + at
      if (this.#text[this.#at] !== word[at]) this.#unexpected(`in literal ${word} (expecting '${word[at]}')`)
    }
    this.#at = start + word.length
    const end = this.#at
    return word === 'null' ? { type: 'null', start, end } : { type: 'bool', value: word === 'true', start, end }
  }

  #number(start: number): JsonNode {
    const digits = (context: string) => {
      if (!/[0-9]/.test(this.#text[this.#at] ?? '')) this.#unexpected(context)
      while (/[0-9]/.test(this.#text[this.#at] ?? '')) this.#at++
    }
    if (this.#text[this.#at] === '-') this.#at++
    if (this.#text[this.#at] === '0') this.#at++
    else digits('in numeric literal')
    if (this.#text[this.#at] === '.') {
      this.#at++
      digits('after decimal point in numeric literal')
    }
    if (/[eE]/.test(this.#text[this.#at] ?? '')) {
      this.#at++
      if (/[+-]/.test(this.#text[this.#at] ?? '')) this.#at++
      digits('in exponent of numeric literal')
    }
    return { type: 'number', text: this.#text.slice(start, this.#at), start, end: this.#at }
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.#at++
    }
  }

  #unexpected(context: string): never {
    const code = this.#text.codePointAt(this.#at)
    if (code === undefined) {
      // At the end Go's scanner is given a space, and complains of it where none may be.
      if (tokens.test(context)) throw new DecodeError(`invalid character ' ' ${context}`)
      throw new DecodeError('unexpected end of JSON input')
    }
    throw new DecodeError(`invalid character ${quoteChar(code)} ${context}`)
  }
}

/** Go names the first byte of the character (scanner.go quoteChar). */
function quoteChar(code: number): string {
  const byte = new TextEncoder().encode(String.fromCodePoint(code))[0]!
  if (byte === 0x27) return `'\\''`
  if (byte === 0x22) return `'"'`
  return `'${goQuote(String.fromCharCode(byte)).slice(1, -1)}'`
}
