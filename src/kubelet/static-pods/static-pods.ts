import { pods as podKind } from '../../api/core/v1/pod.ts'
import type { Node, Pod } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import { isReason } from '../../machinery/errors.ts'
import type { Logger } from '../../machinery/log.ts'
import { annotations } from '../pods/static-pods.ts'

/** Pods of the node's own files, and the objects that show them in the API. */
export interface StaticPods {
  /** All manifests, as they are now. */
  set(pods: readonly Pod[]): void
  get(uid: string): Pod | undefined
  list(): readonly Pod[]
  /** An object of the API that mirrors a static pod has come, changed or gone. */
  mirrorSeen(mirror: Pod): void
  mirrorGone(mirror: Pod): void
  mirrorOf(uid: string): Pod | undefined
  /** Makes mirrors that are missing and removes those that mirror nothing. */
  reconcile(): Promise<void>
  /** The last of a pod of that uid is gone: what waited for its name may start. */
  ended(uid: string): void
}

const fullName = ({ metadata }: Pod) => `${metadata.namespace}/${metadata.name}`

export function createStaticPods(options: {
  readonly client: Client
  readonly log: Logger
  readonly node: () => Node | undefined
  /** The pod is to run. */
  readonly onAdd: (pod: Pod) => void
  /** The pod is to end. */
  readonly onRemove: (uid: string) => void
  /** The pod of that uid has another mirror than before. */
  readonly onMirror: (uid: string) => void
  /** Whether something of a pod of that uid is still on the node. */
  readonly isActive: (uid: string) => boolean
}): StaticPods {
  const { client, log } = options
  const current = new Map<string, Pod>()
  const started = new Map<string, Pod>()
  const mirrors = new Map<string, Pod>()
  let reconciling: Promise<void> | undefined

  const startWhatCan = () => {
    for (const [uid, pod] of current) {
      if (started.has(uid)) continue
      // Two pods of the same name never run side by side: the next one waits for the last one's end.
      const before = [...started.values()].find((other) => fullName(other) === fullName(pod))
      if (before !== undefined && options.isActive(before.metadata.uid ?? '')) continue
      if (before !== undefined) started.delete(before.metadata.uid ?? '')
      started.set(uid, pod)
      options.onAdd(pod)
    }
  }
  const reconcile = async () => {
    const owner = options.node()
    if (owner === undefined) return
    const names = new Set([...current.values()].map(fullName))
    for (const [name, mirror] of mirrors) {
      const wanted = [...current.values()].find((pod) => fullName(pod) === name)
      const same =
        mirror.metadata.annotations?.[annotations.mirror] === wanted?.metadata.annotations?.[annotations.hash]
      if (names.has(name) && same && mirror.metadata.deletionTimestamp == null) continue
      const { namespace, name: its = '', uid } = mirror.metadata
      await quietly(client.delete(podKind, { namespace, name: its }, { gracePeriodSeconds: 0, preconditions: { uid } }))
      mirrors.delete(name)
    }
    for (const pod of current.values()) {
      if (!mirrors.has(fullName(pod))) await quietly(client.create(podKind, mirrorOf(pod, owner)))
    }
  }
  const quietly = async (work: Promise<unknown>) => {
    try {
      await work
    } catch (error) {
      if (isReason(error, 'AlreadyExists', 'NotFound')) return
      log.warn('a mirror pod could not be kept', { error: (error as Error).message })
    }
  }

  const self: StaticPods = {
    set(pods) {
      const wanted = new Map(pods.map((pod) => [pod.metadata.uid ?? '', pod]))
      for (const uid of current.keys()) {
        if (wanted.has(uid)) continue
        current.delete(uid)
        options.onRemove(uid)
      }
      for (const [uid, pod] of wanted) if (!current.has(uid)) current.set(uid, pod)
      startWhatCan()
      void self.reconcile()
    },
    get: (uid) => current.get(uid),
    list: () => [...current.values()],
    mirrorSeen(mirror) {
      const before = mirrors.get(fullName(mirror))
      mirrors.set(fullName(mirror), mirror)
      const pod = [...current.values()].find((one) => fullName(one) === fullName(mirror))
      if (pod !== undefined && before?.metadata.uid !== mirror.metadata.uid) options.onMirror(pod.metadata.uid ?? '')
      void self.reconcile()
    },
    mirrorGone(mirror) {
      mirrors.delete(fullName(mirror))
      void self.reconcile()
    },
    mirrorOf(uid) {
      const pod = current.get(uid)
      return pod && mirrors.get(fullName(pod))
    },
    async reconcile() {
      await reconciling
      reconciling = reconcile().finally(() => {
        reconciling = undefined
      })
      await reconciling
    },
    ended(uid) {
      started.delete(uid)
      startWhatCan()
    },
  }
  return self
}

/** Belongs to the node, so that it goes with it and node restriction lets it be made. */
function mirrorOf(pod: Pod, node: Node): Pod {
  const { uid: _, creationTimestamp: __, ...metadata } = pod.metadata
  const owner = {
    apiVersion: 'v1',
    kind: 'Node',
    name: node.metadata.name ?? '',
    uid: node.metadata.uid ?? '',
    controller: true,
  }
  return {
    ...pod,
    metadata: {
      ...metadata,
      annotations: { ...metadata.annotations, [annotations.mirror]: metadata.annotations?.[annotations.hash] ?? '' },
      ownerReferences: [owner],
    },
  }
}
