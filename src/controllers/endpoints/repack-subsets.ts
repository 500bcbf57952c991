import type { EndpointAddress, EndpointPort, EndpointSubset } from '../../api/types.generated.ts'
import { canonicalJson } from '../pods/template-hash.ts'

/**
 * The canonical form of subsets: each set of addresses once, with all ports that these offer
 * (pkg/api/v1/endpoints/util.go RepackSubsets). An address that is not ready in one place is not ready.
 */
export function repackSubsets(subsets: readonly EndpointSubset[]): EndpointSubset[] {
  const addresses = new Map<string, EndpointAddress>()
  const byPort = new Map<string, { port: EndpointPort | undefined; ready: Map<string, boolean> }>()
  for (const subset of subsets) {
    const ports: (EndpointPort | undefined)[] = subset.ports?.length ? [...subset.ports] : [undefined]
    for (const port of ports) {
      const portKey = canonicalJson(port ?? null)
      let entry = byPort.get(portKey)
      if (entry === undefined) byPort.set(portKey, (entry = { port, ready: new Map() }))
      const add = (address: EndpointAddress, ready: boolean) => {
        const key = addressKey(address)
        if (!addresses.has(key)) addresses.set(key, address)
        entry.ready.set(key, (entry.ready.get(key) ?? true) && ready)
      }
      for (const address of subset.addresses ?? []) add(address, true)
      for (const address of subset.notReadyAddresses ?? []) add(address, false)
    }
  }

  const packed = new Map<string, { ready: Map<string, boolean>; ports: EndpointPort[] }>()
  for (const { port, ready } of byPort.values()) {
    const key = JSON.stringify([...ready].sort())
    let entry = packed.get(key)
    if (entry === undefined) packed.set(key, (entry = { ready, ports: [] }))
    if (port !== undefined) entry.ports.push(port)
  }
  const some = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined)
  return [...packed.values()]
    .map(({ ready, ports }): EndpointSubset => {
      const sorted = [...ready].sort(([a], [b]) => (a < b ? -1 : 1))
      const having = (state: boolean) =>
        some(sorted.filter(([, isReady]) => isReady === state).map(([key]) => addresses.get(key)!))
      return { addresses: having(true), notReadyAddresses: having(false), ports: some(ports.sort(byName)) }
    })
    .sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1))
}

function addressKey({ ip, targetRef }: EndpointAddress): string {
  return `${ip} ${targetRef?.uid ?? ''}`
}
function byName(a: EndpointPort, b: EndpointPort): number {
  return compare(a.name ?? '', b.name ?? '') || a.port - b.port || compare(a.protocol ?? '', b.protocol ?? '')
}
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
