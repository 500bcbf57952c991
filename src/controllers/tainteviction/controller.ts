import { nodes } from '../../api/core/v1/node.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Node, Pod } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { formatTime } from '../../machinery/clock.ts'
import { isReason } from '../../machinery/errors.ts'
import { jsonEqual } from '../../machinery/json.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { evictionTime } from './reconcile.ts'

/** Taint eviction: deletes pods that do not tolerate the NoExecute taints of their node (pkg/controller/tainteviction). */
export const taintEvictionController = defineSync({
  name: 'node-controller',
  eventSource: 'taint-eviction-controller',
  setup({ client, informers, recorder, clock }) {
    const allNodes = informers.for(nodes)
    const allPods = informers.for(pods)
    allPods.addIndex('nodeName', (pod) => (pod.spec.nodeName ? [pod.spec.nodeName] : []))
    /** When pods that tolerate for a while are due; a taint that comes again counts anew. */
    const due = new Map<string, { taints: unknown; at: number }>()

    async function evict(pod: Pod): Promise<void> {
      const { namespace, name = '' } = pod.metadata
      recorder.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${namespace}/${name}`)
      const condition = {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'DeletionByTaintManager',
        message: 'Taint manager: deleting due to NoExecute taint',
        lastTransitionTime: formatTime(clock.now()),
      }
      try {
        await client.patch(
          pods,
          { namespace, name },
          'strategic',
          { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } },
          { subresource: 'status' },
        )
        await client.delete(pods, { namespace, name }, { preconditions: { uid: pod.metadata.uid } })
      } catch (error) {
        if (!isReason(error, 'NotFound', 'Conflict')) throw error
      }
    }

    return {
      ready: (signal) => Promise.all([allNodes.whenSynced(signal), allPods.whenSynced(signal)]),
      watch(queue) {
        const seen = (pod: Pod) => {
          if (pod.spec.nodeName) queue.add(keyOf(pod))
        }
        const tainted = (node: Node) => {
          for (const pod of allPods.byIndex('nodeName', node.metadata.name ?? '')) seen(pod)
        }
        const ends = [
          allPods.subscribe({
            added: seen,
            updated: (pod, old) =>
              old.spec.nodeName !== pod.spec.nodeName || !jsonEqual(old.spec.tolerations, pod.spec.tolerations)
                ? seen(pod)
                : undefined,
            deleted: (pod) => due.delete(keyOf(pod)),
          }),
          allNodes.subscribe({
            added: tainted,
            updated: (node, old) => (jsonEqual(node.spec.taints, old.spec.taints) ? undefined : tainted(node)),
          }),
        ]
        return () => ends.forEach((end) => end())
      },
      async sync(key) {
        const pod = allPods.get(key)
        const node = allNodes.get(pod?.spec.nodeName ?? '')
        if (pod === undefined || node === undefined || pod.metadata.deletionTimestamp !== undefined) {
          due.delete(key)
          return
        }
        const taints = node.spec.taints ?? []
        const at = evictionTime(pod, taints, clock.now())
        if (at === undefined) {
          if (due.delete(key))
            recorder.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`)
          return
        }
        const noExecute = taints.filter(({ effect }) => effect === 'NoExecute')
        const planned = due.get(key)
        const time = planned !== undefined && jsonEqual(planned.taints, noExecute) ? planned.at : at
        due.set(key, { taints: noExecute, at: time })
        if (time > clock.now()) return { requeueAfterMs: time - clock.now() }
        due.delete(key)
        await evict(pod)
      },
    }
  },
})
