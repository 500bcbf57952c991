import { services } from '../../api/core/v1/service.ts'
import type { Service } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/events/event-recorder.ts'
import { type InformerFactory, keyOf } from '../../client/informer.ts'
import { WorkQueue } from '../../client/work-queue.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Component } from '../../machinery/component.ts'
import { isReason } from '../../machinery/errors.ts'
import type { Logger } from '../../machinery/log.ts'
import { ownAddresses, planAddress, wantsAddress } from './address-plan.ts'

export interface LoadBalancerAllocatorOptions {
  readonly client: Client
  readonly informers: InformerFactory
  /** Addresses to give away, at most one range of each family; the host must have a way there. */
  readonly ranges: readonly string[]
  readonly events?: EventRecorder
  readonly clock: Clock
  readonly log: Logger
}

/**
 * A cluster's own load balancer: gives Services of type LoadBalancer an address of a local range, which the proxies of
 * nodes and host serve. Run one per cluster.
 */
export function createLoadBalancerAllocator(options: LoadBalancerAllocatorOptions): Component {
  const { client, informers, ranges, events, clock, log } = options
  const informer = informers.for(services)
  /** Address → service: those of the API and those just given, which the informer may not show yet. */
  const holders = new Map<string, string>()
  const queue = new WorkQueue<string>({ clock, backoff: { baseMs: 50, capMs: 30_000 } })
  let unsubscribe: (() => void) | undefined
  let working: Promise<void> | undefined
  const exhausted = new Set<string>()

  function hold(service: Service): void {
    const key = keyOf(service)
    for (const address of ownAddresses(service, ranges)) if (!holders.has(address)) holders.set(address, key)
  }
  function release(key: string, kept: readonly string[]): void {
    let freed = false
    for (const [address, holder] of holders) {
      if (holder === key && !kept.includes(address)) {
        holders.delete(address)
        freed = true
      }
    }
    if (!freed) return
    for (const waiting of exhausted) queue.add(waiting)
    exhausted.clear()
  }

  async function sync(key: string): Promise<void> {
    const service = informer.get(key)
    if (service === undefined) {
      exhausted.delete(key)
      return release(key, [])
    }
    hold(service)
    const plan = planAddress(service, ranges, (address) => {
      const holder = holders.get(address)
      return holder !== undefined && holder !== key
    })
    if (plan.kind === 'nothing') return release(key, ownAddresses(service, ranges))
    if (plan.kind === 'exhausted') {
      if (!exhausted.has(key)) {
        events?.event(service, 'Warning', 'SyncLoadBalancerFailed', `Error syncing load balancer: ${plan.why}`)
      }
      exhausted.add(key)
      return
    }
    const addresses = plan.ingress.map(({ ip = '' }) => ip)
    for (const address of addresses) holders.set(address, key)
    if (addresses.length > 0) events?.event(service, 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer')
    const { namespace, name = '', resourceVersion } = service.metadata
    try {
      // With the version that the decision was made on, so that nobody's newer status is overwritten.
      await client.patch(
        services,
        { namespace, name },
        'merge',
        {
          metadata: { resourceVersion },
          status: { loadBalancer: { ingress: addresses.length > 0 ? plan.ingress : null } },
        },
        { subresource: 'status', fieldManager: 'service-lb-controller' },
      )
    } catch (error) {
      if (isReason(error, 'NotFound')) return
      throw error
    }
    release(key, addresses)
    if (addresses.length > 0) events?.event(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer')
    else events?.event(service, 'Normal', 'DeletedLoadBalancer', 'Deleted load balancer')
  }

  async function work(): Promise<void> {
    for (let key = await queue.next(); key !== undefined; key = await queue.next()) {
      try {
        await sync(key)
        queue.forget(key)
      } catch (error) {
        if (!isReason(error, 'Conflict')) log.warn('a service gets its address later', { service: key, error })
        queue.addRateLimited(key)
      } finally {
        queue.done(key)
      }
    }
  }

  return {
    name: 'load-balancer',
    async start() {
      await informer.whenSynced()
      // Who has an address keeps it, so all of those are known before the first is given away.
      for (const service of informer.list()) if (wantsAddress(service)) hold(service)
      const touch = (service: Service) => queue.add(keyOf(service))
      unsubscribe = informer.subscribe({ added: touch, updated: touch, deleted: touch })
      working = work()
    },
    async stop() {
      unsubscribe?.()
      queue.close()
      await working
    },
  }
}
