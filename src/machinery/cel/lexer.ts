import type { Source } from './source.ts'

/** Token types are the operators themselves and the names that cel-go's grammar gives to the rest (parser/gen/CEL.g4). */
export type TokenType = string
export interface Token {
  readonly type: TokenType
  readonly text: string
  /** Code points from the start of the source. */
  readonly start: number
}

const operators = ['==', '!=', '<=', '>=', '&&', '||', ...'<>[]{}().,-!?:+*/%']
const keywords = new Set(['in', 'true', 'false', 'null'])
const digit = (char: string | undefined) => char !== undefined && char >= '0' && char <= '9'
const hexDigit = (char: string | undefined) => char !== undefined && /^[0-9a-fA-F]$/.test(char)
const letter = (char: string | undefined) => char !== undefined && /^[A-Za-z_]$/.test(char)
const escapedIdentifierChar = (char: string | undefined) => char !== undefined && /^[A-Za-z0-9_.\-/ ]$/.test(char)

/** Splits an expression into tokens, the last of which is EOF; tells what is no token and goes on behind it. */
export function tokenize(source: Source, complain: (offset: number, message: string) => void): Token[] {
  const { chars } = source
  const tokens: Token[] = []
  let at = 0
  const take = (type: TokenType, end: number) => {
    tokens.push({ type, text: chars.slice(at, end).join(''), start: at })
    at = end
  }
  while (at < chars.length) {
    const char = chars[at]!
    if (char === ' ' || char === '\t' || char === '\n' || char === '\r' || char === '\f') {
      at++
      continue
    }
    if (char === '/' && chars[at + 1] === '/') {
      while (at < chars.length && chars[at] !== '\n') at++
      continue
    }
    const number = numberAt(chars, at)
    if (number !== undefined) {
      take(number.type, number.end)
      continue
    }
    const text = stringAt(chars, at)
    if (text?.end !== undefined) {
      take(text.type, text.end)
      continue
    }
    if (letter(char)) {
      let end = at + 1
      while (letter(chars[end]) || digit(chars[end])) end++
      const word = chars.slice(at, end).join('')
      take(keywords.has(word) ? word : 'IDENTIFIER', end)
      continue
    }
    let failed = text?.failed
    if (char === '`') {
      let end = at + 1
      while (escapedIdentifierChar(chars[end])) end++
      if (end > at + 1 && chars[end] === '`') {
        take('ESC_IDENTIFIER', end + 1)
        continue
      }
      failed = end
    }
    if (failed === undefined) {
      const operator = operators.find((op) => op === char + (op.length > 1 ? (chars[at + 1] ?? '') : ''))
      if (operator !== undefined) {
        take(operator, at + operator.length)
        continue
      }
      // `|`, `&` and `=` alone begin a token that the next character spoils.
      failed = '|&='.includes(char) ? at + 1 : at
    }
    const wrong = chars.slice(at, failed + 1).join('')
    complain(at, `token recognition error at: '${shown(wrong)}'`)
    at = failed + 1
  }
  tokens.push({ type: 'EOF', text: '<EOF>', start: chars.length })
  return tokens
}

/** As ANTLR shows white space in messages. */
export function shown(text: string): string {
  return text.replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
}

function numberAt(chars: readonly string[], at: number): { type: TokenType; end: number } | undefined {
  const first = chars[at]
  if (!digit(first) && !(first === '.' && digit(chars[at + 1]))) return undefined
  if (first === '0' && chars[at + 1] === 'x' && hexDigit(chars[at + 2])) {
    let end = at + 2
    while (hexDigit(chars[end])) end++
    return chars[end] === 'u' || chars[end] === 'U' ? { type: 'NUM_UINT', end: end + 1 } : { type: 'NUM_INT', end }
  }
  let end = at
  while (digit(chars[end])) end++
  let float = false
  if (chars[end] === '.' && digit(chars[end + 1])) {
    float = true
    end++
    while (digit(chars[end])) end++
  }
  if (chars[end] === 'e' || chars[end] === 'E') {
    const sign = chars[end + 1] === '+' || chars[end + 1] === '-' ? 1 : 0
    if (digit(chars[end + 1 + sign])) {
      float = true
      end += 1 + sign
      while (digit(chars[end])) end++
    }
  }
  if (float) return { type: 'NUM_FLOAT', end }
  return chars[end] === 'u' || chars[end] === 'U' ? { type: 'NUM_UINT', end: end + 1 } : { type: 'NUM_INT', end }
}

/** A string or bytes literal: its end, or where it fails; undefined: none begins here. */
function stringAt(
  chars: readonly string[],
  start: number,
): { type: TokenType; end: number; failed?: undefined } | { end?: undefined; failed: number } | undefined {
  let at = start
  let type = 'STRING'
  const isQuote = (char: string | undefined) => char === '"' || char === "'"
  const isRaw = (char: string | undefined) => char === 'r' || char === 'R'
  if (chars[at] === 'b' || chars[at] === 'B') {
    if (!isQuote(chars[at + 1]) && !(isRaw(chars[at + 1]) && isQuote(chars[at + 2]))) return undefined
    type = 'BYTES'
    at++
  }
  const raw = isRaw(chars[at]) && isQuote(chars[at + 1])
  if (raw) at++
  const quote = chars[at]
  if (!isQuote(quote)) return undefined
  const triple = chars[at + 1] === quote && chars[at + 2] === quote
  at += triple ? 3 : 1
  for (;;) {
    const char = chars[at]
    if (char === undefined) break
    if (char === quote && (!triple || (chars[at + 1] === quote && chars[at + 2] === quote)))
      return { type, end: at + (triple ? 3 : 1) }
    if (!triple && (char === '\n' || char === '\r')) break
    if (char === '\\' && !raw) {
      const length = escapeLength(chars, at)
      if (length < 0) return { failed: at - length }
      at += length
    } else at++
  }
  // An unclosed triple quote still is an empty string and the beginning of another.
  if (triple) return { type, end: start + (type === 'BYTES' ? 1 : 0) + (raw ? 1 : 0) + 2 }
  return { failed: at }
}

/** The length of the escape sequence; negative: the (negated) distance to the character that spoils it. */
function escapeLength(chars: readonly string[], at: number): number {
  const letterAfter = chars[at + 1]
  if (letterAfter === undefined) return -1
  if ('abfnrtv"\'\\?`'.includes(letterAfter)) return 2
  const hex = { x: 2, X: 2, u: 4, U: 8 }[letterAfter]
  if (hex !== undefined) {
    for (let i = 0; i < hex; i++) if (!hexDigit(chars[at + 2 + i])) return -(2 + i)
    return 2 + hex
  }
  if (letterAfter >= '0' && letterAfter <= '3') {
    for (let i = 0; i < 2; i++) {
      const octal = chars[at + 2 + i]
      if (octal === undefined || octal < '0' || octal > '7') return -(2 + i)
    }
    return 4
  }
  return -1
}
