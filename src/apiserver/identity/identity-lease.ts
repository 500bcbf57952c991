import { leases } from '../../api/coordination/v1/lease.ts'
import type { Lease } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import { formatMicroTime, type Clock } from '../../machinery/clock.ts'
import type { Component } from '../../machinery/component.ts'
import { isReason } from '../../machinery/errors.ts'
import type { Logger } from '../../machinery/log.ts'
import type { Random } from '../../machinery/random.ts'

const namespace = 'kube-system'
const label = 'apiserver.kubernetes.io/identity'
const component = 'kube-apiserver'
const leaseSeconds = 3600
/** Three times in a lease's life. Upstream renews every ten seconds: a write each, on which nobody waits. */
const renewMs = (leaseSeconds / 3) * 1000
const collectMs = leaseSeconds * 1000
const retryMs = 1000

export interface IdentityLeaseOptions {
  /** {@link apiServerId} */
  readonly id: string
  readonly hostname: string
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

/**
 * Tells the cluster of this server by a Lease in kube-system while it runs, and takes away those of servers that are
 * gone (KEP-1965; pkg/controlplane/apiserver/server.go, pkg/controlplane/controller/apiserverleasegc).
 */
export function identityLease(options: IdentityLeaseOptions): Component {
  const { id, client, clock, random, log } = options
  const holderIdentity = `${id}_${random.uuid()}`
  const stops = new Set<() => void>()
  let work: Promise<void> = Promise.resolve()
  let stopped = false

  /** `round` answers how long to wait for the next one. */
  function repeat(round: () => Promise<number>): void {
    work = Promise.all([work, round()]).then(([, delayMs]) => {
      if (stopped) return
      const cancel = clock.after(delayMs, () => {
        stops.delete(cancel)
        repeat(round)
      })
      stops.add(cancel)
    })
  }

  let isFirst = true
  async function renew(): Promise<number> {
    try {
      // Whoever held it before is this server's past.
      if (isFirst) await remove(client, id)
      isFirst = false
      await write(options, holderIdentity)
      return renewMs
    } catch (error) {
      log.debug('the lease of this server could not be renewed', { error })
      return retryMs
    }
  }

  async function collect(): Promise<number> {
    try {
      const { items } = await client.list(leases, { namespace, labelSelector: `${label}=${component}` })
      for (const lease of items) if (isExpired(lease, clock.now())) await remove(client, lease.metadata.name ?? '')
    } catch (error) {
      log.warn('leases of servers that are gone could not be collected', { error })
    }
    return collectMs
  }

  return {
    name: 'identity-lease',
    async start() {
      repeat(renew)
      repeat(collect)
    },
    async stop() {
      stopped = true
      for (const stop of stops) stop()
      await work
      try {
        await remove(client, id)
      } catch (error) {
        log.debug('the lease of this server could not be taken away', { error })
      }
    },
  }
}

async function write({ id, hostname, client, clock }: IdentityLeaseOptions, holderIdentity: string): Promise<void> {
  const spec = { holderIdentity, leaseDurationSeconds: leaseSeconds, renewTime: formatMicroTime(clock.now()) }
  const labels = { [label]: component, 'kubernetes.io/hostname': hostname }
  try {
    const present = await client.get(leases, { namespace, name: id })
    await client.update(leases, { ...present, metadata: { ...present.metadata, labels }, spec })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
    await client.create(leases, { metadata: { name: id, namespace, labels }, spec } as unknown as Lease)
  }
}

async function remove(client: Client, name: string): Promise<void> {
  try {
    await client.delete(leases, { namespace, name })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}

/** A lease that lacks a time or a duration is of nobody. */
function isExpired({ spec }: Lease, now: number): boolean {
  const { renewTime, leaseDurationSeconds: seconds } = spec ?? {}
  return renewTime == null || seconds === undefined || Date.parse(renewTime) + seconds * 1000 < now
}
