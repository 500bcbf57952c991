import type { Service } from '../../../api/types.generated.ts'
import { internalError, invalid } from '../../../machinery/errors.ts'
import { fieldErrors } from '../../../machinery/field-error.ts'
import type { Draft } from '../../../machinery/json.ts'
import type { RegistryHooks } from '../registry-hooks.ts'
import type { AddressAllocator, ServiceKey } from './address-allocator.ts'
import type { IpFamily } from './address-range.ts'
import { AllocationError } from './allocation-error.ts'
import { initIpFamilies, keepsPreferDualStack } from './ip-families.ts'
import { keepAllocated, linkClusterIps } from './linked-fields.ts'
import { allocateNodePorts, updateNodePorts } from './node-ports.ts'
import type { PortAllocator } from './port-allocator.ts'

type Spec = Draft<NonNullable<Service['spec']>>
type OldSpec = NonNullable<Service['spec']>

/**
 * Cluster IPs and node ports around the writes of a service (pkg/registry/core/service/storage): taken before it is
 * stored, given back when it is not, or when it goes.
 */
export function serviceHooks(addresses: AddressAllocator, ports: PortAllocator): RegistryHooks {
  return {
    async beginCreate(draft, scope) {
      const service = draft as Draft<Service>
      const spec = (service.spec ??= {})
      const key = { namespace: scope.namespace, name: service.metadata?.name ?? '' }
      linkClusterIps(spec, undefined)
      initIpFamilies(spec, undefined, await clusterFamilies(addresses), key.name)
      const taken = await allocateClusterIps(addresses, spec, key, scope.dryRun)
      const operation = await ports.operation(scope.dryRun)
      const finish = async (succeeded: boolean) => {
        operation.finish()
        if (!succeeded) await releaseAll(addresses, taken)
      }
      try {
        allocateNodePorts(spec, operation, key.name)
      } catch (error) {
        await finish(false)
        throw error
      }
      return finish
    },

    async beginUpdate(draft, oldObject, scope) {
      const service = draft as Draft<Service>
      const spec = (service.spec ??= {})
      const old = (oldObject as Service).spec ?? {}
      const key = { namespace: scope.namespace, name: oldObject.metadata.name ?? '' }
      if (scope.subresource !== '') return undefined
      keepAllocated(spec, old)
      linkClusterIps(spec, old)
      initIpFamilies(spec, old, await clusterFamilies(addresses), key.name)
      const { taken, released } = await updateClusterIps(addresses, spec, old, key, scope.dryRun)
      const operation = await ports.operation(scope.dryRun)
      const finish = async (succeeded: boolean) => {
        operation.finish()
        await releaseAll(addresses, succeeded ? released : taken)
      }
      try {
        updateNodePorts(spec, old, operation, key.name)
      } catch (error) {
        await finish(false)
        throw error
      }
      return finish
    },

    async afterDelete(object) {
      const { spec = {} } = object as Service
      if (spec.type === 'ExternalName' || spec.clusterIPs?.[0] === 'None') return
      await releaseAll(addresses, spec.clusterIPs ?? [])
    },
  }
}

async function clusterFamilies(addresses: AddressAllocator): Promise<IpFamily[]> {
  return [...new Set((await addresses.ranges()).map(({ family }) => family))]
}

async function allocateClusterIps(
  addresses: AddressAllocator,
  spec: Spec,
  key: ServiceKey,
  dryRun: boolean,
): Promise<string[]> {
  if (spec.type === 'ExternalName' || spec.clusterIPs?.[0] === 'None') return []
  const wanted = (spec.ipFamilies ?? []).map((_, index) => spec.clusterIPs?.[index] ?? '')
  // As it is quoted when none can be had.
  spec.clusterIPs = wanted
  const given: string[] = []
  const taken: string[] = []
  try {
    for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
      const address = await allocate(addresses, family as IpFamily, wanted[index]!, spec, key, dryRun)
      given.push(address)
      if (!dryRun) taken.push(address)
    }
  } catch (error) {
    await releaseAll(addresses, taken)
    throw error
  }
  spec.clusterIPs = given
  spec.clusterIP = given[0]
  return taken
}

async function updateClusterIps(
  addresses: AddressAllocator,
  spec: Spec,
  old: OldSpec,
  key: ServiceKey,
  dryRun: boolean,
): Promise<{ taken: string[]; released: readonly string[] }> {
  if (keepsPreferDualStack(spec, old)) return { taken: [], released: [] }
  if (old.type === 'ExternalName' && spec.type !== 'ExternalName') {
    return { taken: await allocateClusterIps(addresses, spec, key, dryRun), released: [] }
  }
  if (old.clusterIPs?.[0] === 'None') return { taken: [], released: [] }
  if (old.type !== 'ExternalName' && spec.type === 'ExternalName') {
    return { taken: [], released: old.clusterIPs ?? [] }
  }
  const before = old.ipFamilies?.length ?? 0
  const now = spec.ipFamilies?.length ?? 0
  if (before === 1 && now === 2) {
    const second = spec.clusterIPs?.[1] ?? ''
    const first = spec.clusterIPs?.[0] ?? ''
    spec.clusterIPs = [first, second]
    const address = await allocate(addresses, spec.ipFamilies![1] as IpFamily, second, spec, key, dryRun)
    spec.clusterIPs = [first, address]
    return { taken: dryRun ? [] : [address], released: [] }
  }
  if (before === 2 && now === 1) return { taken: [], released: old.clusterIPs?.slice(1) ?? [] }
  return { taken: [], released: [] }
}

async function allocate(
  addresses: AddressAllocator,
  family: IpFamily,
  wanted: string,
  spec: Spec,
  key: ServiceKey,
  dryRun: boolean,
): Promise<string> {
  try {
    if (wanted === '') return await addresses.allocateNext(family, key, dryRun)
    await addresses.allocate(wanted, key, dryRun)
    return wanted
  } catch (error) {
    if (!(error instanceof AllocationError)) throw error
    if (error.full) {
      throw internalError(
        new Error(`failed to allocate a serviceIP for Service ${JSON.stringify(key.name)}: ${error.message}`),
      )
    }
    const detail =
      wanted === '' ? `failed to allocate IP: ${error.message}` : `failed to allocate IP ${wanted}: ${error.message}`
    throw invalid({ group: '', kind: 'Service' }, key.name, [
      fieldErrors.invalid('spec.clusterIPs', spec.clusterIPs ?? [], detail),
    ])
  }
}

async function releaseAll(addresses: AddressAllocator, list: readonly string[]): Promise<void> {
  for (const address of list) if (address !== 'None') await addresses.release(address)
}
