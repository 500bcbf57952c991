import type { Node, Pod } from '../../api/types.generated.ts'
import { type ImageState, NodeInfo } from './node-info.ts'
import { orderByZone } from './node-order.ts'
import { PodInfo } from './pod-info.ts'
import { SelectorCounts } from './selector-counts.ts'
import { preferencesOf, TermIndex } from './term-index.ts'

/**
 * The cluster as the scheduler sees it: nodes with the pods that are on them, and those that it has decided to put there
 * and that are still being bound (assumed). Kept right event by event; since a scheduling cycle runs without a pause, it is
 * its own snapshot.
 */
export class SchedulerCache {
  readonly #nodes = new Map<string, NodeInfo>()
  readonly #pods = new Map<string, PodInfo>()
  readonly #assumed = new Set<string>()
  readonly #images = new Map<string, ImageState>()
  readonly counts = new SelectorCounts()
  /** Whom the pods that are there do not want near. */
  readonly antiAffinity = new TermIndex(({ requiredAntiAffinity }) => requiredAntiAffinity)
  /** Whom they like near, or rather not. */
  readonly preferences = new TermIndex(preferencesOf)
  /** How many pods on nodes use each claim. */
  readonly #claimUsers = new Map<string, number>()
  #order: NodeInfo[] | undefined

  /** The nodes that are there, zone by turn. */
  get nodes(): readonly NodeInfo[] {
    this.#order ??= orderByZone([...this.#nodes.values()].filter(({ node }) => node !== undefined))
    return this.#order
  }
  get counted(): { readonly nodes: number; readonly pods: number; readonly assumed: number } {
    return { nodes: this.nodes.length, pods: this.#pods.size, assumed: this.#assumed.size }
  }
  node(name: string): NodeInfo | undefined {
    const info = this.#nodes.get(name)
    return info?.node ? info : undefined
  }
  setNode(node: Node): void {
    const name = node.metadata.name ?? ''
    const info = this.#slot(name)
    if (!info.node || zoneChanged(info.node, node)) this.#order = undefined
    if (info.node?.status?.images !== node.status?.images) this.#setImages(info, node)
    info.setNode(node)
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name)
    if (!info?.node) return
    this.#order = undefined
    this.#setImages(info, undefined)
    info.node = undefined
    if (info.pods.size === 0) this.#nodes.delete(name)
  }

  /** A pod on a node; one that was assumed is confirmed. */
  setPod(pod: Pod): void {
    const uid = pod.metadata.uid ?? ''
    this.#assumed.delete(uid)
    this.#place(new PodInfo(pod))
  }

  removePod(uid: string): void {
    this.#assumed.delete(uid)
    this.#unplace(uid)
  }

  pod(uid: string): PodInfo | undefined {
    return this.#pods.get(uid)
  }
  claimInUse(key: string): boolean {
    return this.#claimUsers.has(key)
  }
  isAssumed(uid: string): boolean {
    return this.#assumed.has(uid)
  }

  /** Counts the pod on the node before the API knows. */
  assume(info: PodInfo, nodeName: string): PodInfo {
    if (this.#pods.has(info.uid)) throw new Error(`pod ${info.key} is on a node already`)
    const placed = info.on(nodeName)
    this.#assumed.add(info.uid)
    this.#place(placed)
    return placed
  }

  /** The pod was not bound after all. */
  forget(uid: string): void {
    if (this.#assumed.delete(uid)) this.#unplace(uid)
  }

  #slot(name: string): NodeInfo {
    let info = this.#nodes.get(name)
    if (!info) this.#nodes.set(name, (info = new NodeInfo(name)))
    return info
  }

  #place(info: PodInfo): void {
    this.#unplace(info.uid)
    this.#slot(info.nodeName).addPod(info)
    this.#pods.set(info.uid, info)
    this.counts.add(info)
    this.antiAffinity.add(info)
    this.preferences.add(info)
    for (const claim of info.claims) this.#claimUsers.set(claim, (this.#claimUsers.get(claim) ?? 0) + 1)
  }

  #unplace(uid: string): void {
    const present = this.#pods.get(uid)
    if (!present) return
    this.#pods.delete(uid)
    this.counts.remove(present)
    this.antiAffinity.remove(present)
    this.preferences.remove(present)
    for (const claim of present.claims) {
      const users = (this.#claimUsers.get(claim) ?? 0) - 1
      if (users > 0) this.#claimUsers.set(claim, users)
      else this.#claimUsers.delete(claim)
    }
    const node = this.#nodes.get(present.nodeName)
    if (!node) return
    node.removePod(present)
    if (!node.node && node.pods.size === 0) this.#nodes.delete(node.name)
  }

  #setImages(info: NodeInfo, node: Node | undefined): void {
    for (const [image, { nodes }] of info.images) {
      nodes.delete(info.name)
      if (nodes.size === 0) this.#images.delete(image)
    }
    const images = new Map<string, ImageState>()
    for (const { names = [], sizeBytes = 0 } of node?.status?.images ?? []) {
      for (const name of names) {
        let state = this.#images.get(name)
        if (!state) this.#images.set(name, (state = { sizeBytes, nodes: new Set() }))
        state.nodes.add(info.name)
        images.set(name, state)
      }
    }
    info.images = images
  }
}

function zoneChanged(a: Node, b: Node): boolean {
  return ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone'].some(
    (label) => a.metadata.labels?.[label] !== b.metadata.labels?.[label],
  )
}
