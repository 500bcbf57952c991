import type { Selector } from '../../machinery/labels/selector.ts'
import type { PodInfo } from './pod-info.ts'

interface Counts {
  readonly selector: Selector
  /** Whether pods that are terminating count too. */
  readonly leaving: boolean
  /** Pods that match, by node. */
  readonly byNode: Map<string, number>
}

const mostPerNamespace = 64

/**
 * How many pods of a namespace match a selector, node by node: counted once, then kept right as pods come and go, so that
 * spreading a thousand replicas does not look at a thousand pods a thousand times.
 */
export class SelectorCounts {
  readonly #pods = new Map<string, Map<string, PodInfo>>()
  /** By namespace, then by the selector's text; the one that was used last comes last. */
  readonly #counts = new Map<string, Map<string, Counts>>()

  add(info: PodInfo): void {
    let pods = this.#pods.get(info.namespace)
    if (!pods) this.#pods.set(info.namespace, (pods = new Map()))
    pods.set(info.uid, info)
    this.#adjust(info, 1)
  }

  remove(info: PodInfo): void {
    const pods = this.#pods.get(info.namespace)
    if (!pods?.delete(info.uid)) return
    this.#adjust(info, -1)
    if (pods.size > 0) return
    this.#pods.delete(info.namespace)
    this.#counts.delete(info.namespace)
  }

  /** Counts by node name; a node without any is absent. */
  byNode(namespace: string, selector: Selector, leaving: boolean): ReadonlyMap<string, number> {
    const pods = this.#pods.get(namespace)
    if (selector.nothing || !pods) return none
    let counts = this.#counts.get(namespace)
    if (!counts) this.#counts.set(namespace, (counts = new Map()))
    const text = `${leaving} ${selector.toString()}`
    let known = counts.get(text)
    if (known) counts.delete(text)
    else {
      known = { selector, leaving, byNode: new Map() }
      for (const info of pods.values()) adjustOne(known, info, 1)
      if (counts.size >= mostPerNamespace) counts.delete(counts.keys().next().value!)
    }
    counts.set(text, known)
    return known.byNode
  }

  #adjust(info: PodInfo, by: 1 | -1): void {
    for (const counts of this.#counts.get(info.namespace)?.values() ?? []) adjustOne(counts, info, by)
  }
}

const none: ReadonlyMap<string, number> = new Map()

function adjustOne({ selector, leaving, byNode }: Counts, info: PodInfo, by: 1 | -1): void {
  if ((info.terminating && !leaving) || !selector.matches(info.labels)) return
  const count = (byNode.get(info.nodeName) ?? 0) + by
  if (count > 0) byNode.set(info.nodeName, count)
  else byNode.delete(info.nodeName)
}
