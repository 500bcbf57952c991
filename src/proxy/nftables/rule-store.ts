import type { ElementSet, Fragment } from './fragment.ts'
import { type ExistingTable, isAffinitySet, isServiceChain, type TableOptions, tableLines } from './table.ts'

/** One atomic load of nft. Call exactly one of the two afterwards. */
export interface Transaction {
  /** For `nft -f -`; '' when nothing is to be done. */
  readonly text: string
  /** It is in the kernel. Returns chains that are empty and unused now, to be deleted a little later. */
  committed(): readonly string[]
  /** It is not: what the kernel has is unknown, so the next transaction must be full. */
  failed(): void
}

/**
 * Knows what is in the kernel's table and what should be, and writes the difference. Work is in proportion to what
 * changed, not to the number of services. Two services may claim one address; the first by name has it.
 */
export class RuleStore {
  readonly #options: TableOptions
  readonly #table: string
  readonly #fragments = new Map<string, Fragment>()
  /** `set key` → owner → value. */
  readonly #claims = new Map<string, Map<string, string>>()
  /** `set key` → value, as the kernel has it. */
  readonly #elements = new Map<string, string>()
  readonly #chains = new Map<string, string>()
  readonly #affinitySets = new Map<string, number>()
  readonly #dirty = { claims: new Set<string>(), fragments: new Map<string, Fragment | undefined>() }

  constructor(options: TableOptions) {
    this.#options = options
    this.#table = `${options.family === 6 ? 'ip6' : 'ip'} ${options.name}`
  }

  /** Replaces what `owner` adds to the table. Chains and affinity sets are named after their owner, so never shared. */
  replace(owner: string, fragment: Fragment | undefined): void {
    const old = this.#fragments.get(owner)
    if (old === fragment) return
    for (const { set, key } of old?.elements ?? []) this.#claim(`${set} ${key}`, owner, undefined)
    for (const { set, key, value } of fragment?.elements ?? []) this.#claim(`${set} ${key}`, owner, value ?? '')
    if (!this.#dirty.fragments.has(owner)) this.#dirty.fragments.set(owner, old)
    if (fragment === undefined) this.#fragments.delete(owner)
    else this.#fragments.set(owner, fragment)
  }

  owners(): IterableIterator<string> {
    return this.#fragments.keys()
  }

  #claim(id: string, owner: string, value: string | undefined): void {
    const claims = this.#claims.get(id) ?? new Map<string, string>()
    if (value === undefined) claims.delete(owner)
    else claims.set(owner, value)
    if (claims.size === 0) this.#claims.delete(id)
    else this.#claims.set(id, claims)
    this.#dirty.claims.add(id)
  }

  #wanted(id: string): string | undefined {
    const claims = this.#claims.get(id)
    if (claims === undefined) return undefined
    if (claims.size === 1) return claims.values().next().value
    return claims.get([...claims.keys()].sort()[0]!)
  }

  /** What changed since the last transaction. */
  incremental(): Transaction {
    const t = this.#table
    const chains = new Map<string, string | undefined>()
    const affinitySets = new Map<string, number | undefined>()
    for (const [owner, old] of this.#dirty.fragments) {
      const now = this.#fragments.get(owner)
      for (const name of old?.chains.keys() ?? []) chains.set(name, undefined)
      for (const name of old?.affinitySets.keys() ?? []) affinitySets.set(name, undefined)
      for (const [name, rules] of now?.chains ?? []) chains.set(name, chainText(t, name, rules))
      for (const [name, seconds] of now?.affinitySets ?? []) affinitySets.set(name, seconds)
    }
    const changed = [...chains].filter(([name, text]) => text !== this.#chains.get(name))
    const present = changed.filter((entry): entry is [string, string] => entry[1] !== undefined)
    const gone = changed.filter(([, text]) => text === undefined).map(([name]) => name)
    const newSets = [...affinitySets].filter(
      ([name, seconds]) => seconds !== undefined && !this.#affinitySets.has(name),
    )
    const goneSets = [...affinitySets].filter(([, seconds]) => seconds === undefined).map(([name]) => name)

    const removed: string[] = []
    const added: [string, string][] = []
    for (const id of this.#dirty.claims) {
      const now = this.#wanted(id)
      const was = this.#elements.get(id)
      if (now === was) continue
      if (was !== undefined) removed.push(id)
      if (now !== undefined) added.push([id, now])
    }
    const lines = [
      ...newSets.map(([name, seconds]) => this.#affinitySet(name, seconds!)),
      ...present.map(([name]) => `add chain ${t} ${name}`),
      ...present.map(([name, text]) => `flush chain ${t} ${name}\n${text}`),
      ...this.#elementLines(
        'delete',
        removed.map((id) => [id, '']),
      ),
      ...this.#elementLines('add', added),
      ...gone.map((name) => `flush chain ${t} ${name}`),
      ...goneSets.map((name) => `delete set ${t} ${name}`),
    ]
    return this.#transaction(lines, () => {
      for (const [name, text] of present) this.#chains.set(name, text)
      for (const name of gone) this.#chains.delete(name)
      for (const [name, seconds] of newSets) this.#affinitySets.set(name, seconds!)
      for (const name of goneSets) this.#affinitySets.delete(name)
      for (const id of removed) this.#elements.delete(id)
      for (const [id, value] of added) this.#elements.set(id, value)
      return gone
    })
  }

  /** Everything, over whatever the table holds now. */
  full(existing: ExistingTable): Transaction {
    const t = this.#table
    const chains = new Map<string, string>()
    const affinitySets = new Map<string, number>()
    for (const fragment of this.#fragments.values()) {
      for (const [name, rules] of fragment.chains) chains.set(name, chainText(t, name, rules))
      for (const [name, seconds] of fragment.affinitySets) affinitySets.set(name, seconds)
    }
    const elements = [...this.#claims.keys()].map((id): [string, string] => [id, this.#wanted(id)!])
    const stale = existing.chains.filter((name) => isServiceChain(name) && !chains.has(name))
    const lines = [
      ...tableLines(this.#options, existing),
      ...existing.sets
        .filter((name) => isAffinitySet(name) && !affinitySets.has(name))
        .map((name) => `delete set ${t} ${name}`),
      ...[...affinitySets]
        .filter(([name]) => !existing.sets.includes(name))
        .map(([name, seconds]) => this.#affinitySet(name, seconds)),
      ...[...chains.keys()].map((name) => `add chain ${t} ${name}`),
      ...[...chains.values()].filter((text) => text !== ''),
      ...this.#elementLines('add', elements),
    ]
    return this.#transaction(lines, () => {
      refill(this.#chains, chains)
      refill(this.#affinitySets, affinitySets)
      refill(this.#elements, elements)
      return stale
    })
  }

  /** Deletes chains that nothing uses any more (`committed` named them), unless they came back meanwhile. */
  deletion(chains: readonly string[]): string {
    return chains
      .filter((name) => !this.#chains.has(name))
      .map((name) => `delete chain ${this.#table} ${name}\n`)
      .join('')
  }

  #transaction(lines: readonly string[], commit: () => readonly string[]): Transaction {
    return {
      text: lines.length === 0 ? '' : `${lines.join('\n')}\n`,
      committed: () => {
        this.#dirty.claims.clear()
        this.#dirty.fragments.clear()
        return commit()
      },
      failed: () => {
        this.#dirty.claims.clear()
        this.#dirty.fragments.clear()
      },
    }
  }

  #affinitySet(name: string, seconds: number): string {
    return `add set ${this.#table} ${name} { type ipv${this.#options.family}_addr; flags dynamic,timeout; timeout ${seconds}s; }`
  }

  /** One line per set: nft's time goes by commands more than by elements. */
  #elementLines(verb: 'add' | 'delete', elements: readonly (readonly [id: string, value: string])[]): string[] {
    const bySet = new Map<ElementSet, string[]>()
    for (const [id, value] of elements) {
      const space = id.indexOf(' ')
      const set = id.slice(0, space) as ElementSet
      const texts = bySet.get(set) ?? []
      texts.push(verb === 'add' && value !== '' ? `${id.slice(space + 1)} : ${value}` : id.slice(space + 1))
      bySet.set(set, texts)
    }
    return [...bySet].map(([set, texts]) => `${verb} element ${this.#table} ${set} { ${texts.join(', ')} }`)
  }
}

function chainText(table: string, name: string, rules: readonly string[]): string {
  return rules.map((rule) => `add rule ${table} ${name} ${rule}`).join('\n')
}

function refill<K, V>(map: Map<K, V>, entries: Iterable<readonly [K, V]>): void {
  map.clear()
  for (const [key, value] of entries) map.set(key, value)
}
