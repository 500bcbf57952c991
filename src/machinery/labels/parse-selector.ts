import { errorText } from '../field-error.ts'
import { invalidKey, requirement, SelectorError, type Operator, type Requirement } from './requirement.ts'
import { selectorOf, type Selector } from './selector.ts'

/**
 * The text form of label selectors: `x in (foo,,baz),y,z notin (),a=b,!c,d>1` (the grammar is in the comment of
 * apimachinery pkg/labels Parse). Throws SelectorError with upstream's words.
 */
export function parseSelector(text: string): Selector {
  return selectorOf(new Parser(text).parse())
}

type TokenKind = 'end' | 'identifier' | 'error' | 'in' | 'notin' | '(' | ')' | ',' | '!' | '==' | '=' | '!=' | '>' | '<'
interface Token {
  readonly kind: TokenKind
  readonly text: string
}

const special = '=!(),><'
const white = ' \t\r\n'
const symbols: ReadonlySet<string> = new Set([')', ',', '!', '==', '=', '>', '<', '!=', '('])
const operators: Partial<Record<TokenKind, Operator>> = {
  in: 'in',
  notin: 'notin',
  '=': '=',
  '==': '==',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
}

function scan(text: string): Token[] {
  const tokens: Token[] = []
  const end = text.includes('\0') ? text.indexOf('\0') : text.length
  let at = 0
  for (;;) {
    while (at < end && white.includes(text[at]!)) at++
    if (at >= end) break
    const start = at
    if (special.includes(text[at]!)) {
      // The longest symbol that fits; `!` and `=` may begin a longer one.
      const two = text.slice(at, Math.min(at + 2, end))
      const symbol = two.length === 2 && symbols.has(two) ? two : text[at]!
      at += symbol.length
      tokens.push({ kind: symbol as TokenKind, text: symbol })
    } else {
      while (at < end && !special.includes(text[at]!) && !white.includes(text[at]!)) at++
      const word = text.slice(start, at)
      tokens.push({ kind: word === 'in' || word === 'notin' ? word : 'identifier', text: word })
    }
  }
  tokens.push({ kind: 'end', text: '' })
  return tokens
}

class Parser {
  readonly #tokens: readonly Token[]
  #position = 0

  constructor(text: string) {
    this.#tokens = scan(text)
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = []
    for (;;) {
      const next = this.#peek()
      if (next.kind === 'end') return requirements
      if (next.kind !== 'identifier' && next.kind !== '!') {
        throw new SelectorError(`found '${next.text}', expected: !, identifier, or 'end of string'`)
      }
      try {
        requirements.push(this.#requirement())
      } catch (error) {
        if (!(error instanceof SelectorError)) throw error
        throw new SelectorError(`unable to parse requirement: ${error.message}`, { cause: error })
      }
      const after = this.#take()
      if (after.kind === 'end') return requirements
      if (after.kind !== ',') throw new SelectorError(`found '${after.text}', expected: ',' or 'end of string'`)
      const then = this.#peek()
      if (then.kind !== 'identifier' && then.kind !== '!') {
        throw new SelectorError(`found '${then.text}', expected: identifier after ','`)
      }
    }
  }

  // `in` and `notin` are words like others, except where an operator may stand.
  #peek(): Token {
    const token = this.#tokens[Math.min(this.#position, this.#tokens.length - 1)]!
    return token.kind === 'in' || token.kind === 'notin' ? { kind: 'identifier', text: token.text } : token
  }
  #take(): Token {
    const token = this.#peek()
    this.#position++
    return token
  }

  #requirement(): Requirement {
    let token = this.#take()
    const absent = token.kind === '!'
    if (absent) token = this.#take()
    if (token.kind !== 'identifier') throw new SelectorError(`found '${token.text}', expected: identifier`)
    const key = token.text
    // Upstream passes no path here, and prints that.
    const fault = invalidKey(key, '<nil>')
    if (fault !== undefined) throw new SelectorError(errorText(fault))
    if (absent) return requirement(key, '!', [])
    const next = this.#peek()
    if (next.kind === 'end' || next.kind === ',') return requirement(key, 'exists', [])
    const operator = this.#operator()
    const values = operator === 'in' || operator === 'notin' ? this.#values() : [this.#exactValue()]
    return requirement(key, operator, [...new Set(values)].sort())
  }

  #operator(): Operator {
    const token = this.#tokens[this.#position++]!
    const operator = operators[token.kind]
    if (operator === undefined) {
      throw new SelectorError(`found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`)
    }
    return operator
  }

  #values(): string[] {
    const open = this.#take()
    if (open.kind !== '(') throw new SelectorError(`found '${open.text}' expected: '('`)
    const first = this.#peek()
    if (first.kind === ')') {
      this.#take()
      return ['']
    }
    if (first.kind !== 'identifier' && first.kind !== ',') {
      throw new SelectorError(`found '${first.text}', expected: ',', ')' or identifier`)
    }
    const values = this.#identifiers()
    if (this.#take().kind !== ')') throw new SelectorError(`found '${first.text}', expected: ')'`)
    return values
  }

  #identifiers(): string[] {
    const values: string[] = []
    for (;;) {
      const token = this.#take()
      const next = this.#peek()
      if (token.kind === 'identifier') {
        values.push(token.text)
        if (next.kind === ')') return values
        if (next.kind !== ',') throw new SelectorError(`found '${next.text}', expected: ',' or ')'`)
      } else if (token.kind === ',') {
        if (values.length === 0 || next.kind === ')' || next.kind === ',') values.push('')
        if (next.kind === ')') return values
      } else throw new SelectorError(`found '${token.text}', expected: ',', or identifier`)
    }
  }

  #exactValue(): string {
    const next = this.#peek()
    if (next.kind === 'end' || next.kind === ',') return ''
    const token = this.#take()
    if (token.kind !== 'identifier') throw new SelectorError(`found '${token.text}', expected: identifier`)
    return token.text
  }
}
