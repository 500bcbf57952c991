import { nodes } from '../../api/core/v1/node.ts'
import type { Node, NodeStatus } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/events/event-recorder.ts'
import { type Clock, sleep } from '../../machinery/clock.ts'
import { isReason } from '../../machinery/errors.ts'
import { jsonEqual } from '../../machinery/json.ts'
import type { Logger } from '../../machinery/log.ts'
import { semanticEqual } from '../../machinery/semantic-equal.ts'
import type { Machine } from './machine.ts'
import { defaultLabels, newNode } from './node-status.ts'
import type { StartupMetrics } from './startup-metrics.ts'

/** Registers the node and keeps its status told: at once when it changes, else every five minutes. */
export interface NodeReporter {
  /** The node's object as last known. */
  readonly node: Node | undefined
  /** Registers, then reports until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
  /** Something has changed: look now. */
  notice(): void
}

const checkMs = 10_000
const reportMs = 300_000
/** Until the node is ready, changes are looked for this often. */
const startingMs = 200

export function createNodeReporter(options: {
  readonly client: Client
  readonly clock: Clock
  readonly log: Logger
  readonly events: EventRecorder
  readonly nodeName: string
  readonly machine: Machine
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  readonly status: (old: NodeStatus | undefined) => Promise<NodeStatus>
  /** The node as its watch last had it; others write to it too. */
  readonly watched: () => Node | undefined
  readonly startup?: StartupMetrics
}): NodeReporter {
  const { client, clock, log, events, nodeName } = options
  let node: Node | undefined
  let reportedAt = 0
  let wake: (() => void) | undefined

  const newest = () => {
    const watched = options.watched()
    if (watched === undefined || node === undefined) return watched
    return Number(node.metadata.resourceVersion) > Number(watched.metadata.resourceVersion) ? node : watched
  }

  const register = async () => {
    options.startup?.attempted()
    const fresh = newNode({ ...options, status: await options.status(undefined) })
    try {
      node = await client.create(nodes, fresh)
      options.startup?.registered()
      reportedAt = clock.now()
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) throw error
      node = await client.get(nodes, { name: nodeName })
      const labels = { ...defaultLabels(nodeName, options.machine), ...options.labels }
      const missing = Object.entries(labels).filter(([name, value]) => node!.metadata.labels?.[name] !== value)
      if (missing.length > 0) {
        const patch = { metadata: { labels: Object.fromEntries(missing) } }
        node = await client.patch(nodes, { name: nodeName }, 'strategic', patch)
      }
    }
  }

  const report = async () => {
    const known = newest() ?? (await client.get(nodes, { name: nodeName }))
    node = known
    const status = await options.status(known.status)
    const due = clock.now() - reportedAt >= reportMs
    if (!due && semanticEqual(withoutHeartbeats(status), withoutHeartbeats(known.status))) return
    tellChange(known, status)
    node = await client.patch(nodes, { name: nodeName }, 'strategic', patchOf(known.status, status), {
      subresource: 'status',
    })
    reportedAt = clock.now()
  }

  const tellChange = (known: Node, status: NodeStatus) => {
    const about = { kind: 'Node', name: nodeName, uid: nodeName }
    const ready = (of: NodeStatus | undefined) => of?.conditions?.find(({ type }) => type === 'Ready')?.status
    for (const { type, status: is, reason = '' } of status.conditions ?? []) {
      const before = known.status?.conditions?.find((one) => one.type === type)
      if (before === undefined || before.status === is) continue
      const name = type === 'Ready' ? (ready(status) === 'True' ? 'NodeReady' : 'NodeNotReady') : reason
      events.event(about, 'Normal', name, `Node ${nodeName} status is now: ${name}`)
    }
    const booted = known.status?.nodeInfo?.bootID
    const { bootId } = options.machine
    if (booted && booted !== bootId) {
      events.event(about, 'Warning', 'Rebooted', `Node ${nodeName} has been rebooted, boot id: ${bootId}`)
    }
  }

  return {
    get node() {
      return newest() ?? node
    },
    notice: () => wake?.(),
    async run(signal) {
      for (let failures = 0; node === undefined && !signal.aborted; failures++) {
        await register().catch((error: unknown) => {
          log[failures > 3 ? 'warn' : 'debug']('the node could not be registered', { node: nodeName, error })
          return sleep(clock, Math.min(7000, 200 * 2 ** failures), signal).catch(() => {})
        })
      }
      while (!signal.aborted) {
        await report().catch((error: unknown) => {
          if (!signal.aborted) log.warn('the status of the node could not be told', { node: nodeName, error })
        })
        const ready = node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
        if (ready) options.startup?.ready()
        const noticed = new Promise<void>((resolve) => {
          wake = resolve
        })
        await Promise.race([noticed, sleep(clock, ready ? checkMs : startingMs, signal).catch(() => {})])
      }
    },
  }
}

function withoutHeartbeats(status: NodeStatus | undefined): unknown {
  const conditions = status?.conditions?.map(({ lastHeartbeatTime: _, ...condition }) => condition)
  return { ...status, conditions }
}

/** Only what differs; others write to the same status. Lists that have no merge key are sent whole. */
function patchOf(old: NodeStatus | undefined, status: NodeStatus): object {
  const before = (old ?? {}) as Readonly<Record<string, unknown>>
  const changed = Object.entries(status).filter(
    ([field, value]) => field === 'conditions' || !jsonEqual(before[field], value),
  )
  const patch: Record<string, unknown> = Object.fromEntries(changed)
  const { addresses } = status
  if (patch['addresses'] !== undefined && addresses !== undefined) {
    const gone = (old?.addresses ?? []).filter(({ type }) => !addresses.some((one) => one.type === type))
    patch['addresses'] = [...addresses, ...gone.map(({ type }) => ({ type, $patch: 'delete' }))]
  }
  return { status: patch }
}
