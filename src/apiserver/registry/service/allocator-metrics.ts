import type { MetricsRegistry } from '../../../machinery/metrics.ts'
import { parseIp } from '../../../machinery/validation/ip-address.ts'
import type { AddressAllocator } from './address-allocator.ts'
import type { PortAllocator } from './port-allocator.ts'

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What services have of addresses and ports (pkg/registry/core/service/{ipallocator,portallocator}/metrics.go). */
export function addAllocatorMetrics(metrics: MetricsRegistry, addresses: AddressAllocator, ports: PortAllocator): void {
  const name = (what: string) => `kube_apiserver_clusterip_allocator_${what}`
  const total = metrics.counter(name('allocation_total'), 'Addresses that services were given.', ['cidr', 'scope'])
  const duration = metrics.histogram(
    name('allocation_duration_seconds'),
    'Time until a service had its address.',
    seconds,
    ['cidr'],
  )
  addresses.onAllocated((cidr, scope, ms) => {
    total.labels(cidr, scope).inc()
    duration.labels(cidr).observe(ms / 1000)
  })
  let ranges: readonly { readonly cidr: string; readonly taken: number; readonly free: number }[] = []
  metrics.prepare(async () => {
    const taken = (await addresses.taken()).map((text) => parseIp(text))
    ranges = (await addresses.ranges()).map((range) => {
      const inside = taken.filter((address) => address !== undefined && range.contains(address)).length
      return { cidr: range.text, taken: inside, free: range.size - inside }
    })
  })
  const perRange = (what: string, help: string, read: (range: (typeof ranges)[number]) => number) =>
    metrics.collect(name(what), help, 'gauge', ['cidr'], () => ranges.map((range) => [[range.cidr], read(range)]))
  perRange('allocated_ips', 'Addresses that services have.', ({ taken }) => taken)
  perRange('available_ips', 'Addresses that are free.', ({ free }) => free)
  const perPort = (what: string, help: string, read: () => number) =>
    metrics.collect(`kube_apiserver_nodeport_allocator_${what}_ports`, help, 'gauge', [], () => [[[], read()]])
  perPort('allocated', 'Node ports that services have.', () => ports.taken)
  perPort('available', 'Node ports that are free.', () => ports.range.last - ports.range.first + 1 - ports.taken)
}
