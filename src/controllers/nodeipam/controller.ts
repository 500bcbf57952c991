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
    for (const { cidr, size } of pools) metrics.most.labels(cidr).set(size)
    /** Given out, though the cache does not show it yet. */
    const given = new Map<string, readonly string[]>()
    const hasCidr = (node: Node) => Boolean(node.spec?.podCIDRs?.length || node.spec?.podCIDR)
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
        if (node === undefined) {
          given.delete(name)
          return
        }
        if (hasCidr(node)) {
          given.delete(name)
          return
        }
        if (node.metadata.deletionTimestamp !== undefined || given.has(name)) return
        const used = [...serviceCidrs, ...[...given.values()].flat()]
        for (const { spec } of all.list()) used.push(...(spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : [])))
        const podCIDRs: string[] = []
        for (const [index, pool] of pools.entries()) {
          const { cidr, tries, taken } = pool.allocate(used)
          metrics.tries.labels(pool.cidr).observe(tries)
          if (cidr === undefined) {
            tell(node, 'CIDRNotAvailable')
            const why = 'CIDR allocation failed; there are no remaining CIDRs left to allocate in the accepted range'
            throw new Error(`failed to allocate cidr from cluster cidr at idx:${index}: ${why}`)
          }
          metrics.allocations.labels(pool.cidr).inc()
          metrics.usage.labels(pool.cidr).set(taken / pool.size)
          podCIDRs.push(cidr)
        }
        given.set(name, podCIDRs)
        try {
          const patch = { metadata: { uid: node.metadata.uid }, spec: { podCIDR: podCIDRs[0], podCIDRs } }
          await client.patch(nodes, { name }, 'strategic', patch)
        } catch (error) {
          given.delete(name)
          tell(node, 'CIDRAssignmentFailed')
          throw error
        }
      },
      watch: (queue) =>
        all.subscribe({
          added: ({ metadata }) => {
            if (pools.length > 0) queue.add(metadata.name ?? '')
          },
          updated: (node) => {
            if (pools.length > 0 && (!hasCidr(node) || given.has(node.metadata.name ?? '')))
              queue.add(node.metadata.name ?? '')
          },
          deleted: (node) => {
            if (hasCidr(node)) for (const { cidr } of pools) metrics.releases.labels(cidr).inc()
            queue.add(node.metadata.name ?? '')
          },
        }),
    }
  },
})
