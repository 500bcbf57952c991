import { endpointSlices } from '../../api/discovery/v1/endpoint-slice.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { services } from '../../api/core/v1/service.ts'
import type { Endpoint, Pod } from '../../api/types.generated.ts'
import { badRequest, notFound, serviceUnavailable } from '../../machinery/errors.ts'
import type { Random } from '../../machinery/random.ts'
import type { Lister } from '../lister.ts'
import { isGlobalUnicast } from './global-unicast.ts'
import { hostPort, nodeConnection, type NodeConnectionOptions } from './node-connection.ts'
import type { Backend } from './proxy.ts'
import type { SchemeNamePort } from './scheme-name-port.ts'

/** Backends that pods and services choose themselves are asked without checking their certificate, as upstream does. */
const unverified = { rejectUnauthorized: false } as const

/** The pod's address and, when the request names no port, its first declared one (pkg/registry/core/pod/strategy.go). */
export function podBackend(pod: Pod, target: SchemeNamePort): Backend {
  const declared = pod.spec.containers.flatMap((container) => container.ports ?? [])[0]?.containerPort
  const address = pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? ''
  if (!isGlobalUnicast(address)) throw badRequest('address not allowed')
  return {
    origin: `${target.scheme || 'http'}://${hostPort(address, target.port || (declared ?? ''))}`,
    tls: unverified,
  }
}

/** A ready endpoint of the service that is really a pod of its namespace (pkg/registry/core/service/storage). */
export function serviceBackend(lister: Lister, random: Random, namespace: string, target: SchemeNamePort): Backend {
  let portName = target.port
  if (/^\d+$/.test(portName)) {
    const service = lister.get(services, namespace, target.name)
    if (service === undefined) throw notFound({ group: '', resource: 'services' }, target.name)
    const port = service.spec.ports?.find((one) => one.port === Number(portName))
    if (port === undefined)
      throw serviceUnavailable(`no service port ${portName} found for service ${JSON.stringify(target.name)}`)
    portName = port.name ?? ''
  }
  const slices = lister
    .list(endpointSlices, namespace)
    .filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === target.name)
  const isPod = (endpoint: Endpoint) => {
    const { targetRef } = endpoint
    if (targetRef?.namespace !== namespace) return false
    const pod = lister.get(pods, namespace, targetRef.name ?? '')
    return pod?.status?.podIPs?.some(({ ip }) => ip === endpoint.addresses[0]) === true
  }
  const candidates = slices.flatMap((slice) => {
    const port = slice.ports?.find((one) => (one.name ?? '') === portName)?.port
    return port === undefined
      ? []
      : (slice.endpoints ?? [])
          .filter((endpoint) => endpoint.conditions?.ready !== false && isPod(endpoint))
          .map((endpoint) => ({ address: endpoint.addresses[0]!, port }))
  })
  const chosen = candidates[Math.floor(random.float() * candidates.length)]
  if (chosen === undefined)
    throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(target.name)}`)
  if (!isGlobalUnicast(chosen.address)) throw badRequest('address not allowed')
  return { origin: `${target.scheme || 'http'}://${hostPort(chosen.address, chosen.port)}`, tls: unverified }
}

/** The node's kubelet, or another port of the node. */
export function nodeBackend(options: NodeConnectionOptions, target: SchemeNamePort): Backend {
  const { host, port, tls } = nodeConnection(options, target.name)
  if (!isGlobalUnicast(host)) throw badRequest('address not allowed')
  if (target.port === '' || target.port === String(port)) return { origin: `https://${hostPort(host, port)}`, tls }
  return { origin: `${target.scheme || 'http'}://${hostPort(host, target.port)}`, tls: unverified }
}
