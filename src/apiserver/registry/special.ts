import type { FeatureEnabled } from '../../api/features/feature-gates.ts'
import type { ResourceDefinition } from '../../api/definition.ts'
import type { Clock } from '../../machinery/clock.ts'
import { qualified } from '../../machinery/errors.ts'
import type { TokenIssuer } from '../authentication/token-issuer.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import { crdHooks } from '../crd/crd-hooks.ts'
import type { SubresourceHandler } from '../handlers/subresource.ts'
import type { Lister } from '../lister.ts'
import { namespaceHooks } from './namespace/namespace-hooks.ts'
import { bindingHandler } from './pod/binding.ts'
import { evictionHandler } from './pod/eviction.ts'
import type { Registry } from './registry.ts'
import type { RegistryHooks } from './registry-hooks.ts'
import { claimHooks, type ClaimServices, claimTemplateHooks } from './resource-claim/claim-hooks.ts'
import { scaleHandler } from './scale/scale-handler.ts'
import { customScale } from './scale/custom-scale.ts'
import { type ScaleRules, workloadScale } from './scale/scale-of.ts'
import type { AddressAllocator } from './service/address-allocator.ts'
import type { PortAllocator } from './service/port-allocator.ts'
import { serviceHooks } from './service/service-hooks.ts'
import { tokenHandler } from './service-account/token.ts'

/** What special resources need. */
export interface SpecialServices {
  readonly clock: Clock
  /** The registry of a resource, by `resource.group`. */
  readonly registryOf: (resource: string) => Registry
  readonly addresses: AddressAllocator
  readonly ports: PortAllocator
  readonly authorizer: Authorizer
  readonly tokenIssuer: TokenIssuer | undefined
  readonly lister: Lister | undefined
  /** How long events live; undefined: for ever. */
  readonly eventTtlSeconds: number | undefined
  /** Whether a feature of upstream's is on. */
  readonly enabled: FeatureEnabled
}

/** The hooks of resources that do more than their kind's rules say. By `resource.group` of the stored version. */
export function hooksOf(definition: ResourceDefinition, services: SpecialServices): RegistryHooks {
  switch (qualified({ group: definition.group, resource: definition.resource })) {
    case 'namespaces':
      return namespaceHooks(services.clock)
    case 'services':
      return serviceHooks(services.addresses, services.ports)
    case 'customresourcedefinitions.apiextensions.k8s.io':
      return crdHooks(services.clock)
    case 'resourceclaims.resource.k8s.io':
      return claimHooks(claimServices(services))
    case 'resourceclaimtemplates.resource.k8s.io':
      return claimTemplateHooks(claimServices(services))
    case 'events':
    case 'events.events.k8s.io':
      return { ttlSeconds: services.eventTtlSeconds }
    default:
      return {}
  }
}

function claimServices({ registryOf, authorizer, enabled }: SpecialServices): ClaimServices {
  return { authorizer, enabled, readNamespace: async (name) => (await registryOf('namespaces').get('', name)).object }
}

/** Subresources that are more than a view of the same object. */
export function subresourcesOf(
  definition: ResourceDefinition,
  services: SpecialServices,
): ReadonlyMap<string, SubresourceHandler> {
  const handlers = new Map<string, SubresourceHandler>()
  const { clock, tokenIssuer, lister, registryOf } = services
  for (const { name } of definition.subresources) {
    if (name === 'scale') handlers.set(name, scaleHandler(scaleRulesOf(definition)))
  }
  const resource = qualified({ group: definition.group, resource: definition.resource })
  if (resource === 'pods') {
    handlers.set('binding', bindingHandler(clock))
    handlers.set('eviction', evictionHandler({ clock, budgets: () => registryOf('poddisruptionbudgets.policy') }))
  }
  if (resource === 'serviceaccounts' && tokenIssuer !== undefined && lister !== undefined) {
    handlers.set('token', tokenHandler({ clock, issuer: tokenIssuer, lister }))
  }
  return handlers
}

function scaleRulesOf({ rules }: ResourceDefinition): ScaleRules {
  return rules.scale === undefined ? workloadScale : customScale(rules.scale)
}
