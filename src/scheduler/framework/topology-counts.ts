import type { NodeInfo } from '../cache/node-info.ts'

/** Numbers by topology domain: label key, then value. Absent is zero. */
export class TopologyCounts {
  readonly #counts = new Map<string, Map<string, number>>()

  get empty(): boolean {
    return this.#counts.size === 0
  }
  get keys(): Iterable<string> {
    return this.#counts.keys()
  }
  get(key: string, value: string): number {
    return this.#counts.get(key)?.get(value) ?? 0
  }
  /** The number of the node's domain; 0 when the node is in none. */
  ofNode(key: string, node: NodeInfo): number {
    const value = node.labels[key]
    return value === undefined ? 0 : this.get(key, value)
  }
  /** Adds to the node's domain, if it is in one. */
  add(node: NodeInfo, key: string, amount: number): void {
    const value = node.labels[key]
    if (value === undefined) return
    let values = this.#counts.get(key)
    if (!values) this.#counts.set(key, (values = new Map()))
    const sum = (values.get(value) ?? 0) + amount
    if (sum !== 0) values.set(value, sum)
    else values.delete(value)
    if (values.size === 0) this.#counts.delete(key)
  }
  /** Whether a domain of the node has a number above zero. */
  anyOn(node: NodeInfo): boolean {
    for (const [key, values] of this.#counts) {
      const value = node.labels[key]
      if (value !== undefined && (values.get(value) ?? 0) > 0) return true
    }
    return false
  }
  clone(): TopologyCounts {
    const copy = new TopologyCounts()
    for (const [key, values] of this.#counts) copy.#counts.set(key, new Map(values))
    return copy
  }
}
