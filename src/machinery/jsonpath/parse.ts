/**
 * One step of a JSONPath, in the dialect of kubectl (client-go util/jsonpath): `.name`, `['na.me']`, `[0]`, `[1:3]`,
 * `[*]`, `..name`, `[?(@.type=="Ready")]`, `['a','b']`.
 */
export type PathStep =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'index'; readonly index: number }
  | { readonly type: 'slice'; readonly from?: number; readonly to?: number; readonly step: number }
  | { readonly type: 'wildcard' }
  | { readonly type: 'descend' }
  | { readonly type: 'union'; readonly steps: readonly PathStep[] }
  | { readonly type: 'filter'; readonly left: Operand; readonly operator: Operator; readonly right?: Operand }

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'exists'
export type Operand =
  | { readonly type: 'path'; readonly steps: readonly PathStep[] }
  | { readonly type: 'literal'; readonly value: unknown }

export class JsonPathError extends Error {
  override readonly name = 'JsonPathError'
}

/** Parses a path such as `.status.conditions[?(@.type=="Ready")].status`; a leading `$` or `@` is allowed. */
export function parsePath(text: string): PathStep[] {
  const parser = new Parser(text)
  const steps = parser.steps()
  if (!parser.done)
    throw new JsonPathError(`unexpected ${JSON.stringify(text.slice(parser.at))} in ${JSON.stringify(text)}`)
  return steps
}

const nameEnd = /[.[\]\s(){}"'=!<>,]/

class Parser {
  readonly #text: string
  at = 0

  constructor(text: string) {
    this.#text = text
  }
  get done(): boolean {
    return this.at >= this.#text.length
  }

  steps(): PathStep[] {
    const steps: PathStep[] = []
    if (this.#peek('$') || this.#peek('@')) this.at++
    for (;;) {
      if (this.#peek('..')) {
        this.at += 2
        steps.push({ type: 'descend' })
        if (!this.#peek('[')) steps.push(this.#name())
      } else if (this.#peek('.')) {
        this.at++
        if (!this.done && !this.#peek('[')) steps.push(this.#name())
      } else if (this.#peek('[')) steps.push(this.#bracket())
      else if (steps.length === 0 && !this.done && !nameEnd.test(this.#text[this.at]!)) steps.push(this.#name())
      else return steps
    }
  }

  #peek(text: string): boolean {
    return this.#text.startsWith(text, this.at)
  }

  #name(): PathStep {
    if (this.#peek('*')) {
      this.at++
      return { type: 'wildcard' }
    }
    let name = ''
    while (!this.done && !nameEnd.test(this.#text[this.at]!)) {
      if (this.#text[this.at] === '\\') this.at++
      name += this.#text[this.at++] ?? ''
    }
    if (name === '') throw new JsonPathError(`a name is missing at ${this.at} of ${JSON.stringify(this.#text)}`)
    return { type: 'field', name }
  }

  #bracket(): PathStep {
    const close = this.#close()
    const inner = this.#text.slice(this.at + 1, close)
    this.at = close + 1
    if (inner.startsWith('?(') && inner.endsWith(')')) return parseFilter(inner.slice(2, -1))
    if (inner === '*') return { type: 'wildcard' }
    const parts = splitOutside(inner, ',')
    return parts.length > 1
      ? { type: 'union', steps: parts.map((part) => element(part.trim())) }
      : element(inner.trim())
  }

  #close(): number {
    let depth = 0
    let quote = ''
    for (let index = this.at; index < this.#text.length; index++) {
      const char = this.#text[index]!
      if (quote !== '') {
        if (char === '\\') index++
        else if (char === quote) quote = ''
      } else if (char === '"' || char === "'") quote = char
      else if (char === '[') depth++
      else if (char === ']' && --depth === 0) return index
    }
    throw new JsonPathError(`unterminated array in ${JSON.stringify(this.#text)}`)
  }
}

function element(text: string): PathStep {
  const quoted = /^(['"])(.*)\1$/s.exec(text)
  if (quoted) return { type: 'field', name: quoted[2]!.replace(/\\(.)/g, '$1') }
  if (/^-?\d+$/.test(text)) return { type: 'index', index: Number(text) }
  const slice = /^(-?\d*):(-?\d*)(?::(-?\d*))?$/.exec(text)
  if (slice) {
    const number = (part: string | undefined) => (part === undefined || part === '' ? undefined : Number(part))
    return { type: 'slice', from: number(slice[1]), to: number(slice[2]), step: number(slice[3]) ?? 1 }
  }
  throw new JsonPathError(`invalid array index ${text}`)
}

function splitOutside(text: string, separator: string): string[] {
  const parts = ['']
  let quote = ''
  for (const char of text) {
    if (quote === '' && char === separator) parts.push('')
    else {
      if (quote === '' && (char === '"' || char === "'")) quote = char
      else if (char === quote) quote = ''
      parts[parts.length - 1] += char
    }
  }
  return parts
}

function parseFilter(text: string): PathStep {
  const match = /^(.*?)\s*(==|!=|<=|>=|<|>)\s*(.*)$/s.exec(text)
  if (match === null) return { type: 'filter', left: operand(text.trim()), operator: 'exists' }
  return {
    type: 'filter',
    left: operand(match[1]!.trim()),
    operator: match[2] as Operator,
    right: operand(match[3]!.trim()),
  }
}

function operand(text: string): Operand {
  const quoted = /^(['"])(.*)\1$/s.exec(text)
  if (quoted) return { type: 'literal', value: quoted[2]!.replace(/\\(.)/g, '$1') }
  if (/^-?\d+(\.\d+)?$/.test(text)) return { type: 'literal', value: Number(text) }
  if (text === 'true' || text === 'false') return { type: 'literal', value: text === 'true' }
  return { type: 'path', steps: parsePath(text) }
}
