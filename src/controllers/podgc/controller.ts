import { nodes } from '../../api/core/v1/node.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Node, Pod } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { formatTime } from '../../machinery/clock.ts'
import { isReason } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { nodeNameIndex, nodeOfPod } from '../nodes/pods-on-node.ts'
import { readyStatus } from '../nodes/node-state.ts'
import { disruptionPatch } from '../pods/disruption-target.ts'
import { isPodTerminal } from '../pods/pod-state.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { oldestTerminated } from './reconcile.ts'

/** A node that is missing may only be late. */
const quarantineMs = 40_000
const defaultThreshold = 12_500
const terminatedIndex = 'podgc-terminated'
const outOfService = 'node.kubernetes.io/out-of-service'

/**
 * Pod garbage collection: removes pods of nodes that are gone, pods that end without a node, and the oldest of too many
 * ended ones (pkg/controller/podgc). Keys: `node/NAME`, `pod/NAMESPACE/NAME`, `terminated`.
 */
export const podGarbageCollector = defineSync({
  name: 'pod-garbage-collector',
  setup({ client, informers, clock, options }) {
    const [allNodes, allPods] = [informers.for(nodes), informers.for(pods)]
    allPods.addIndex(nodeNameIndex, nodeOfPod)
    allPods.addIndex(terminatedIndex, (pod: KubeObject) => (isPodTerminal(pod as Pod) ? ['yes'] : []))
    const threshold = options.terminatedPodThreshold ?? defaultThreshold

    const remove = async (pod: Pod, why?: { reason: string; message: string }) => {
      const key = { namespace: pod.metadata.namespace, name: pod.metadata.name ?? '' }
      try {
        // Nobody else would say that it has ended.
        if (!isPodTerminal(pod)) {
          const time = formatTime(clock.now())
          const phase = 'Failed' as const
          const patch =
            why === undefined
              ? { metadata: { uid: pod.metadata.uid }, status: { phase } }
              : disruptionPatch(pod, why.reason, why.message, time, { phase })
          await client.patch(pods, key, 'strategic', patch, { subresource: 'status' })
        }
        await client.delete(pods, key, { gracePeriodSeconds: 0 })
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error
      }
    }
    const removeOrphans = async (name: string) => {
      if (name === '' || allNodes.get(name) !== undefined) return
      const orphans = allPods.byIndex(nodeNameIndex, name)
      if (orphans.length === 0) return
      try {
        await client.get(nodes, { name })
        return
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error
      }
      const why = { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' }
      await Promise.all(orphans.map((pod) => remove(pod, why)))
    }
    const isStranded = (pod: Pod) => {
      if (pod.metadata.deletionTimestamp === undefined) return false
      if (!pod.spec.nodeName) return true
      const node = allNodes.get(pod.spec.nodeName)
      return node !== undefined && isOutOfService(node)
    }

    return {
      ready: (signal) => Promise.all([allNodes.whenSynced(signal), allPods.whenSynced(signal)]),
      async sync(key) {
        const [what, ...rest] = key.split('/')
        if (what === 'node') return removeOrphans(rest.join('/'))
        if (what === 'terminated') {
          const ended = allPods.byIndex(terminatedIndex, 'yes')
          await Promise.all(oldestTerminated(ended, threshold).map((pod) => remove(pod)))
          return
        }
        const pod = allPods.get(rest.join('/'))
        if (pod !== undefined && isStranded(pod)) await remove(pod)
      },
      watch(queue) {
        const podSeen = (pod: Pod, old?: Pod) => {
          if (isStranded(pod)) queue.add(`pod/${keyOf(pod)}`)
          const { nodeName } = pod.spec
          if (nodeName && nodeName !== old?.spec.nodeName && allNodes.get(nodeName) === undefined)
            queue.addAfter(`node/${nodeName}`, quarantineMs)
          if (threshold > 0 && isPodTerminal(pod) && (old === undefined || !isPodTerminal(old)))
            if (allPods.byIndex(terminatedIndex, 'yes').length > threshold) queue.add('terminated')
        }
        const nodeSeen = (node: Node) => {
          if (!isOutOfService(node)) return
          for (const pod of allPods.byIndex(nodeNameIndex, node.metadata.name ?? ''))
            if (isStranded(pod)) queue.add(`pod/${keyOf(pod)}`)
        }
        const stops = [
          allPods.subscribe({ added: podSeen, updated: podSeen }),
          allNodes.subscribe({
            added: nodeSeen,
            updated: nodeSeen,
            deleted: ({ metadata }) => queue.addAfter(`node/${metadata.name}`, quarantineMs),
          }),
        ]
        return () => {
          for (const stop of stops) stop()
        }
      },
    }
  },
})

function isOutOfService(node: Node): boolean {
  return readyStatus(node) !== 'True' && (node.spec?.taints ?? []).some(({ key }) => key === outOfService)
}
