import { nodes } from '../../api/core/v1/node.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Node, Pod, Taint } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { formatTime } from '../../machinery/clock.ts'
import { isReason } from '../../machinery/errors.ts'
import { nodeNameIndex, nodeOfPod } from '../nodes/pods-on-node.ts'
import { toleratedSeconds } from '../nodes/taints.ts'
import { podCondition } from '../pods/pod-state.ts'
import { disruptionPatch } from '../pods/disruption-target.ts'
import type { ControllerContext } from '../runtime/controller.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { evictionMetrics } from './metrics.ts'
import { semanticEqual } from '../../machinery/semantic-equal.ts'

const evictions = evictionMetrics('taint_eviction_controller')

/** Taint eviction: drives pods off nodes whose NoExecute taints they do not bear (pkg/controller/tainteviction). */
export const taintEvictionController = defineSync({
  name: 'node-controller',
  eventSource: 'taint-eviction-controller',
  workers: 8,
  setup(context) {
    const { informers, clock, recorder } = context
    const { total, late } = evictions(context)
    const [allNodes, allPods] = [informers.for(nodes), informers.for(pods)]
    allPods.addIndex(nodeNameIndex, nodeOfPod)
    /** Since when pods have to go some time, by our own clock. */
    const waiting = new Map<string, number>()
    const tell = (key: string, what: string) => {
      const [namespace, name] = key.split('/')
      recorder.event(
        { kind: 'Pod', apiVersion: 'v1', namespace, name },
        'Normal',
        'TaintManagerEviction',
        `${what} ${key}`,
      )
    }
    const cancel = (key: string) => {
      if (waiting.delete(key)) tell(key, 'Cancelling deletion of Pod')
    }
    return {
      ready: (signal) => Promise.all([allNodes.whenSynced(signal), allPods.whenSynced(signal)]),
      async sync(key) {
        const pod = allPods.get(key)
        if (pod === undefined) return cancel(key)
        const node = allNodes.get(pod.spec.nodeName ?? '')
        const taints = node === undefined ? [] : noExecuteTaints(node)
        const seconds = taints.length === 0 ? Infinity : toleratedSeconds(taints, pod.spec.tolerations)
        if (seconds === Infinity) return cancel(key)
        const now = clock.monotonic()
        const since = waiting.get(key) ?? now
        const leftMs = since + seconds * 1000 - now
        if (leftMs > 0) {
          waiting.set(key, since)
          return { requeueAfterMs: leftMs }
        }
        waiting.delete(key)
        if (pod.metadata.deletionTimestamp !== undefined) return
        tell(key, 'Marking for deletion Pod')
        await evict(context, pod)
        total.inc()
        late.observe((clock.monotonic() - now - leftMs) / 1000)
      },
      watch(queue) {
        const podChanged = (pod: Pod) => {
          const node = allNodes.get(pod.spec.nodeName ?? '')
          if (waiting.has(keyOf(pod)) || (node !== undefined && noExecuteTaints(node).length > 0)) queue.add(keyOf(pod))
        }
        const nodeChanged = ({ metadata }: Node) => {
          for (const pod of allPods.byIndex(nodeNameIndex, metadata.name ?? '')) queue.add(keyOf(pod))
        }
        const stops = [
          allPods.subscribe({
            added: podChanged,
            updated: (pod, old) => {
              const same = semanticEqual(pod.spec.tolerations, old.spec.tolerations)
              if (!same || pod.spec.nodeName !== old.spec.nodeName) podChanged(pod)
            },
            deleted: podChanged,
          }),
          allNodes.subscribe({
            added: (node) => {
              if (noExecuteTaints(node).length > 0) nodeChanged(node)
            },
            updated: (node, old) => {
              if (!semanticEqual(noExecuteTaints(node), noExecuteTaints(old))) nodeChanged(node)
            },
          }),
        ]
        return () => {
          for (const stop of stops) stop()
        }
      },
    }
  },
})

function noExecuteTaints({ spec }: Node): Taint[] {
  return (spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute')
}

async function evict({ client, clock }: ControllerContext, { metadata }: Pod): Promise<void> {
  const key = { namespace: metadata.namespace, name: metadata.name ?? '' }
  try {
    const live = await client.get(pods, key)
    const reason = 'DeletionByTaintManager'
    const message = 'Taint manager: deleting due to NoExecute taint'
    if (podCondition(live, 'DisruptionTarget')?.reason !== reason) {
      const patch = disruptionPatch(live, reason, message, formatTime(clock.now()))
      await client.patch(pods, key, 'strategic', patch, { subresource: 'status' })
    }
    await client.delete(pods, key)
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}
