import { leases } from '../../api/coordination/v1/lease.ts'
import { nodes } from '../../api/core/v1/node.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Lease, Node, Pod, Taint } from '../../api/types.generated.ts'
import type { Informer } from '../../client/informer.ts'
import { TokenBucket } from '../../client/token-bucket.ts'
import { formatTime } from '../../machinery/clock.ts'
import { isReason } from '../../machinery/errors.ts'
import { nodeNameIndex, nodeOfPod } from '../nodes/pods-on-node.ts'
import { readyStatus, zoneOf } from '../nodes/node-state.ts'
import { sameTaint } from '../nodes/taints.ts'
import { podCondition } from '../pods/pod-state.ts'
import type { Histogram } from '../../machinery/metrics.ts'
import type { ControllerContext } from '../runtime/controller.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { NodeHealth } from './node-health.ts'
import { lifecycleMetrics } from './metrics.ts'
import { missingLabels, noScheduleTaints, notReady, unreachable, withOwnTaints } from './node-taints.ts'
import { unknownConditions } from './unknown-conditions.ts'
import { allDisrupted, evictionRate, type Zone, zonesOf } from './zones.ts'

const leaseNamespace = 'kube-node-lease'

/** Node lifecycle: notices lost nodes and marks nodes by their conditions (pkg/controller/nodelifecycle). */
export const nodeLifecycleController = defineSync({
  name: 'node-controller',
  workers: 8,
  setup(context) {
    const { informers, clock, options } = context
    const metrics = lifecycleMetrics(context)
    const parts: Parts = {
      metrics,
      context,
      nodes: informers.for(nodes),
      pods: informers.for(pods),
      leases: informers.for(leases, { namespace: leaseNamespace }),
      health: new NodeHealth(clock, {
        startupMs: options.nodeStartupGraceMs ?? 60_000,
        graceMs: options.nodeMonitorGraceMs ?? 50_000,
      }),
      known: new Map(),
      zones: new Map(),
      limits: new Map(),
      enqueue: () => {},
    }
    const { nodes: all, pods: allPods, leases: allLeases, health } = parts
    allPods.addIndex(nodeNameIndex, nodeOfPod)
    metrics.read(() => all.list())
    const timed = async <Result>(duration: Histogram, work: () => Result | Promise<Result>): Promise<Result> => {
      const began = clock.monotonic()
      try {
        return await work()
      } finally {
        duration.observe((clock.monotonic() - began) / 1000)
      }
    }
    return {
      ready: (signal) => Promise.all([all, allPods, allLeases].map((informer) => informer.whenSynced(signal))),
      sync(key) {
        const [what, ...name] = key.split('/')
        if (what === 'zones') return timed(metrics.allNodes, () => syncZones(parts))
        if (what === 'pod') return syncPod(parts, name.join('/'))
        return timed(metrics.node, () => syncNode(parts, name.join('/')))
      },
      watch(queue) {
        parts.enqueue = (key) => queue.add(key)
        const cancel = [
          all.subscribe({
            added: ({ metadata }) => {
              queue.add('zones')
              queue.add(`node/${metadata.name}`)
            },
            updated: (node, old) => {
              if (readyStatus(node) !== readyStatus(old) || zoneOf(node) !== zoneOf(old)) queue.add('zones')
              queue.add(`node/${node.metadata.name}`)
            },
            deleted: ({ metadata }) => {
              queue.add('zones')
              queue.add(`node/${metadata.name}`)
            },
          }),
          // Renewals only move the time by which the node counts as lost: nothing has to be decided.
          allLeases.subscribe({
            added: (lease) => health.renewed(lease),
            updated: (lease) => health.renewed(lease),
          }),
          allPods.subscribe({
            added: (pod) => {
              if (pod.spec.nodeName) queue.add(`pod/${pod.metadata.namespace}/${pod.metadata.name}`)
            },
            updated: (pod, old) => {
              if (pod.spec.nodeName && pod.spec.nodeName !== old.spec.nodeName)
                queue.add(`pod/${pod.metadata.namespace}/${pod.metadata.name}`)
            },
          }),
        ]
        return () => {
          for (const stop of cancel) stop()
        }
      },
    }
  },
})

interface Parts {
  readonly metrics: ReturnType<typeof lifecycleMetrics>
  readonly context: ControllerContext
  readonly nodes: Informer<Node>
  readonly pods: Informer<Pod>
  readonly leases: Informer<Lease>
  readonly health: NodeHealth
  /** Nodes that have been announced: their uids. */
  readonly known: Map<string, string>
  zones: Map<string, Zone>
  readonly limits: Map<string, { readonly rate: number; readonly bucket: TokenBucket }>
  enqueue: (key: string) => void
}

function nodeReference(name: string, uid: string | undefined) {
  return { kind: 'Node', apiVersion: 'v1', name, uid }
}

async function syncNode(parts: Parts, name: string): Promise<{ requeueAfterMs?: number } | void> {
  const { context, health, known } = parts
  const { recorder } = context
  const announce = (uid: string, reason: string, what: string) =>
    recorder.event(nodeReference(name, uid), 'Normal', reason, `Node ${name} event: ${what}`)
  let node = parts.nodes.get(name)
  const before = known.get(name)
  const uid = node?.metadata.uid
  if (before !== undefined && before !== uid) {
    announce(before, 'RemovingNode', `Removing Node ${name} from Controller`)
    known.delete(name)
    health.forget(name)
  }
  if (node === undefined) return
  if (!known.has(name)) {
    announce(uid ?? '', 'RegisteredNode', `Registered Node ${name} in Controller`)
    known.set(name, uid ?? '')
  }

  let remainingMs = health.remainingMs(node, parts.leases.get(`${leaseNamespace}/${name}`))
  if (remainingMs <= 0) {
    if (await isStillSilent(parts, name)) node = await giveUp(parts, node)
    remainingMs = Infinity
  }
  const retryMs = await mark(parts, node)
  const requeueAfterMs = Math.min(remainingMs, retryMs) + 1
  return Number.isFinite(requeueAfterMs) ? { requeueAfterMs } : {}
}

/** Our cache may be behind: the server knows better (KEP-5647). */
async function isStillSilent({ context, health }: Parts, name: string): Promise<boolean> {
  try {
    const lease = await context.client.get(leases, { namespace: leaseNamespace, name })
    if (!health.isNews(lease)) return true
    throw new Error(`the cache of leases is behind: node ${name} has renewed its own`)
  } catch (error) {
    if (isReason(error, 'NotFound')) return true
    throw error
  }
}

async function giveUp(parts: Parts, node: Node): Promise<Node> {
  const { client, clock, recorder } = parts.context
  const conditions = unknownConditions(node, clock.now())
  if (readyStatus(node) === 'Unknown' && conditions.length === node.status?.conditions?.length) return node
  const wasReady = readyStatus(node) === 'True'
  const next = await client.update(
    nodes,
    { ...node, status: { ...node.status, conditions } },
    { subresource: 'status' },
  )
  if (!wasReady) return next
  const { name = '', uid } = node.metadata
  recorder.event(nodeReference(name, uid), 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`)
  for (const pod of parts.pods.byIndex(nodeNameIndex, name))
    parts.enqueue(`pod/${pod.metadata.namespace}/${pod.metadata.name}`)
  return next
}

/** Taints and labels of the node. The result: in how many ms to try again. */
async function mark(parts: Parts, node: Node): Promise<number> {
  const { client, clock } = parts.context
  const { wanted, retryMs } = noExecuteTaint(parts, node)
  const taints = withOwnTaints(node, [...noScheduleTaints(node), ...wanted], clock.now())
  const labels = missingLabels(node)
  if (taints === undefined && labels === undefined) return retryMs
  // The list of taints has no merge key: the version keeps it from undoing what others write.
  const { name = '', resourceVersion } = node.metadata
  const metadata = { ...(taints === undefined ? {} : { resourceVersion }), ...(labels === undefined ? {} : { labels }) }
  const spec = taints === undefined ? undefined : { taints: taints.length > 0 ? taints : null }
  await client.patch(nodes, { name }, 'strategic', { metadata, spec })
  return retryMs
}

/** Pods are driven off a node that is not ready, but slowly, lest it be the network that is at fault. */
function noExecuteTaint(parts: Parts, node: Node): { wanted: Taint[]; retryMs: number } {
  const status = readyStatus(node)
  if (status !== 'False' && status !== 'Unknown') return { wanted: [], retryMs: Infinity }
  if (allDisrupted(parts.zones)) return { wanted: [], retryMs: Infinity }
  const taint = status === 'False' ? notReady : unreachable
  const present = node.spec?.taints ?? []
  if (present.some((other) => sameTaint(other, notReady) || sameTaint(other, unreachable)))
    return { wanted: [taint], retryMs: Infinity }
  const limit = parts.limits.get(zoneOf(node))
  if (limit === undefined || limit.rate === 0) return { wanted: [], retryMs: Infinity }
  if (limit.bucket.tryTake()) {
    parts.metrics.evictions.labels(zoneOf(node)).inc()
    return { wanted: [taint], retryMs: Infinity }
  }
  return { wanted: [], retryMs: 1000 / limit.rate / 10 }
}

function syncZones(parts: Parts): void {
  const { context, zones: before, limits, health } = parts
  const zones = zonesOf(parts.nodes.list())
  parts.zones = zones
  const enqueueAll = () => {
    for (const { metadata } of parts.nodes.list()) parts.enqueue(`node/${metadata.name}`)
  }
  const [were, are] = [allDisrupted(before), allDisrupted(zones)]
  if (are && !were && before.size > 0) context.log.warn('no node is ready: evictions are stopped')
  if (were && !are) {
    context.log.info('nodes are ready again: evictions go on')
    health.reset()
  }
  for (const key of limits.keys()) if (!zones.has(key)) limits.delete(key)
  let changed = were !== are
  for (const [key, zone] of zones) {
    const rate = evictionRate(zone)
    if (limits.get(key)?.rate === rate && were === are) continue
    const bucket = new TokenBucket(context.clock, { perSecond: rate, burst: 1 })
    bucket.tryTake()
    limits.set(key, { rate, bucket })
    changed = true
  }
  if (changed) enqueueAll()
}

/** A pod on a node that is not ready is not ready. */
async function syncPod(parts: Parts, key: string): Promise<void> {
  const { client, clock, recorder } = parts.context
  const pod = parts.pods.get(key)
  const node = pod && parts.nodes.get(pod.spec.nodeName ?? '')
  const status = node && readyStatus(node)
  if (pod === undefined || status === undefined || status === 'True') return
  const ready = podCondition(pod, 'Ready')
  if (ready === undefined || ready.status === 'False') return
  const condition = { ...ready, status: 'False', lastTransitionTime: formatTime(clock.now()) }
  const conditions = (pod.status.conditions ?? []).map((other) => (other === ready ? condition : other))
  try {
    await client.update(pods, { ...pod, status: { ...pod.status, conditions } }, { subresource: 'status' })
  } catch (error) {
    if (isReason(error, 'NotFound')) return
    throw error
  }
  recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready')
}
