import { type Expr, type ExprNode, type MapEntry, operator, type StructField } from './expression.ts'
import { ParseTree } from './parse-tree.ts'
import type { Macro } from './macro.ts'
import { goParseDouble, goParseInt, goParseUint } from './go-number.ts'
import { Issues, noLocation, type Source } from './source.ts'
import { TokenStream } from './token-stream.ts'
import { type Token, tokenize } from './lexer.ts'
import { unescapeLiteral } from './unescape.ts'
import { Uint } from './value.ts'

/** What the grammar may expect where an operand begins, beside what the place allows, in ANTLR's order. */
const operandStart = '[ { ( . - ! true false null NUM_FLOAT NUM_INT NUM_UINT STRING BYTES IDENTIFIER'.split(' ')
const operandTypes = new Set(operandStart)
const tokenOrder =
  '[ ] { } ( ) . , - ! ? true false null NUM_FLOAT NUM_INT NUM_UINT STRING BYTES IDENTIFIER ESC_IDENTIFIER'.split(' ')
function listed(types: Iterable<string>): string {
  const sorted = [...types].sort((a, b) => tokenOrder.indexOf(a) - tokenOrder.indexOf(b))
  return `{${sorted.map((type) => (/^[A-Z]/.test(type) ? type : `'${type}'`)).join(', ')}}`
}
const relations = new Map<string, string>([
  ['<', operator.less],
  ['<=', operator.lessEquals],
  ['>=', operator.greaterEquals],
  ['>', operator.greater],
  ['==', operator.equals],
  ['!=', operator.notEquals],
  ['in', operator.in],
])
const sums = new Map<string, string>([
  ['+', operator.add],
  ['-', operator.subtract],
])
const products = new Map<string, string>([
  ['*', operator.multiply],
  ['/', operator.divide],
  ['%', operator.modulo],
])
const reserved = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(
    ' ',
  ),
)
const fieldStart = new Set(['}', ',', '?', 'IDENTIFIER', 'ESC_IDENTIFIER'])
const signed = new Set(['NUM_INT', 'NUM_FLOAT'])
const maxCodePoints = 100_000
const maxDepth = 250

export interface Parsed {
  readonly expr: Expr
  readonly tree: ParseTree
}

class SyntaxStop extends Error {}
type Rule = 'expr' | 'relation' | 'calc' | 'member'

/**
 * Parses an expression after cel-go's grammar (parser/gen/CEL.g4) and expands its macros. Undefined, with issues
 * reported, when it is none; the issue texts are ANTLR's, which goes on behind an error where it can.
 */
export function parse(source: Source, macros: readonly Macro[], issues: Issues): Parsed | undefined {
  if (source.chars.length > maxCodePoints) {
    issues.report(
      noLocation,
      `expression code point size exceeds limit: size: ${source.chars.length}, limit ${maxCodePoints}`,
    )
    return undefined
  }
  const complain = (offset: number, message: string) => issues.report(source.locate(offset), `Syntax error: ${message}`)
  const tokens = new TokenStream(tokenize(source, complain), complain)
  const tree = new ParseTree(macros, (offset, message) => issues.report(source.locate(offset), message))
  try {
    const expr = new Parser(tokens, tree).parse()
    return issues.empty ? { expr, tree } : undefined
  } catch (error) {
    if (!(error instanceof SyntaxStop)) throw error
    if (error.message !== '') issues.report(noLocation, error.message)
    return undefined
  }
}

/** What an operand may be followed by, and be missing before. */
const binary: ReadonlySet<string> = new Set([...relations.keys(), ...sums.keys(), ...products.keys(), '&&', '||', '?'])
const itemStart: ReadonlySet<string> = new Set([...operandTypes, '?'])
const fieldNames: ReadonlySet<string> = new Set(['?', 'IDENTIFIER', 'ESC_IDENTIFIER'])

class Parser {
  readonly #tokens: TokenStream
  readonly #tree: ParseTree
  readonly #depth: Record<Rule, number> = { expr: 0, relation: 0, calc: 0, member: 0 }
  /** What closes the brackets that are open, the innermost last. */
  readonly #open: string[] = []

  constructor(tokens: TokenStream, tree: ParseTree) {
    this.#tokens = tokens
    this.#tree = tree
  }

  parse(): Expr {
    const expr = this.#expr()
    if (this.#tokens.type !== 'EOF') this.#stop(this.#tokens.typeAfter === 'EOF' ? 'extraneous' : 'mismatched', '<EOF>')
    return expr
  }

  #stop(how: 'extraneous' | 'mismatched', expecting: string): never {
    this.#tokens.complain(`${how} input ${this.#tokens.quoted} expecting ${expecting}`)
    throw new SyntaxStop()
  }

  /** Skips one token that does not belong here; ends where the next does not either. */
  #sync(expected: ReadonlySet<string>): void {
    if (expected.has(this.#tokens.type)) return
    if (!expected.has(this.#tokens.typeAfter)) this.#stop('mismatched', listed(expected))
    this.#tokens.complain(`extraneous input ${this.#tokens.quoted} expecting ${listed(expected)}`)
    this.#tokens.next()
  }
  /** Where an operand may begin, or what else the place allows. */
  #operandOr(...others: string[]): void {
    this.#sync(new Set([...operandStart, ...others]))
  }

  /** ANTLR bounds how deep each rule of the grammar nests; a chain of operators nests its left side. */
  #enter(rule: Rule): void {
    if (++this.#depth[rule] > maxDepth) throw new SyntaxStop(`expression recursion limit exceeded: ${maxDepth}`)
  }

  #expr(): Expr {
    this.#enter('expr')
    const condition = this.#logic(operator.or, '||', () =>
      this.#logic(operator.and, '&&', () => this.#binary('relation', relations, () => this.#sum())),
    )
    let result = condition
    if (this.#tokens.type === '?') {
      const question = this.#tokens.next()
      const id = this.#tree.id(question.start)
      const yes = this.#logic(operator.or, '||', () =>
        this.#logic(operator.and, '&&', () => this.#binary('relation', relations, () => this.#sum())),
      )
      this.#expect(':')
      const no = this.#expr()
      result = this.#tree.call(id, operator.conditional, undefined, [condition, yes, no])
    }
    this.#depth.expr--
    return result
  }

  /** `a && b && c` becomes a balanced tree. */
  #logic(name: string, symbol: string, operand: () => Expr): Expr {
    const terms = [operand()]
    const ids: number[] = []
    while (this.#tokens.type === symbol) {
      const { start } = this.#tokens.next()
      terms.push(operand())
      ids.push(this.#tree.id(start))
    }
    return balanced(name, terms, ids, 0, ids.length - 1)
  }

  #binary(rule: 'relation' | 'calc', operators: ReadonlyMap<string, string>, operand: () => Expr): Expr {
    this.#enter(rule)
    let entered = 1
    let left = operand()
    for (let name = operators.get(this.#tokens.type); name !== undefined; name = operators.get(this.#tokens.type)) {
      this.#enter(rule)
      entered++
      const { start } = this.#tokens.next()
      const id = this.#tree.id(start)
      left = this.#tree.call(id, name, undefined, [left, operand()])
    }
    this.#depth[rule] -= entered
    return left
  }
  #sum(): Expr {
    return this.#binary('calc', sums, () => this.#binary('calc', products, () => this.#unary()))
  }

  /** What stands for an operand that is not there, so that what belongs behind it is read on; else nothing is. */
  #absent(): Expr {
    if (!this.#isBeforeOperator()) throw new SyntaxStop()
    this.#tokens.recover(new Set([this.#tokens.type]))
    return this.#tree.make(this.#tokens.start, { kind: 'unspecified' })
  }

  /** `text` from `start` on and the token as they stand in the source. */
  #complainNoWay(text: string, start: number): void {
    const between = this.#tokens.type === 'EOF' ? '' : ' '.repeat(Math.max(0, this.#tokens.start - start - text.length))
    this.#tokens.complain(`no viable alternative at input '${text}${between}${this.#tokens.shownText}'`)
  }

  /** Skips a token that does not belong here; without an operand behind it, nothing is there. */
  #operandBehind(): Expr {
    const found = this.#tokens.typeAfter !== 'EOF' && operandTypes.has(this.#tokens.typeAfter)
    const how = found ? 'extraneous' : 'mismatched'
    this.#tokens.complain(`${how} input ${this.#tokens.quoted} expecting ${listed(operandTypes)}`)
    if (!found) return this.#absent()
    this.#tokens.next()
    return this.#member()
  }

  /** Behind `!` or `-` comes what begins no operand, or the other sign: ANTLR finds the two in different ways. */
  #withoutOperand(sign: string, last: Token): Expr {
    if (sign === '-') {
      this.#complainNoWay('-', last.start)
      return this.#tokens.type === '!' ? this.#unary() : this.#operandBehind()
    }
    if (this.#tokens.type === '-') {
      const minus = this.#tokens.next()
      this.#complainNoWay('-', minus.start)
      return operandTypes.has(this.#tokens.type) ? this.#member() : this.#operandBehind()
    }
    this.#tokens.complain(`extraneous input ${this.#tokens.quoted} expecting ${listed(operandTypes)}`)
    return this.#absent()
  }

  #unary(): Expr {
    const { type } = this.#tokens
    if (type === '!' || type === '-') {
      // A minus before a number is its sign.
      if (type === '-' && signed.has(this.#tokens.typeAfter)) return this.#member()
      let last = this.#tokens.next()
      const { start } = last
      let count = 1
      while (this.#tokens.type === type) {
        last = this.#tokens.next()
        count++
      }
      const { type: next } = this.#tokens
      const isOther = next === '!' || (next === '-' && !signed.has(this.#tokens.typeAfter))
      if (isOther || !operandTypes.has(next)) return this.#withoutOperand(type, last)
      const id = this.#tree.id(start)
      const operand = this.#member()
      if (count % 2 === 0) return operand
      return this.#tree.call(id, type === '!' ? operator.not : operator.negate, undefined, [operand])
    }
    return this.#member()
  }

  #member(): Expr {
    this.#enter('member')
    let entered = 1
    let expr = this.#primary()
    for (;;) {
      const { type } = this.#tokens
      if (type !== '.' && type !== '[') break
      this.#enter('member')
      entered++
      const { start } = this.#tokens.next()
      const optional = this.#tokens.type === '?'
      if (optional) this.#tokens.next()
      expr = type === '.' ? this.#select(expr, start, optional) : this.#index(expr, start, optional)
    }
    this.#depth.member -= entered
    return expr
  }

  /** Whether a name is missing before what goes on with the expression. */
  #isBeforeOperator(): boolean {
    return binary.has(this.#tokens.type) || this.#tokens.type === this.#open.at(-1)
  }

  #select(operand: Expr, start: number, optional: boolean): Expr {
    if (!optional && this.#isBeforeOperator()) {
      this.#complainNoWay('.', start)
      return this.#absent()
    }
    const name = this.#fieldName(optional ? '{IDENTIFIER, ESC_IDENTIFIER}' : undefined)
    if (optional) {
      const field = this.#tree.make(name.start, { kind: 'literal', value: nameOf(name) })
      return this.#tree.make(start, { kind: 'call', function: operator.optionalSelect, args: [operand, field] })
    }
    if (this.#tokens.type === '(' && name.type === 'IDENTIFIER') {
      const id = this.#tree.id(this.#tokens.next().start)
      return this.#tree.call(id, name.text, operand, this.#arguments())
    }
    return this.#tree.make(start, { kind: 'select', operand, field: nameOf(name), testOnly: false })
  }

  #index(operand: Expr, start: number, optional: boolean): Expr {
    const id = this.#tree.id(start)
    this.#open.push(']')
    const index = this.#indexed(optional)
    this.#expect(']')
    this.#open.pop()
    return this.#tree.call(id, optional ? operator.optionalIndex : operator.index, undefined, [operand, index])
  }

  #indexed(optional: boolean): Expr {
    const expected = new Set([...operandTypes, ...(optional ? [] : ['?'])])
    if (this.#tokens.type === ']' && !expected.has(this.#tokens.typeAfter)) {
      this.#tokens.complain(`mismatched input ${this.#tokens.quoted} expecting ${listed(expected)}`)
      return this.#absent()
    }
    this.#sync(expected)
    return this.#expr()
  }

  #fieldName(expecting?: string): Token {
    const { type } = this.#tokens
    if (type === 'IDENTIFIER' || type === 'ESC_IDENTIFIER') return this.#tokens.next()
    if (expecting !== undefined) {
      this.#tokens.complain(`mismatched input ${this.#tokens.quoted} expecting ${expecting}`)
      if (!expecting.includes('?')) this.#tree.complain(this.#tokens.start, 'unsupported ident kind')
      throw new SyntaxStop()
    }
    if (['true', 'false', 'null'].includes(type)) this.#stop('mismatched', 'IDENTIFIER')
    this.#tokens.complain(`no viable alternative at input '.${this.#tokens.shownText}'`)
    throw new SyntaxStop()
  }

  #expect(type: string, list = `'${type}'`): Token {
    if (this.#tokens.type === type) return this.#tokens.next()
    if (this.#tokens.typeAfter === type) {
      this.#tokens.complain(`extraneous input ${this.#tokens.quoted} expecting ${list}`)
      this.#tokens.next()
      return this.#tokens.next()
    }
    if (type === ':' && operandTypes.has(this.#tokens.type)) {
      // As if it were there.
      this.#tokens.complain(`missing ${list} at ${this.#tokens.quoted}`)
      return { ...this.#tokens.peek(0), type, text: type }
    }
    const mayEnd = this.#tokens.type === 'EOF' && type !== ':' && this.#open.length === 1
    if (list.startsWith('{') || !mayEnd) this.#stop('mismatched', list)
    this.#tokens.complain(`missing ${list} at ${this.#tokens.quoted}`)
    throw new SyntaxStop()
  }

  /** Whether a comma is the last thing before the end of a list, for nothing behind it begins an item. */
  #lastComma(items: ReadonlySet<string>): boolean {
    return this.#tokens.type === ',' && !items.has(this.#tokens.typeAfter)
  }

  /** The end of a list, a map or a message, which may have a comma before it. */
  #close(closer: string): void {
    const list = `{'${closer}', ','}`
    const comma = this.#tokens.take(',')
    if (!comma && this.#tokens.type !== closer && this.#tokens.typeAfter === ',') {
      this.#tokens.complain(`extraneous input ${this.#tokens.quoted} expecting ${list}`)
      this.#tokens.next()
      this.#tokens.next()
      this.#expect(closer)
    } else if (closer !== '}' || this.#mayTake(closer)) this.#expect(closer, comma ? undefined : list)
    else {
      this.#open.pop()
      this.#mismatched(comma ? `'${closer}'` : list, [])
      return
    }
    this.#open.pop()
  }

  /** Whether the token is there, or would be without the one before it, or something that stands for it. */
  #mayTake(type: string): boolean {
    const { type: next, typeAfter } = this.#tokens
    return next === type || typeAfter === type || (type === ':' && operandTypes.has(next)) || next === 'EOF'
  }

  /** Complains, and goes on behind what is open, or at one of `others`. */
  #mismatched(expecting: string, others: readonly string[]): void {
    this.#tokens.complain(`mismatched input ${this.#tokens.quoted} expecting ${expecting}`)
    const enclosing = this.#open.length > 0 ? [...this.#open, ','] : []
    this.#tokens.recover(new Set([...binary, '.', '[', ...enclosing, ...others]))
  }

  /** The rest of a call after its parenthesis. */
  #arguments(): Expr[] {
    const args: Expr[] = []
    this.#open.push(')')
    this.#operandOr(')')
    if (this.#tokens.type !== ')') {
      args.push(this.#expr())
      while (this.#tokens.take(',')) args.push(this.#expr())
    }
    this.#expect(')')
    this.#open.pop()
    return args
  }

  #primary(): Expr {
    const { type, start } = this.#tokens
    if (type === 'IDENTIFIER' || type === '.') return this.#named()
    switch (type) {
      case '(': {
        this.#tokens.next()
        this.#open.push(')')
        const inner = this.#expr()
        this.#expect(')')
        this.#open.pop()
        return inner
      }
      case '[':
        return this.#list()
      case '{':
        return this.#map()
    }
    if (operandTypes.has(type) && type !== '!' && (type !== '-' || signed.has(this.#tokens.typeAfter)))
      return this.#literal(start)
    if (type === '-' || type === '!') {
      this.#tokens.complain(`no viable alternative at input ${this.#tokens.quoted}`)
      throw new SyntaxStop()
    }
    if (this.#isBeforeOperator() && !operandTypes.has(this.#tokens.typeAfter)) {
      this.#tokens.complain(`mismatched input ${this.#tokens.quoted} expecting ${listed(operandTypes)}`)
      return this.#absent()
    }
    this.#sync(operandTypes)
    return this.#primary()
  }

  #named(): Expr {
    const leadingDot = this.#tokens.take('.') ? '.' : ''
    if (this.#tokens.type !== 'IDENTIFIER') {
      this.#tokens.complain(`no viable alternative at input '${leadingDot}${this.#tokens.shownText}'`)
      throw new SyntaxStop()
    }
    const message = this.#messageName()
    if (message !== undefined) return this.#message(leadingDot + message)
    const name = this.#tokens.next()
    if (reserved.has(name.text)) {
      this.#tree.complain(name.start, `reserved identifier: ${name.text}`)
      if (this.#tokens.take('(')) this.#arguments()
      return this.#tree.make(name.start, { kind: 'unspecified' })
    }
    if (this.#tokens.peek(0).type === '(') {
      const id = this.#tree.id(this.#tokens.next().start)
      return this.#tree.call(id, leadingDot + name.text, undefined, this.#arguments())
    }
    return this.#tree.make(name.start, { kind: 'ident', name: leadingDot + name.text })
  }

  /** Takes `a.b.C` where a brace follows: the name of a message. */
  #messageName(): string | undefined {
    let ahead = 0
    const names: string[] = []
    for (;;) {
      const token = this.#tokens.peek(ahead)
      if (token.type !== 'IDENTIFIER') return undefined
      names.push(token.text)
      const after = this.#tokens.peek(ahead + 1).type
      if (after === '{') break
      if (after !== '.') return undefined
      ahead += 2
    }
    for (let count = 0; count <= ahead; count++) this.#tokens.next()
    return names.join('.')
  }

  #message(typeName: string): Expr {
    const id = this.#tree.id(this.#tokens.next().start)
    const fields: StructField[] = []
    this.#open.push('}')
    this.#sync(fieldStart)
    while (this.#tokens.type !== '}' && !this.#lastComma(fieldNames)) {
      const optional = this.#tokens.take('?')
      const name = this.#fieldName("{'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}")
      const colon = this.#expect(':')
      const fieldId = this.#tree.id(colon.start)
      fields.push({ id: fieldId, name: nameOf(name), value: this.#expr(), optional })
      if (this.#lastComma(fieldNames) || !this.#tokens.take(',')) break
    }
    this.#close('}')
    return { id, node: { kind: 'struct', typeName, fields } }
  }

  #list(): Expr {
    const id = this.#tree.id(this.#tokens.next().start)
    const elements: Expr[] = []
    const optionals = new Set<number>()
    this.#open.push(']')
    this.#operandOr(']', ',', '?')
    while (this.#tokens.type !== ']' && !this.#lastComma(itemStart)) {
      if (this.#tokens.take('?')) optionals.add(elements.length)
      elements.push(this.#expr())
      if (this.#lastComma(itemStart) || !this.#tokens.take(',')) break
    }
    this.#close(']')
    return { id, node: { kind: 'list', elements, optionals } }
  }

  #map(): Expr {
    const id = this.#tree.id(this.#tokens.next().start)
    const entries: MapEntry[] = []
    this.#open.push('}')
    this.#operandOr('}', ',', '?')
    while (this.#tokens.type !== '}' && !this.#lastComma(itemStart)) {
      const optional = this.#tokens.take('?')
      const key = this.#expr()
      if (!this.#mayTake(':')) {
        this.#mismatched("':'", ['}', ','])
        break
      }
      const colon = this.#expect(':')
      const entryId = this.#tree.id(colon.start)
      entries.push({ id: entryId, key, value: this.#expr(), optional })
      if (this.#lastComma(itemStart) || !this.#tokens.take(',')) break
    }
    this.#close('}')
    return { id, node: { kind: 'map', entries } }
  }

  #literal(start: number): Expr {
    const sign = this.#tokens.take('-') ? '-' : ''
    const token = this.#tokens.next()
    const node = this.#literalNode(sign, token, start)
    return this.#tree.make(start, node)
  }

  #literalNode(sign: string, { type, text }: Token, start: number): ExprNode {
    const wrong = (what: string): ExprNode => {
      this.#tree.complain(start, what)
      return { kind: 'unspecified' }
    }
    switch (type) {
      case 'NUM_INT': {
        const value = text.startsWith('0x') ? int64(BigInt(text), sign) : goParseInt(sign + text)
        return value === undefined ? wrong('invalid int literal') : { kind: 'literal', value }
      }
      case 'NUM_UINT': {
        const digits = text.slice(0, -1)
        const value = digits.startsWith('0x') ? BigInt(digits) : goParseUint(digits)
        if (value === undefined || BigInt.asUintN(64, value) !== value) return wrong('invalid uint literal')
        return { kind: 'literal', value: new Uint(value) }
      }
      case 'NUM_FLOAT': {
        const value = goParseDouble(sign + text)
        return value === undefined ? wrong('invalid double literal') : { kind: 'literal', value }
      }
      case 'STRING':
      case 'BYTES':
        try {
          const bytes = type === 'BYTES'
          const plain = unescapeLiteral(bytes ? text.slice(1) : text, bytes)
          return { kind: 'literal', value: bytes ? new Uint8Array(Buffer.from(plain, 'latin1')) : plain }
        } catch (error) {
          return wrong((error as Error).message)
        }
      case 'null':
        return { kind: 'literal', value: null }
      default:
        return { kind: 'literal', value: type === 'true' }
    }
  }
}

const nameOf = ({ type, text }: Token) => (type === 'ESC_IDENTIFIER' ? text.slice(1, -1) : text)

function int64(magnitude: bigint, sign: string): bigint | undefined {
  const value = sign === '-' ? -magnitude : magnitude
  return BigInt.asIntN(64, value) === value ? value : undefined
}

function balanced(name: string, terms: Expr[], ids: number[], low: number, high: number): Expr {
  if (terms.length === 1) return terms[0]!
  const middle = Math.floor((low + high + 1) / 2)
  const left = middle === low ? terms[middle]! : balanced(name, terms, ids, low, middle - 1)
  const right = middle === high ? terms[middle + 1]! : balanced(name, terms, ids, middle + 1, high)
  return { id: ids[middle]!, node: { kind: 'call', function: name, args: [left, right] } }
}
