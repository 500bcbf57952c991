import { shown, type Token } from './lexer.ts'

/** The tokens of an expression, with a look ahead. */
export class TokenStream {
  readonly #tokens: readonly Token[]
  readonly #report: (offset: number, message: string) => void
  #at = 0
  /** Something was told of this place, and no token has fitted since: nothing more is told. */
  #recovering = false
  constructor(tokens: readonly Token[], report: (offset: number, message: string) => void) {
    this.#tokens = tokens
    this.#report = report
  }
  peek(ahead: number): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!
  }
  get type(): string {
    return this.peek(0).type
  }
  get typeAfter(): string {
    return this.peek(1).type
  }
  get start(): number {
    return this.peek(0).start
  }
  get text(): string {
    return shown(this.peek(0).text)
  }
  /** Without the end's. */
  get shownText(): string {
    return this.type === 'EOF' ? '' : this.text
  }
  get quoted(): string {
    return `'${this.text}'`
  }
  next(): Token {
    const token = this.peek(0)
    this.#at++
    this.#recovering = false
    return token
  }
  take(type: string): boolean {
    if (this.type !== type) return false
    this.#at++
    this.#recovering = false
    return true
  }
  complain(message: string): void {
    if (!this.#recovering) this.#report(this.start, message)
  }
  /** Goes on behind an error at the next token that may follow (ANTLR's DefaultErrorStrategy.Recover). */
  recover(following: ReadonlySet<string>): void {
    this.#recovering = true
    while (this.type !== 'EOF' && !following.has(this.type)) this.#at++
  }
}
