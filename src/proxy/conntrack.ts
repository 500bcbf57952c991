import { formatIp, parseIp } from '../machinery/ip.ts'
import { addressOf, type Endpoint } from './endpoints.ts'
import type { Family, ServicePort } from './service-port.ts'

/** One UDP flow that the kernel tracks: where it was sent, and who answers it. */
export interface Flow {
  readonly source: string
  readonly sourcePort: number
  readonly destination: string
  readonly destinationPort: number
  readonly replySource: string
  readonly replySourcePort: number
}

/** Reads `conntrack -L -p udp`: `udp 17 29 src=… dst=… sport=… dport=… [UNREPLIED] src=… dst=… sport=… dport=… …`. */
export function parseFlows(text: string): Flow[] {
  return text.split('\n').flatMap((line) => {
    const values = [...line.matchAll(/\b(src|dst|sport|dport)=(\S+)/g)]
    const all = (name: string) => values.filter(([, key]) => key === name).map(([, , value = '']) => value)
    const [source, replySource] = all('src')
    const [destination] = all('dst')
    const [sourcePort] = all('sport')
    const [destinationPort] = all('dport')
    // The ports of the answer's direction: its source port is the endpoint's.
    const replySourcePort = all('sport')[1]
    if (source === undefined || replySource === undefined || destination === undefined) return []
    return [
      {
        source,
        destination: canonical(destination),
        sourcePort: Number(sourcePort),
        destinationPort: Number(destinationPort),
        replySource: canonical(replySource),
        replySourcePort: Number(replySourcePort),
      },
    ]
  })
}

function canonical(text: string): string {
  const ip = parseIp(text)
  return ip === undefined ? text : formatIp(ip)
}

/**
 * Flows that would go on to an endpoint that no longer serves: the kernel decides once per flow, and a UDP flow may never
 * end. Traffic policies and hints do not break flows (upstream pkg/proxy/conntrack/cleanup.go).
 */
export function staleFlows(
  flows: readonly Flow[],
  ports: Iterable<{ readonly port: ServicePort; readonly endpoints: readonly Endpoint[] }>,
): Flow[] {
  const byAddress = new Map<string, ReadonlySet<string>>()
  const byNodePort = new Map<number, ReadonlySet<string>>()
  for (const { port, endpoints } of ports) {
    if (port.protocol !== 'udp') continue
    const serving = new Set(endpoints.filter((endpoint) => endpoint.serving).map(addressOf))
    for (const ip of [port.clusterIp, ...port.loadBalancerIps, ...port.externalIps]) {
      byAddress.set(addressOf({ ip, port: port.port }), serving)
    }
    // Known by its port alone, a node port without endpoints could hit somebody else's flows.
    if (port.nodePort !== 0 && serving.size > 0) byNodePort.set(port.nodePort, serving)
  }
  return flows.filter((flow) => {
    const serving =
      byAddress.get(addressOf({ ip: flow.destination, port: flow.destinationPort })) ??
      byNodePort.get(flow.destinationPort)
    return serving !== undefined && !serving.has(addressOf({ ip: flow.replySource, port: flow.replySourcePort }))
  })
}

export function listFlowsArguments(family: Family): string[] {
  return ['-L', '-p', 'udp', '-f', family === 6 ? 'ipv6' : 'ipv4']
}

export function deleteFlowArguments(flow: Flow, family: Family): string[] {
  const ports = ['--sport', String(flow.sourcePort), '--dport', String(flow.destinationPort)]
  return ['-D', '-p', 'udp', '-f', family === 6 ? 'ipv6' : 'ipv4', '-s', flow.source, '-d', flow.destination, ...ports]
}
