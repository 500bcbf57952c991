/** A place in an expression: lines from 1, columns in code points from 0; -1 and -1 where there is none. */
export interface Location {
  readonly line: number
  readonly column: number
}
export const noLocation: Location = { line: -1, column: -1 }

/** The text of an expression, addressed by code point (cel-go common/source.go). */
export class Source {
  readonly chars: readonly string[]
  /** Offsets after each line feed. */
  readonly #lineStarts: readonly number[]
  constructor(text: string) {
    this.chars = Array.from(text)
    const starts: number[] = []
    this.chars.forEach((char, index) => char === '\n' && starts.push(index + 1))
    this.#lineStarts = starts
  }
  locate(offset: number): Location {
    if (this.chars.length === 0) return { line: 1, column: -1 }
    let line = 1
    let start = 0
    for (const lineStart of this.#lineStarts) {
      if (lineStart > offset) break
      line++
      start = lineStart
    }
    return { line, column: offset - start }
  }
  /** The characters of a line, or undefined where there is none. */
  line(number: number): readonly string[] | undefined {
    if (this.chars.length === 0 || number < 1 || number > this.#lineStarts.length + 1) return undefined
    const start = number === 1 ? 0 : this.#lineStarts[number - 2]!
    const next = this.#lineStarts[number - 1]
    return this.chars.slice(start, next === undefined ? undefined : next - 1)
  }
}

export interface Issue {
  readonly location: Location
  readonly message: string
}

/** What is wrong with an expression, in the words and the drawing of cel-go's common/error.go and errors.go. */
export class Issues {
  readonly #source: Source
  readonly #issues: Issue[] = []
  #count = 0
  constructor(source: Source) {
    this.#source = source
  }
  get empty(): boolean {
    return this.#count === 0
  }
  report(location: Location, message: string): void {
    if (++this.#count <= maxReported) this.#issues.push({ location, message })
  }
  toString(): string {
    const sorted = [...this.#issues].sort(({ location: a }, { location: b }) => a.line - b.line || a.column - b.column)
    const shown = sorted.map((issue) => draw(issue, this.#source))
    if (this.#count > maxReported) shown.push(`${this.#count - maxReported} more errors were truncated`)
    return shown.join('\n')
  }
}
const maxReported = 100
const maxSnippetLength = 16_384

function draw({ location, message }: Issue, source: Source): string {
  const text = `ERROR: <input>:${location.line}:${location.column + 1}: ${message}`
  const line = source.line(location.line)
  if (line === undefined || Buffer.byteLength(line.join('')) > maxSnippetLength) return text
  const wide = (char: string | undefined) => char !== undefined && char.codePointAt(0)! > 0x7f
  const before = line.slice(0, Math.max(location.column, 0)).map((char) => (wide(char) ? '．' : '.'))
  const mark = wide(line[location.column]) ? '＾' : '^'
  return `${text}\n | ${line.join('').replaceAll('\t', ' ')}\n | ${before.join('')}${mark}`
}

/** An expression that is not well formed or does not type-check; the message is the whole report. */
export class CompileError extends Error {
  override readonly name = 'CompileError'
}
