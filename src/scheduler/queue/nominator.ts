import type { PodInfo } from '../cache/pod-info.ts'

/** Pods for which room is being made on a node: others of no higher priority keep off it (backend/queue/nominator.go). */
export class Nominator {
  readonly #byNode = new Map<string, Map<string, PodInfo>>()
  readonly #nodeOf = new Map<string, string>()

  /** `node` undefined: the one that the pod's status names. '': none any more. */
  set(info: PodInfo, node: string = info.pod.status?.nominatedNodeName ?? ''): void {
    this.delete(info.uid)
    if (node === '') return
    this.#nodeOf.set(info.uid, node)
    const pods = this.#byNode.get(node)
    if (pods) pods.set(info.uid, info)
    else this.#byNode.set(node, new Map([[info.uid, info]]))
  }

  /** The pod changed. A nomination that its status does not know of yet stays. */
  update(old: PodInfo, info: PodInfo): void {
    const silent = !old.pod.status?.nominatedNodeName && !info.pod.status?.nominatedNodeName
    const kept = silent ? this.#nodeOf.get(old.uid) : undefined
    this.delete(old.uid)
    this.set(info, kept)
  }

  delete(uid: string): void {
    const node = this.#nodeOf.get(uid)
    if (node === undefined) return
    this.#nodeOf.delete(uid)
    const pods = this.#byNode.get(node)
    pods?.delete(uid)
    if (pods?.size === 0) this.#byNode.delete(node)
  }

  get empty(): boolean {
    return this.#nodeOf.size === 0
  }
  on(node: string): readonly PodInfo[] {
    const pods = this.#byNode.get(node)
    return pods ? [...pods.values()] : none
  }
}

const none: readonly PodInfo[] = Object.freeze([])
