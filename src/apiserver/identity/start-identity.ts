import { hostname } from 'node:os'
import type { FeatureGates } from '../../api/features/feature-gates.ts'
import type { Client } from '../../client/client.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Component } from '../../machinery/component.ts'
import type { Logger } from '../../machinery/log.ts'
import type { Random } from '../../machinery/random.ts'
import type { ResourceMap } from '../routing/resource-map.ts'
import { identityLease } from './identity-lease.ts'
import { apiServerId } from './server-id.ts'

export interface IdentityOptions {
  readonly features: FeatureGates
  readonly served: ResourceMap
  /** The server itself. */
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

/** Tells the cluster which servers there are, and in which versions they store; nothing where that is turned off. */
export async function startIdentity(options: IdentityOptions): Promise<Component | undefined> {
  const { features, served, log } = options
  if (!features.enabled('APIServerIdentity')) return undefined
  const id = apiServerId(hostname())
  const lease = identityLease({ ...options, id, hostname: hostname(), log: log.child({ component: 'identity' }) })
  await lease.start()
  if (features.enabled('StorageVersionAPI') && served.hasKind('internal.apiserver.k8s.io/v1alpha1', 'StorageVersion')) {
    const { publishStorageVersions } = await import('./storage-version-writer.ts')
    await publishStorageVersions({ ...options, id })
  }
  return lease
}
