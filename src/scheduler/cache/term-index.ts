import type { AffinityTerm } from './affinity-term.ts'
import type { PodInfo } from './pod-info.ts'

export interface IndexedTerm {
  readonly term: AffinityTerm
  /** How many pods with this term each node has. */
  readonly byNode: ReadonlyMap<string, number>
}

/** The terms of the pods that are there, equal ones together: replicas share theirs, so there are few. */
export class TermIndex {
  readonly #termsOf: (info: PodInfo) => readonly AffinityTerm[]
  readonly #terms = new Map<string, { readonly term: AffinityTerm; readonly byNode: Map<string, number> }>()

  constructor(termsOf: (info: PodInfo) => readonly AffinityTerm[]) {
    this.#termsOf = termsOf
  }

  all(): Iterable<IndexedTerm> {
    return this.#terms.values()
  }

  add(info: PodInfo): void {
    for (const term of this.#termsOf(info)) {
      let entry = this.#terms.get(term.key)
      if (!entry) this.#terms.set(term.key, (entry = { term, byNode: new Map() }))
      entry.byNode.set(info.nodeName, (entry.byNode.get(info.nodeName) ?? 0) + 1)
    }
  }

  remove(info: PodInfo): void {
    for (const { key } of this.#termsOf(info)) {
      const entry = this.#terms.get(key)
      if (!entry) continue
      const count = (entry.byNode.get(info.nodeName) ?? 0) - 1
      if (count > 0) entry.byNode.set(info.nodeName, count)
      else entry.byNode.delete(info.nodeName)
      if (entry.byNode.size === 0) this.#terms.delete(key)
    }
  }
}

const hardKey = 'hard '

/** Of the terms of {@link preferencesOf}: whether a pod that is there requires it of others, so that it weighs nothing by itself. */
export function isRequired({ key }: AffinityTerm): boolean {
  return key.startsWith(hardKey)
}

const known = new WeakMap<PodInfo, readonly AffinityTerm[]>()

/** What a pod that is there thinks of others coming near, with a sign. */
export function preferencesOf(info: PodInfo): readonly AffinityTerm[] {
  const { requiredAffinity, preferredAffinity, preferredAntiAffinity } = info
  if (requiredAffinity.length + preferredAffinity.length + preferredAntiAffinity.length === 0) return none
  let terms = known.get(info)
  if (!terms) {
    terms = [
      ...requiredAffinity.map((term) => ({ ...term, key: `${hardKey}${term.key}` })),
      ...preferredAffinity,
      ...preferredAntiAffinity.map((term) => ({ ...term, weight: -term.weight, key: `anti ${term.key}` })),
    ]
    known.set(info, terms)
  }
  return terms
}
const none: readonly AffinityTerm[] = Object.freeze([])
