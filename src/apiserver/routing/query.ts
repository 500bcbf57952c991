/** Go's url.ParseQuery leaves out what it cannot read, and what a semicolon is in. */
function wellFormed(text: string): string {
  if (!/[%;]/.test(text)) return text
  const isWell = (pair: string) => !pair.includes(';') && !/%(?![\da-f]{2})/i.test(pair)
  return text.split('&').filter(isWell).join('&')
}

/** The decoded query of a request; a name may come more than once. */
export class Query {
  static readonly empty: Query = new Query(new Map())
  readonly #values: ReadonlyMap<string, readonly string[]>

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values
  }

  /** Parses what follows the question mark. */
  static parse(text: string): Query {
    if (text === '') return Query.empty
    const values = new Map<string, string[]>()
    for (const [name, value] of new URLSearchParams(wellFormed(text))) {
      const present = values.get(name)
      if (present) present.push(value)
      else values.set(name, [value])
    }
    return new Query(values)
  }

  static from(record: Readonly<Record<string, string | readonly string[] | undefined>> | undefined): Query {
    if (record === undefined) return Query.empty
    const values = new Map<string, readonly string[]>()
    for (const [name, value] of Object.entries(record)) {
      if (value !== undefined) values.set(name, typeof value === 'string' ? [value] : value)
    }
    return new Query(values)
  }

  /** The first value, as Go's url.Values.Get; undefined when the name is absent. */
  get(name: string): string | undefined {
    return this.#values.get(name)?.[0]
  }
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }
  has(name: string): boolean {
    return this.#values.has(name)
  }
  entries(): Iterable<readonly [string, readonly string[]]> {
    return this.#values.entries()
  }
  with(name: string, value: string): Query {
    return new Query(new Map([...this.#values, [name, [value]]]))
  }
}
