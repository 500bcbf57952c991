import type { Send } from '../servers/client.ts'

type Json = Readonly<Record<string, unknown>>
interface Meta {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly deletionTimestamp?: string
}
interface PodAnswer {
  readonly metadata: Meta
  readonly spec: {
    readonly nodeName?: string
    readonly priority?: number
    readonly resourceClaims?: readonly { readonly resourceClaimName?: string }[]
  }
  readonly status?: {
    readonly nominatedNodeName?: string
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason?: string
      readonly message?: string
    }[]
  }
}

/** What a scheduler makes of a pod. */
export interface Verdict {
  readonly node: string
  readonly nominated: string
  readonly reason: string
  readonly message: string
  /** Pods that were sent away for it. */
  readonly victims: readonly string[]
  readonly victimPriorities: readonly number[]
  /** What it is told in events: reason, action, note. */
  readonly events: readonly string[]
  /** What was allocated to its claim; '': nothing. */
  readonly devices: string
}

const patienceMs = 10_000
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** One of the two clusters that are judged alike. */
export class Side {
  readonly #send: Send
  constructor(send: Send) {
    this.#send = send
  }

  async get<T>(path: string): Promise<T | undefined> {
    const { status, body } = await this.#send({ method: 'GET', path })
    return status === 200 ? (JSON.parse(body) as T) : undefined
  }

  async create(path: string, object: Json): Promise<Json> {
    const { status, body } = await this.#send({ method: 'POST', path, body: object })
    if (status >= 300) throw new Error(`POST ${path}: ${status} ${body.slice(0, 400)}`)
    return JSON.parse(body) as Json
  }
  async put(path: string, object: Json): Promise<void> {
    const { status, body } = await this.#send({ method: 'PUT', path, body: object })
    if (status >= 300) throw new Error(`PUT ${path}: ${status} ${body.slice(0, 400)}`)
  }
  async patch(path: string, patch: Json): Promise<void> {
    const headers = { 'content-type': 'application/merge-patch+json' }
    const { status, body } = await this.#send({ method: 'PATCH', path, body: patch, headers })
    if (status >= 300) throw new Error(`PATCH ${path}: ${status} ${body.slice(0, 400)}`)
  }
  async remove(path: string): Promise<void> {
    await this.#send({ method: 'DELETE', path, body: { gracePeriodSeconds: 0 } })
  }

  /** Admission taints new nodes, and their status is not for creators. */
  async addNode(node: Json): Promise<void> {
    const { name } = node['metadata'] as Meta
    await this.create('/api/v1/nodes', node)
    await this.patch(`/api/v1/nodes/${name}/status`, { status: node['status'] })
    const { taints } = node['spec'] as { readonly taints: unknown }
    await this.patch(`/api/v1/nodes/${name}`, { spec: { taints } })
  }

  async addPod(pod: Json): Promise<void> {
    await this.create(`/api/v1/namespaces/${(pod['metadata'] as Meta).namespace}/pods`, pod)
  }

  pods(): Promise<readonly PodAnswer[]> {
    return this.get<{ items: PodAnswer[] }>('/api/v1/pods').then((list) => list?.items ?? [])
  }

  /** Creates the pod and waits until the scheduler has made up its mind. */
  async judge(pod: Json): Promise<Verdict> {
    const { name, namespace } = pod['metadata'] as Meta
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`
    const leaving = new Set((await this.pods()).filter(isLeaving).map(nameOf))
    await this.addPod(pod)
    let seen: PodAnswer | undefined
    for (let waited = 0; waited < patienceMs; waited += 15) {
      seen = await this.get<PodAnswer>(path)
      // A node is named, too, while claims are written for a pod: that is not the end.
      const isNominated = seen?.spec.resourceClaims === undefined && seen?.status?.nominatedNodeName
      const decided = seen?.spec.nodeName || isNominated || scheduled(seen)
      if (decided) break
      await pause(15)
    }
    const condition = scheduled(seen)
    const announced = Number(/preempting (\d+) victims/.exec(condition?.message ?? '')?.[1] ?? 0)
    let victims: readonly PodAnswer[] = []
    for (let waited = 0; waited < 2000; waited += 20) {
      victims = (await this.pods()).filter((one) => isLeaving(one) && !leaving.has(nameOf(one)))
      if (victims.length >= announced) break
      await pause(20)
    }
    const expected = seen?.spec.nodeName
      ? 'Scheduled'
      : condition?.reason === 'SchedulingGated'
        ? ''
        : condition
          ? 'FailedScheduling'
          : ''
    return {
      node: seen?.spec.nodeName ?? '',
      nominated: seen?.status?.nominatedNodeName ?? '',
      reason: condition?.status === 'True' ? '' : (condition?.reason ?? (seen?.spec.nodeName ? '' : 'nothing')),
      message: condition?.message ?? '',
      victims: victims.map(nameOf).sort(),
      victimPriorities: victims.map(({ spec }) => spec.priority ?? 0).sort((a, b) => b - a),
      devices: await this.#devices(seen),
      events: expected === '' ? [] : await this.#events(namespace!, name, seen?.metadata.uid, expected),
    }
  }

  async #devices(pod: PodAnswer | undefined): Promise<string> {
    const name = pod?.spec.resourceClaims?.[0]?.resourceClaimName
    if (name === undefined || !pod?.spec.nodeName) return ''
    const path = `/apis/resource.k8s.io/v1/namespaces/${pod.metadata.namespace}/resourceclaims/${name}`
    const claim = await this.get<{ status?: { allocation?: object } }>(path)
    const text = JSON.stringify(claim?.status?.allocation ?? {}, (key, value: unknown) =>
      key === 'allocationTimestamp' || key === 'shareID' ? undefined : value,
    )
    return text
  }

  async #events(namespace: string, name: string, uid: string | undefined, reason: string): Promise<readonly string[]> {
    const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events?fieldSelector=regarding.name%3D${name}`
    interface EventAnswer {
      readonly reason: string
      readonly action: string
      readonly note: string
      readonly type: string
      readonly regarding: { readonly uid?: string }
    }
    for (let waited = 0; waited < 2000; waited += 25) {
      const found = (await this.get<{ items: EventAnswer[] }>(path))?.items.filter(
        (event) => event.regarding.uid === uid && event.reason === reason,
      )
      // It may have been tried more than once by now.
      if (found?.length)
        return [...new Set(found.map(({ type, action, note }) => `${type} ${reason} ${action}: ${note}`))]
      await pause(25)
    }
    return []
  }

  /** Takes everything away that a case has brought. */
  async clear(collections: readonly string[]): Promise<void> {
    for (const pod of await this.pods())
      await this.remove(`/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`)
    for (const collection of ['/api/v1/nodes', ...new Set(collections)]) {
      const { items = [] } = (await this.get<{ items?: { metadata: Meta }[] }>(collection)) ?? {}
      for (const { metadata } of items) {
        const path = `${collection}/${metadata.name}`
        await this.remove(path)
        if (/persistentvolume|resourceclaims/.test(collection) && (await this.get(path)) !== undefined)
          await this.patch(path, { metadata: { finalizers: null } })
      }
    }
  }
}

const isLeaving = ({ metadata }: PodAnswer) => metadata.deletionTimestamp !== undefined
const nameOf = ({ metadata }: PodAnswer) => `${metadata.namespace}/${metadata.name}`
function scheduled(pod: PodAnswer | undefined) {
  return pod?.status?.conditions?.find(({ type }) => type === 'PodScheduled')
}
