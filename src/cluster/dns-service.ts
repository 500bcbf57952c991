import { nodes } from '../api/core/v1/node.ts'
import { services } from '../api/core/v1/service.ts'
import { endpointSlices } from '../api/discovery/v1/endpoint-slice.ts'
import type { EndpointSlice, Node, Service } from '../api/types.generated.ts'
import type { Client } from '../client/client.ts'
import type { InformerFactory } from '../client/informer.ts'
import { WorkQueue } from '../client/work-queue.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Component } from '../machinery/component.ts'
import { isReason } from '../machinery/errors.ts'
import { jsonEqual } from '../machinery/json.ts'
import type { Logger } from '../machinery/log.ts'

const namespace = 'kube-system'
const name = 'kube-dns'
const labels = { 'k8s-app': 'kube-dns', 'kubernetes.io/name': 'CoreDNS', 'kubernetes.io/cluster-service': 'true' }

/** The service kube-dns as it should be; without a selector, for nodes answer and no pods. */
export function dnsService(clusterIP: string, port: number): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels },
    spec: {
      clusterIP,
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: port },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: port },
      ],
    },
  } as unknown as Service
}

/** Every ready node answers for the service; each is asked by its own pods first (KEP-3015, hints of nodes). */
export function dnsEndpoints(all: readonly Node[], port: number): EndpointSlice {
  const endpoints = all
    .filter((node) => node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'))
    .flatMap((node) => {
      const address = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address
      return address === undefined
        ? []
        : [
            {
              addresses: [address],
              conditions: { ready: true, serving: true, terminating: false },
              nodeName: node.metadata.name,
              hints: { forNodes: [{ name: node.metadata.name }] },
            },
          ]
    })
    .toSorted((a, b) => (a.addresses[0]! < b.addresses[0]! ? -1 : 1))
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-nodes`,
      namespace,
      labels: { 'kubernetes.io/service-name': name, 'endpointslice.kubernetes.io/managed-by': 'dns.skiff' },
    },
    addressType: 'IPv4',
    endpoints,
    ports: [
      { name: 'dns', port, protocol: 'UDP' },
      { name: 'dns-tcp', port, protocol: 'TCP' },
    ],
  } as unknown as EndpointSlice
}

/** Keeps the service kube-dns and its endpoints. */
export function createDnsService(options: {
  client: Client
  informers: InformerFactory
  clusterIP: string
  port: number
  clock: Clock
  log: Logger
}): Component {
  const { client, clusterIP, port, clock, log } = options
  const queue = new WorkQueue<string>({ clock })
  const informer = options.informers.for(nodes)
  let worker: Promise<void> = Promise.resolve()
  let unsubscribe = () => {}

  async function sync(): Promise<void> {
    await client.create(services, dnsService(clusterIP, port)).catch((error: unknown) => {
      // It is there already: AlreadyExists, or its address is taken by itself.
      if (!isReason(error, 'AlreadyExists', 'Invalid')) throw error
    })
    const wanted = dnsEndpoints(informer.list(), port)
    const present = await client
      .get(endpointSlices, { namespace, name: wanted.metadata.name! })
      .catch((error: unknown) => {
        if (isReason(error, 'NotFound')) return undefined
        throw error
      })
    if (present === undefined) await client.create(endpointSlices, wanted)
    else if (!jsonEqual(present.endpoints ?? [], wanted.endpoints))
      await client.update(endpointSlices, { ...present, endpoints: wanted.endpoints })
  }

  return {
    name: 'dns-service',
    async start() {
      unsubscribe = informer.subscribe({
        added: () => queue.add(name),
        updated: () => queue.add(name),
        deleted: () => queue.add(name),
      })
      queue.add(name)
      worker = (async () => {
        for (let item = await queue.next(); item !== undefined; item = await queue.next()) {
          try {
            await sync()
            queue.forget(item)
          } catch (error) {
            log.warn('DNS service not kept', { error })
            queue.addRateLimited(item)
          } finally {
            queue.done(item)
          }
        }
      })()
    },
    async stop() {
      unsubscribe()
      queue.close()
      await worker
    },
  }
}
