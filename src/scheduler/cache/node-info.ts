import { amountsOf } from '../../api/core/v1/pod-requests.ts'
import type { Node } from '../../api/types.generated.ts'
import { type HostPort, portsConflict } from './host-ports.ts'
import type { PodInfo } from './pod-info.ts'
import { accumulate, copyOf, type Resource, resourceOf } from './resource.ts'

/** An image in the cluster. */
export interface ImageState {
  readonly sizeBytes: number
  readonly nodes: Set<string>
}

const nothing = (): Resource => resourceOf(new Map())

/** A node and the pods on it, summed up. The cache's own are changed in place, pod by pod; copies are for thought. */
export class NodeInfo {
  readonly name: string
  /** Undefined: only pods of it are known so far. */
  node: Node | undefined
  readonly pods = new Map<string, PodInfo>()
  requested: Resource = nothing()
  nonZeroRequested = { milliCpu: 0, memoryBytes: 0 }
  allocatable: Resource = nothing()
  allowedPods = 0
  images: ReadonlyMap<string, ImageState> = new Map()
  readonly #podsWithPorts = new Map<string, PodInfo>()

  constructor(name: string, node?: Node) {
    this.name = name
    if (node) this.setNode(node)
  }

  setNode(node: Node): void {
    this.node = node
    const amounts = amountsOf(node.status?.allocatable)
    this.allocatable = resourceOf(amounts)
    this.allowedPods = amounts.get('pods') ?? 0
  }

  get labels(): { readonly [label: string]: string } {
    return this.node?.metadata.labels ?? noLabels
  }

  addPod(info: PodInfo): void {
    this.removePod(info)
    this.pods.set(info.uid, info)
    if (info.hostPorts.length > 0) this.#podsWithPorts.set(info.uid, info)
    this.#count(info, 1)
  }

  /** Returns what was there. */
  removePod({ uid }: { readonly uid: string }): PodInfo | undefined {
    const present = this.pods.get(uid)
    if (!present) return undefined
    this.pods.delete(uid)
    this.#podsWithPorts.delete(uid)
    this.#count(present, -1)
    return present
  }

  portTaken(wanted: HostPort): boolean {
    for (const { hostPorts } of this.#podsWithPorts.values()) {
      for (const taken of hostPorts) if (portsConflict(wanted, taken)) return true
    }
    return false
  }

  clone(): NodeInfo {
    const copy = new NodeInfo(this.name)
    copy.node = this.node
    for (const [uid, info] of this.pods) copy.pods.set(uid, info)
    for (const [uid, info] of this.#podsWithPorts) copy.#podsWithPorts.set(uid, info)
    copy.requested = copyOf(this.requested)
    copy.nonZeroRequested = { ...this.nonZeroRequested }
    copy.allocatable = this.allocatable
    copy.allowedPods = this.allowedPods
    copy.images = this.images
    return copy
  }

  #count(info: PodInfo, sign: 1 | -1): void {
    accumulate(this.requested, info.requests, sign)
    this.nonZeroRequested.milliCpu += sign * info.nonZero.milliCpu
    this.nonZeroRequested.memoryBytes += sign * info.nonZero.memoryBytes
  }
}

const noLabels: { readonly [label: string]: string } = Object.freeze({})
