import { leases } from '../../api/coordination/v1/lease.ts'
import { nodes } from '../../api/core/v1/node.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Lease, Node, Pod } from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'
import { isReason } from '../../machinery/errors.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { nodeCondition, silentConditions, wantedLabels, wantedTaints } from './reconcile.ts'

/** How long a kubelet may be silent, once it has reported and before (--node-monitor-grace-period, --node-startup-grace-period). */
const graceMs = { monitor: 50_000, startup: 60_000 } as const
/** --node-monitor-period */
const periodMs = 5_000

interface Heard {
  renewTime: string | undefined
  heartbeat: string | undefined
  /** Monotonic, when something last came from the kubelet. */
  at: number
}

/**
 * Node lifecycle: turns conditions into taints, notices silent kubelets, and says of their pods that they are not ready
 * (pkg/controller/nodelifecycle).
 */
export const nodeLifecycleController = defineSync({
  name: 'node-controller',
  setup({ client, informers, recorder, clock, log }) {
    const allNodes = informers.for(nodes)
    const nodeLeases = informers.for(leases, { namespace: 'kube-node-lease' })
    const allPods = informers.for(pods)
    allPods.addIndex('nodeName', (pod) => (pod.spec.nodeName ? [pod.spec.nodeName] : []))
    const heard = new Map<string, Heard>()
    const now = () => formatTime(clock.now())

    /** How long ago the kubelet of a node was last heard of, by the clock of this process. */
    function silenceMs(node: Node, name: string): number {
      const renewTime = nodeLeases.get(`kube-node-lease/${name}`)?.spec?.renewTime
      const heartbeat = nodeCondition(node, 'Ready')?.lastHeartbeatTime ?? undefined
      const last = heard.get(name)
      if (last === undefined || last.renewTime !== renewTime || last.heartbeat !== heartbeat) {
        heard.set(name, { renewTime, heartbeat, at: clock.monotonic() })
        return 0
      }
      return clock.monotonic() - last.at
    }

    async function markPodsNotReady(name: string): Promise<void> {
      for (const pod of allPods.byIndex('nodeName', name)) {
        const conditions = pod.status?.conditions
        if (!conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) continue
        await setNotReady(pod).catch((error: unknown) => {
          if (!isReason(error, 'NotFound', 'Conflict')) throw error
        })
      }
    }

    async function setNotReady(pod: Pod): Promise<void> {
      recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready')
      const { name = '', namespace } = pod.metadata
      const condition = { type: 'Ready', status: 'False', lastTransitionTime: now() }
      await client.patch(
        pods,
        { namespace, name },
        'strategic',
        { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } },
        { subresource: 'status' },
      )
    }

    return {
      ready: (signal) =>
        Promise.all([allNodes.whenSynced(signal), nodeLeases.whenSynced(signal), allPods.whenSynced(signal)]),
      watch(queue) {
        const seen = (node: Node) => queue.add(node.metadata.name ?? '')
        const renewed = (lease: Lease) => {
          // A renewal alone changes nothing unless the node was given up.
          const node = allNodes.get(lease.metadata.name ?? '')
          if (node && nodeCondition(node, 'Ready')?.status === 'Unknown') seen(node)
        }
        const ends = [
          allNodes.subscribe({
            added: seen,
            updated: seen,
            deleted: ({ metadata }) => heard.delete(metadata.name ?? ''),
          }),
          nodeLeases.subscribe({ updated: renewed }),
        ]
        return () => ends.forEach((end) => end())
      },
      async sync(name) {
        let node = allNodes.get(name)
        if (node === undefined) return
        const ready = nodeCondition(node, 'Ready')
        if (silenceMs(node, name) > (ready === undefined ? graceMs.startup : graceMs.monitor)) {
          const conditions = silentConditions(node, now())
          if (conditions !== node.status?.conditions) {
            log.warn('the kubelet of a node is silent', { node: name })
            node = await client.update(
              nodes,
              { ...node, status: { ...node.status, conditions } },
              { subresource: 'status' },
            )
            recorder.event(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`)
          }
        }
        if (nodeCondition(node, 'Ready')?.status !== 'True' && ready !== undefined) await markPodsNotReady(name)
        const taints = wantedTaints(node, now())
        const labels = wantedLabels(node.metadata.labels)
        if (
          taints !== (node.spec.taints ?? taints) ||
          (node.spec.taints === undefined && taints.length > 0) ||
          labels !== (node.metadata.labels ?? labels)
        ) {
          await client.patch(nodes, { name }, 'merge', {
            metadata: { resourceVersion: node.metadata.resourceVersion, labels },
            spec: { taints: taints.length > 0 ? taints : null },
          })
        }
        return { requeueAfterMs: periodMs }
      },
    }
  },
})
