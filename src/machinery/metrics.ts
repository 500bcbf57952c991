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

interface Writable {
  write(): string
}

export class MetricsRegistry {
  readonly #families = new Map<string, Writable>()

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
    this.#families.set(name, {
      write() {
        let text = head(name, help, type)
        for (const [values, value] of read()) text += `${name}${pairs(labelNames, values)} ${formatNumber(value)}\n`
        return text
      },
    })
  }

  /** `text/plain; version=0.0.4`, names in order. */
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

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8'

interface SeriesBody {
  write(name: string, labels: string): string
}

class FamilyOf<Series extends SeriesBody> implements Family<Series>, Writable {
  readonly #name: string
  readonly #head: string
  readonly #labelNames: readonly string[]
  readonly #make: () => Series
  readonly #series = new Map<string, { readonly labels: string; readonly body: Series }>()

  constructor(name: string, help: string, type: string, labelNames: readonly string[], make: () => Series) {
    this.#name = name
    this.#head = head(name, help, type)
    this.#labelNames = labelNames
    this.#make = make
  }

  labels(...values: readonly string[]): Series {
    const key = values.length === 1 ? values[0]! : values.join('\u0000')
    let series = this.#series.get(key)
    if (series === undefined) {
      series = { labels: pairs(this.#labelNames, values), body: this.#make() }
      this.#series.set(key, series)
    }
    return series.body
  }

  remove(...values: readonly string[]): void {
    this.#series.delete(values.join('\u0000'))
  }

  write(): string {
    let text = this.#head
    for (const { labels, body } of this.#series.values()) text += body.write(this.#name, labels)
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

function pairs(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return ''
  return `{${names.map((name, at) => `${name}="${escape(values[at] ?? '')}"`).join(',')}}`
}

function escape(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
}

function formatNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  return String(value)
}
