import { commonVersion } from '../../api/apiserverinternal/v1alpha1/validation.ts'
import { storageVersions } from '../../api/apiserverinternal/v1alpha1/storage-version.ts'
import type { ResourceDefinition } from '../../api/definition.ts'
import { factsOfKind, resourceFacts } from '../../api/schema/facts.ts'
import type {
  ServerStorageVersion,
  StorageVersion,
  StorageVersionCondition,
  StorageVersionStatus,
} from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import { formatTime, type Clock } from '../../machinery/clock.ts'
import { isReason } from '../../machinery/errors.ts'
import { jsonEqual } from '../../machinery/json.ts'
import type { Logger } from '../../machinery/log.ts'
import { apiVersionOf, parseApiVersion } from '../../machinery/meta/object.ts'
import type { ResourceMap } from '../routing/resource-map.ts'

export interface StorageVersionWriterOptions {
  readonly id: string
  readonly served: ResourceMap
  readonly client: Client
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Says of each built-in resource in which version this server stores it, and which it reads and serves (KEP-2339;
 * apiserver pkg/storageversion). What is said already is not written again.
 */
export async function publishStorageVersions(options: StorageVersionWriterOptions): Promise<void> {
  for (const [name, version] of storageVersionsOf(options.id, options.served.definitions())) {
    try {
      await publish(options, name, version)
    } catch (error) {
      options.log.warn('a storage version could not be published', { name, error })
    }
  }
}

/** By the name of the StorageVersion: `apps.deployments`, `core.pods`. */
export function storageVersionsOf(
  id: string,
  served: readonly ResourceDefinition[],
): ReadonlyMap<string, ServerStorageVersion> {
  const stored = served.filter(
    ({ verbs, openApi }) => openApi === undefined && verbs.includes('get') && verbs.includes('create'),
  )
  const found = new Map<string, ServerStorageVersion>()
  for (const [name, versions] of Map.groupBy(stored, ({ group, resource }) => `${group || 'core'}.${resource}`)) {
    const [{ group, version, kind }] = versions as [ResourceDefinition]
    const encodingVersion = factsOfKind(group, version, kind)?.storage ?? apiVersionOf({ group, version })
    // What another group stores is that one's to tell.
    if (parseApiVersion(encodingVersion).group !== group) continue
    const known = resourceFacts.filter((each) => each.group === group && each.kind === kind)
    found.set(name, {
      apiServerID: id,
      encodingVersion,
      decodableVersions: known.map(apiVersionOf),
      servedVersions: versions.map(apiVersionOf),
    })
  }
  return found
}

async function publish(
  { client, clock }: StorageVersionWriterOptions,
  name: string,
  version: ServerStorageVersion,
): Promise<void> {
  const present = await findOrCreate(client, name)
  const status = withVersion(present, version, clock.now())
  if (jsonEqual(status, present.status)) return
  await client.update(storageVersions, { ...present, status }, { subresource: 'status' })
}

async function findOrCreate(client: Client, name: string): Promise<StorageVersion> {
  try {
    return await client.get(storageVersions, { name })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
    return client.create(storageVersions, { metadata: { name }, spec: {} } as unknown as StorageVersion)
  }
}

function withVersion(
  { metadata, status }: StorageVersion,
  own: ServerStorageVersion,
  now: number,
): StorageVersionStatus {
  const before = status?.storageVersions ?? []
  const isKnown = before.some(({ apiServerID }) => apiServerID === own.apiServerID)
  const versions = isKnown
    ? before.map((each) => (each.apiServerID === own.apiServerID ? own : each))
    : [...before, own]
  const common = commonVersion(versions)
  const others = (status?.conditions ?? []).filter(({ type }) => type !== 'AllEncodingVersionsEqual')
  const old = status?.conditions?.find(({ type }) => type === 'AllEncodingVersionsEqual')
  const agreed = common === undefined ? 'False' : 'True'
  const isNew = old?.status !== agreed || status?.commonEncodingVersion !== common
  const condition: StorageVersionCondition = {
    type: 'AllEncodingVersionsEqual',
    status: agreed,
    ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
    lastTransitionTime: isNew ? formatTime(now) : old?.lastTransitionTime,
    reason: common === undefined ? 'CommonEncodingVersionUnset' : 'CommonEncodingVersionSet',
    message: common === undefined ? 'Common encoding version unset' : 'Common encoding version set',
  }
  return {
    storageVersions: versions,
    ...(common !== undefined && { commonEncodingVersion: common }),
    conditions: [...others, condition],
  }
}
