/**
 * Counters, gauges and histograms with labels, written in Prometheus' text format. Small and quick: a series is looked up
 * by its label values once and then only added to.
 */
export interface Counter {
  inc(by?: number): void
}
export interface Gauge {
  set(value: number): void
  inc(by?: number): void
  dec(by?: number): void
}
export interface Histogram {
  observe(value: number): void
}

/** All series of one name; `labels(...)` gives the one with these values, in the order in which the names were declared. */
export interface Family<Series> {
  labels(...values: readonly string[]): Series
  /** Forgets the series, e.g. of an object that is gone. */
  remove(...values: readonly string[]): void
}

/** What a name stands for, whether or not it has series yet. */
export interface MetricDescription {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labelNames: readonly string[]
}

interface Writable {
  readonly description: MetricDescription
  /** '' when there are no series. */
  write(): string
}

export class MetricsRegistry {
  readonly #families = new Map<string, Writable>()
  readonly #preparations: (() => Promise<void>)[] = []

  counter(name: string, help: string, labelNames: readonly string[] = []): Family<Counter> {
    return this.#add(name, new FamilyOf(name, help, 'counter', labelNames, () => new Value()))
  }

  gauge(name: string, help: string, labelNames: readonly string[] = []): Family<Gauge> {
    return this.#add(name, new FamilyOf(name, help, 'gauge', labelNames, () => new Value()))
  }

  histogram(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames: readonly string[] = [],
  ): Family<Histogram> {
    return this.#add(name, new FamilyOf(name, help, 'histogram', labelNames, () => new Buckets(buckets)))
  }

  /** A gauge (or counter) whose series are read when they are written out. */
  collect(
    name: string,
    help: string,
    type: 'gauge' | 'counter',
    labelNames: readonly string[],
    read: () => Iterable<readonly [values: readonly string[], value: number]>,
  ): void {
    this.#add(name, {
      description: { name, type, labelNames },
      write() {
        const order = labelOrder(labelNames)
        let lines = ''
        for (const [values, value] of read()) lines += `${name}${pairs(order, values)} ${formatNumber(value)}\n`
        return lines === '' ? '' : head(name, help, type) + lines
      },
    })
  }

  /** `prepare` is awaited before everything is written out, for what cannot be read at once. */
  prepare(prepare: () => Promise<void>): void {
    this.#preparations.push(prepare)
  }

  /** What {@link text} tells, once everything is prepared; what cannot be is told as it was before. */
  async expose(): Promise<string> {
    await Promise.allSettled(this.#preparations.map((prepare) => prepare()))
    return this.text()
  }

  /** Everything that is declared, with or without series. */
  descriptions(): readonly MetricDescription[] {
    return [...this.#families.values()].map(({ description }) => description)
  }

  /** `text/plain; version=0.0.4`, names and labels in order; what has no series is not told, as Go's client does. */
  text(): string {
    return [...this.#families.keys()]
      .sort()
      .map((name) => this.#families.get(name)!.write())
      .join('')
  }

  #add<T extends Writable>(name: string, family: T): T {
    if (this.#families.has(name)) throw new Error(`the metric ${name} is declared twice`)
    this.#families.set(name, family)
    return family
  }
}

/** Buckets of who asks for no others (prometheus DefBuckets). */
export const goBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'

interface SeriesBody {
  write(name: string, labels: string): string
}

class FamilyOf<Series extends SeriesBody> implements Family<Series>, Writable {
  readonly description: MetricDescription
  readonly #head: string
  readonly #order: LabelOrder
  readonly #make: () => Series
  readonly #series = new Map<string, { readonly labels: string; readonly body: Series }>()

  constructor(
    name: string,
    help: string,
    type: MetricDescription['type'],
    labelNames: readonly string[],
    make: () => Series,
  ) {
    this.description = { name, type, labelNames }
    this.#head = head(name, help, type)
    this.#order = labelOrder(labelNames)
    this.#make = make
    // What has no labels is there from the start.
    if (labelNames.length === 0) this.labels()
  }

  labels(...values: readonly string[]): Series {
    const key = values.length === 1 ? values[0]! : values.join('\u0000')
    let series = this.#series.get(key)
    if (series === undefined) {
      series = { labels: pairs(this.#order, values), body: this.#make() }
      this.#series.set(key, series)
    }
    return series.body
  }

  remove(...values: readonly string[]): void {
    this.#series.delete(values.join('\u0000'))
  }

  write(): string {
    if (this.#series.size === 0) return ''
    let text = this.#head
    for (const { labels, body } of this.#series.values()) text += body.write(this.description.name, labels)
    return text
  }
}

class Value implements Counter, Gauge, SeriesBody {
  #value = 0
  inc(by = 1): void {
    this.#value += by
  }
  dec(by = 1): void {
    this.#value -= by
  }
  set(value: number): void {
    this.#value = value
  }
  write(name: string, labels: string): string {
    return `${name}${labels} ${formatNumber(this.#value)}\n`
  }
}

class Buckets implements Histogram, SeriesBody {
  readonly #bounds: readonly number[]
  readonly #counts: number[]
  #sum = 0
  #count = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = bounds.map(() => 0)
  }

  observe(value: number): void {
    this.#sum += value
    this.#count += 1
    for (let at = 0; at < this.#bounds.length; at++) {
      if (value > this.#bounds[at]!) continue
      this.#counts[at]! += 1
      return
    }
  }

  write(name: string, labels: string): string {
    const within = labels === '' ? '{' : `${labels.slice(0, -1)},`
    let text = ''
    let total = 0
    for (const [at, bound] of this.#bounds.entries()) {
      total += this.#counts[at]!
      text += `${name}_bucket${within}le="${formatNumber(bound)}"} ${total}\n`
    }
    text += `${name}_bucket${within}le="+Inf"} ${this.#count}\n`
    return `${text}${name}_sum${labels} ${formatNumber(this.#sum)}\n${name}_count${labels} ${this.#count}\n`
  }
}

function head(name: string, help: string, type: string): string {
  return `# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}\n# TYPE ${name} ${type}\n`
}

/** Names in order, each with the place of its value. */
type LabelOrder = readonly (readonly [name: string, at: number])[]

function labelOrder(names: readonly string[]): LabelOrder {
  return names.map((name, at) => [name, at] as const).sort(([a], [b]) => (a < b ? -1 : 1))
}

function pairs(order: LabelOrder, values: readonly string[]): string {
  if (order.length === 0) return ''
  return `{${order.map(([name, at]) => `${name}="${escape(values[at] ?? '')}"`).join(',')}}`
}

function escape(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
}

function formatNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  return String(value)
}
