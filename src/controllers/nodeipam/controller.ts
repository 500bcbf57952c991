import { nodes } from '../../api/core/v1/node.ts'
import { isReason } from '../../machinery/errors.ts'
import type { Controller } from '../runtime/controller.ts'
import { startWorkLoop } from '../runtime/work-loop.ts'
import { CidrPool } from './cidr-pool.ts'

/** Upstream's --node-cidr-mask-size for IPv4. */
const nodePrefix = 24

/** Node IPAM: gives each node a range of pod addresses of its own (pkg/controller/nodeipam, the RangeAllocator). */
export const nodeIpamController: Controller = {
  name: 'node-controller',
  eventSource: 'cidrAllocator',
  start(context) {
    const { client, informers, recorder, options } = context
    const informer = informers.for(nodes)
    const pools = (options.podCidrs ?? []).map((range) => new CidrPool(range, nodePrefix))
    let known = false

    /** Before anything is given away, all that is taken must be known. */
    const learn = () => {
      if (known) return
      for (const node of informer.list())
        for (const part of node.spec.podCIDRs ?? []) for (const pool of pools) pool.occupy(part)
      known = true
    }
    // One worker: what is free is decided by one at a time.
    const loop = startWorkLoop(context, {
      workers: 1,
      ready: (signal) => informer.whenSynced(signal),
      async sync(name) {
        learn()
        const node = informer.get(name)
        if (
          node === undefined ||
          node.metadata.deletionTimestamp !== undefined ||
          node.spec.podCIDR ||
          pools.length === 0
        )
          return
        const parts = pools.map((pool) => pool.allocate())
        if (parts.some((part) => part === undefined)) {
          parts.forEach((part, index) => part !== undefined && pools[index]!.release(part))
          recorder.event(node, 'Normal', 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`)
          throw new Error(`no range of pod addresses is left for node ${name}`)
        }
        const podCIDRs = parts as string[]
        try {
          await client.patch(nodes, { name }, 'strategic', { spec: { podCIDR: podCIDRs[0], podCIDRs } })
        } catch (error) {
          for (const [index, part] of podCIDRs.entries()) pools[index]!.release(part)
          if (!isReason(error, 'NotFound')) throw error
        }
      },
    })
    const unsubscribe = informer.subscribe({
      added: ({ metadata }) => loop.queue.add(metadata.name ?? ''),
      updated: ({ metadata, spec }) => (spec.podCIDR ? undefined : loop.queue.add(metadata.name ?? '')),
      deleted: ({ spec }) => spec.podCIDRs?.forEach((part) => pools.forEach((pool) => pool.release(part))),
    })
    return {
      get idle() {
        return loop.idle
      },
      async stop() {
        unsubscribe()
        await loop.stop()
      },
    }
  },
}
