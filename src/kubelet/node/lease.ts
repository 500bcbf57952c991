import { leases } from '../../api/coordination/v1/lease.ts'
import { nodes } from '../../api/core/v1/node.ts'
import type { Lease } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import { type Clock, formatMicroTime, sleep } from '../../machinery/clock.ts'
import { isReason } from '../../machinery/errors.ts'
import type { Logger } from '../../machinery/log.ts'

/**
 * Renews the node's lease in kube-node-lease, whatever else the kubelet is busy with: the sign that the node lives
 * (KEP-589; component-helpers apimachinery/lease).
 */
export async function keepLease(options: {
  readonly client: Client
  readonly clock: Clock
  readonly log: Logger
  readonly nodeName: string
  readonly durationSeconds: number
  readonly signal: AbortSignal
}): Promise<void> {
  const { client, clock, log, nodeName, durationSeconds, signal } = options
  const key = { namespace: 'kube-node-lease', name: nodeName }
  let held: Lease | undefined
  let failures = 0
  while (!signal.aborted) {
    try {
      held = held === undefined ? await take() : await renew(held)
      failures = 0
    } catch (error) {
      if (signal.aborted) return
      held = undefined
      if (failures++ > 0) log.warn('the lease of the node could not be renewed', { node: nodeName, error })
    }
    // Soon again after a failure, at most every 7 seconds.
    const wait = failures > 0 ? Math.min(7000, 100 * 2 ** failures) : (durationSeconds * 1000) / 4
    await sleep(clock, wait, signal).catch(() => {})
  }

  async function take(): Promise<Lease> {
    try {
      return await renew(await client.get(leases, key, { signal }))
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
      // Its end comes with the node's.
      const { metadata } = await client.get(nodes, { name: nodeName }, { signal })
      const owner = { apiVersion: 'v1', kind: 'Node', name: nodeName, uid: metadata.uid ?? '' }
      const lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { ...key, ownerReferences: [owner] },
        spec: spec(),
      }
      return await client.create(leases, lease, { signal })
    }
  }
  function renew(lease: Lease): Promise<Lease> {
    return client.update(leases, { ...lease, spec: { ...lease.spec, ...spec() } }, { signal })
  }
  function spec() {
    return {
      holderIdentity: nodeName,
      leaseDurationSeconds: durationSeconds,
      renewTime: formatMicroTime(clock.now()),
    }
  }
}
