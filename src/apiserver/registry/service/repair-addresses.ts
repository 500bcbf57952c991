import { services } from '../../../api/core/v1/service.ts'
import { ipAddresses } from '../../../api/networking/v1/ip-address.ts'
import type { IPAddress, Service } from '../../../api/types.generated.ts'
import type { ResourceRef } from '../../../api/definition.ts'
import type { Clock } from '../../../machinery/clock.ts'
import { isReason } from '../../../machinery/errors.ts'
import type { Logger } from '../../../machinery/log.ts'
import { formatIp, parseIp } from '../../../machinery/validation/ip-address.ts'
import type { Lister } from '../../lister.ts'
import type { ObjectWriter } from '../../object-writer.ts'
import { addressManager, addressObject } from './address-allocator.ts'
import { familyOf } from './address-range.ts'

/** A service may be stored a moment after its addresses were taken. */
const graceMs = 60_000

export interface RepairOptions {
  readonly lister: Lister
  readonly writer: ObjectWriter
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Puts services and their addresses in order after a crash between the two writes: addresses of services that are gone are
 * released, addresses that services have and nobody took are taken (pkg/registry/core/service/ipallocator/controller/repairip.go).
 */
export async function repairAddresses({ lister, writer, clock, log }: RepairOptions): Promise<void> {
  const ref = ipAddresses as ResourceRef<IPAddress>
  const wanted = new Map<string, Service>()
  for (const service of lister.list(services as ResourceRef<Service>)) {
    if (service.spec?.type === 'ExternalName') continue
    for (const address of service.spec?.clusterIPs ?? []) {
      const parsed = parseIp(address)
      if (parsed !== undefined) wanted.set(formatIp(parsed), service)
    }
  }
  for (const address of lister.list(ref)) {
    const { name = '', creationTimestamp, labels } = address.metadata ?? {}
    const service = wanted.get(name)
    const parent = address.spec?.parentRef
    if (
      service !== undefined &&
      parent?.name === service.metadata?.name &&
      parent?.namespace === service.metadata?.namespace
    ) {
      wanted.delete(name)
      continue
    }
    const ours = labels?.['ipaddress.kubernetes.io/managed-by'] === addressManager
    if (!ours || clock.now() - Date.parse(creationTimestamp ?? '') < graceMs) {
      wanted.delete(name)
      continue
    }
    log.info('releasing an address that no service has', { address: name })
    await ignoring('NotFound', writer.delete(ref, { name }))
  }
  for (const [address, { metadata }] of wanted) {
    log.info('taking the address of a service that nobody took', { address, service: metadata?.name })
    const key = { namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' }
    await ignoring('AlreadyExists', writer.create(ref, addressObject(address, familyOf(address), key)))
  }
}

async function ignoring(reason: string, work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!isReason(error, reason)) throw error
  }
}
