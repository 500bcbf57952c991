import { nodes } from '../../api/core/v1/node.ts'
import type { Node } from '../../api/types.generated.ts'
import { familyOf } from '../../machinery/ip.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { CidrPool } from './cidr-pool.ts'
import { cidrMetrics } from './metrics.ts'

const defaultMasks = { 4: 24, 6: 64 } as const

/** Node IPAM: gives each node its own network for pods (pkg/controller/nodeipam, RangeAllocator). */
export const nodeIpamController = defineSync({
  name: 'node-controller',
  eventSource: 'cidrAllocator',
  // One after the other: no two nodes get the same network.
  workers: 1,
  setup(context) {
    const { client, informers, recorder, options } = context
    const metrics = cidrMetrics(context)
    const all = informers.for(nodes)
    const { podCidrs = [], nodeCidrMaskSizes = {}, serviceCidrs = [] } = options
    const pools = podCidrs.map((cidr) => {
      const family = familyOf(cidr)
      return new CidrPool(cidr, nodeCidrMaskSizes[family] ?? defaultMasks[family])
    })
    for (const pool of pools) {
      metrics.most.labels(pool.cidr).set(pool.size)
      for (const cidr of serviceCidrs) pool.occupy(cidr)
    }
    /** What each node has, as it was last seen or was given. */
    const held = new Map<string, readonly string[]>()
    /** Nodes that were given theirs, though the cache does not show it yet. */
    const given = new Set<string>()
    const hold = (name: string, cidrs: readonly string[]) => {
      for (const pool of pools) {
        for (const cidr of held.get(name) ?? []) pool.release(cidr)
        for (const cidr of cidrs) pool.occupy(cidr)
        metrics.usage.labels(pool.cidr).set(pool.taken / pool.size)
      }
      if (cidrs.length > 0) held.set(name, cidrs)
      else held.delete(name)
    }
    const seen = (node: Node) => {
      const cidrs = cidrsOf(node)
      if (cidrs.length > 0) hold(node.metadata.name ?? '', cidrs)
    }
    const tell = ({ metadata: { name, uid } }: Node, state: string) =>
      recorder.event(
        { kind: 'Node', apiVersion: 'v1', name, uid },
        'Normal',
        state,
        `Node ${name} status is now: ${state}`,
      )
    return {
      ready: (signal) => all.whenSynced(signal),
      async sync(name) {
        const node = all.get(name)
        if (node === undefined || cidrsOf(node).length > 0) {
          given.delete(name)
          return
        }
        if (node.metadata.deletionTimestamp !== undefined || given.has(name)) return
        // What a node of the same name had before.
        hold(name, [])
        const podCIDRs: string[] = []
        for (const [index, pool] of pools.entries()) {
          const { cidr, tries } = pool.next()
          metrics.tries.labels(pool.cidr).observe(tries)
          if (cidr === undefined) {
            tell(node, 'CIDRNotAvailable')
            const why = 'CIDR allocation failed; there are no remaining CIDRs left to allocate in the accepted range'
            throw new Error(`failed to allocate cidr from cluster cidr at idx:${index}: ${why}`)
          }
          metrics.allocations.labels(pool.cidr).inc()
          podCIDRs.push(cidr)
        }
        given.add(name)
        hold(name, podCIDRs)
        try {
          const patch = { metadata: { uid: node.metadata.uid }, spec: { podCIDR: podCIDRs[0], podCIDRs } }
          await client.patch(nodes, { name }, 'strategic', patch)
        } catch (error) {
          given.delete(name)
          hold(name, [])
          tell(node, 'CIDRAssignmentFailed')
          throw error
        }
      },
      watch: (queue) =>
        all.subscribe({
          added: (node) => {
            seen(node)
            if (pools.length > 0) queue.add(node.metadata.name ?? '')
          },
          updated: (node) => {
            seen(node)
            const name = node.metadata.name ?? ''
            if (pools.length > 0 && (cidrsOf(node).length === 0 || given.has(name))) queue.add(name)
          },
          deleted: (node) => {
            const name = node.metadata.name ?? ''
            if (cidrsOf(node).length > 0) for (const { cidr } of pools) metrics.releases.labels(cidr).inc()
            hold(name, [])
            queue.add(name)
          },
        }),
    }
  },
})

function cidrsOf({ spec }: Node): readonly string[] {
  if (spec?.podCIDRs?.length) return spec.podCIDRs
  return spec?.podCIDR ? [spec.podCIDR] : []
}
