import { services } from '../../api/core/v1/service.ts'
import type { Random } from '../../machinery/random.ts'
import { endpointOf } from '../admission/webhook/backend.ts'
import type { Lister } from '../lister.ts'
import type { ResolveEndpoint } from './remote-api.ts'

/** `NAME.NAMESPACE.svc`, perhaps with the cluster's domain. */
const inCluster = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(\.[a-z0-9.-]+)?$/

/**
 * Where a service of aggregation is found: at one of its endpoints. One of type ExternalName stands for the service of
 * the cluster that it names; names outside are not asked for, as the server resolves none (security.md, request forgery).
 */
export function resolveAggregated(lister: Lister, random: Random): ResolveEndpoint {
  return (namespace, name, port) => {
    const spec = lister.get(services, namespace, name)?.spec
    const alias = spec?.type === 'ExternalName' ? inCluster.exec(spec.externalName ?? '') : null
    return alias === null
      ? endpointOf(lister, random, namespace, name, port)
      : endpointOf(lister, random, alias[2]!, alias[1]!, port)
  }
}
