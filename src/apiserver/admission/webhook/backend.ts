import { posix } from 'node:path'
import { services } from '../../../api/core/v1/service.ts'
import { endpointSlices } from '../../../api/discovery/v1/endpoint-slice.ts'
import type { WebhookClientConfig } from '../../../api/types.generated.ts'
import type { Random } from '../../../machinery/random.ts'
import { isGlobalUnicast } from '../../connect/global-unicast.ts'
import type { Lister } from '../../lister.ts'

/** Where a webhook is asked. */
export interface WebhookBackend {
  /** As it stands in error texts: `https://name.namespace.svc:443/path`. */
  readonly url: string
  readonly host: string
  readonly port: number
  /** Path and query of the URL. */
  readonly path: string
  /** The name that the certificate must bear. */
  readonly serverName: string
}

/**
 * A service is reached through one of its endpoints at the service's target port: the server needs no rules of a proxy
 * (apiserver pkg/util/proxy ResolveEndpoint). Throws an Error that says why it cannot be reached.
 */
export function backendOf(
  lister: Lister,
  random: Random,
  { url, service }: WebhookClientConfig,
): { readonly url: string; readonly resolve: () => WebhookBackend } {
  if (service === undefined || service === null) {
    if (!url) throw new Error('webhook configuration must have either service or URL')
    const parsed = new URL(url)
    const host = parsed.hostname.replace(/^\[|\]$/g, '')
    const [origin] = /^[^:]+:\/\/[^/?#]*/.exec(url)!
    const path = cleanPath(parsed.pathname) + parsed.search
    const port = parsed.port === '' ? 443 : Number(parsed.port)
    const backend = { url: origin + path, host, port, path, serverName: host }
    return { url: backend.url, resolve: () => backend }
  }
  const { name, namespace, port = 443 } = service
  const path = cleanPath(service.path ?? '')
  const serverName = `${name}.${namespace}.svc`
  const shown = `https://${serverName}:${port}${path}`
  return {
    url: shown,
    resolve: () => ({ url: shown, path, serverName, ...endpointOf(lister, random, namespace, name, port) }),
  }
}

/** Upstream's client joins paths anew: `//a/b/` is asked as `/a/b` (client-go rest/request.go, path.Join). */
function cleanPath(path: string): string {
  const joined = posix.join('/', path)
  return joined === '/' ? joined : joined.replace(/\/$/, '')
}

/** A ready endpoint of a service at one of its ports. Throws an Error that says why there is none. */
export function endpointOf(
  lister: Lister,
  random: Random,
  namespace: string,
  name: string,
  port: number,
): { host: string; port: number } {
  const quoted = JSON.stringify(name)
  const service = lister.get(services, namespace, name)
  if (service === undefined) throw new Error(`service ${quoted} not found`)
  const { type = 'ClusterIP', ports = [], ipFamilies = [] } = service.spec
  if (type === 'ExternalName') throw new Error(`unsupported service type ${JSON.stringify(type)}`)
  const servicePort = ports.find((one) => one.port === port)
  if (servicePort === undefined) throw new Error(`no service port ${port} found for service ${quoted}`)
  const candidates = lister
    .list(endpointSlices, namespace)
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name)
    .flatMap(({ addressType, ports: slicePorts, endpoints }) => {
      const found = (slicePorts ?? []).find((one) => (one.name ?? '') === (servicePort.name ?? ''))?.port
      if (found === undefined) return []
      return (endpoints ?? [])
        .filter(({ conditions, addresses }) => conditions?.ready !== false && addresses.length > 0)
        .map(({ addresses }) => ({ host: addresses[0]!, port: found, preferred: addressType === ipFamilies[0] }))
    })
  const first = candidates.filter(({ preferred }) => preferred)
  const pool = first.length > 0 ? first : candidates
  const chosen = pool[Math.floor(random.float() * pool.length)]
  if (chosen === undefined) throw new Error(`no endpoints available for service ${quoted}`)
  // Whoever writes EndpointSlices must not reach this machine's own services through the server.
  if (!isGlobalUnicast(chosen.host)) throw new Error('address not allowed')
  return { host: chosen.host, port: chosen.port }
}
