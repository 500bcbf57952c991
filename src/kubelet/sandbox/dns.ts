import type { Pod, PodDNSConfigOption } from '../../api/types.generated.ts'
import { isHostNetwork, podText } from '../pods/containers.ts'
import type { DnsConfig } from '../runtimes/types.ts'

/** The resolver of a pod, by its DNS policy (upstream: pkg/kubelet/network/dns/dns.go). */
export interface DnsOptions {
  readonly clusterDNS: readonly string[]
  readonly clusterDomain: string
  /** Content of the node's resolv.conf; undefined: pods get the node's localhost. */
  readonly resolvConf: string | undefined
}

export interface PodDns {
  readonly config: DnsConfig
  /** Warnings for events on the pod. */
  readonly warnings: readonly { readonly reason: string; readonly message: string }[]
}

const maxNameservers = 3
const maxSearchPaths = 32
const maxSearchCharacters = 2048
const maxDomainLength = 253

export function podDns(pod: Pod, options: DnsOptions): PodDns {
  const warnings: { reason: string; message: string }[] = []
  const config = byPolicy(pod, options, warnings)
  const asked = pod.spec.dnsConfig
  const merged = {
    servers: unique([...config.servers, ...(asked?.nameservers ?? [])]),
    searches: unique([...config.searches, ...(asked?.searches ?? [])]),
    options: asked === undefined ? config.options : mergeOptions(config.options, asked.options ?? []),
  }
  return { config: withinLimits(merged, warnings), warnings }
}

function byPolicy(pod: Pod, options: DnsOptions, warnings: { reason: string; message: string }[]): DnsConfig {
  const { clusterDNS, clusterDomain } = options
  const node = parseResolvConf(options.resolvConf ?? '')
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst'
  if (policy === 'None') return { servers: [], searches: [], options: [] }
  const cluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !isHostNetwork(pod))
  if (cluster && clusterDNS.length > 0) {
    const own =
      clusterDomain === ''
        ? []
        : [`${pod.metadata.namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain]
    return { servers: clusterDNS, searches: unique([...own, ...node.searches]), options: ['ndots:5'] }
  }
  if (cluster) {
    const message = `pod: ${JSON.stringify(podText(pod))}. kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.`
    warnings.push({ reason: 'MissingClusterDNS', message })
  }
  return options.resolvConf === undefined ? { servers: ['127.0.0.1'], searches: ['.'], options: [] } : node
}

function withinLimits(config: DnsConfig, warnings: { reason: string; message: string }[]): DnsConfig {
  const servers = config.servers.slice(0, maxNameservers)
  if (servers.length < config.servers.length) {
    const message = `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${servers.join(' ')}`
    warnings.push({ reason: 'DNSConfigForming', message })
  }
  const searches = config.searches.slice(0, maxSearchPaths).filter((search) => search.length <= maxDomainLength)
  while (searches.join(' ').length > maxSearchCharacters) searches.pop()
  if (searches.length < config.searches.length) {
    const message = `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${searches.join(' ')}`
    warnings.push({ reason: 'DNSConfigForming', message })
  }
  return { servers, searches, options: config.options }
}

export function parseResolvConf(text: string): DnsConfig {
  const servers: string[] = []
  let searches: string[] = []
  const options = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [key, ...values] = line.trim().split(/\s+/)
    if (key === 'nameserver' && values[0] !== undefined) servers.push(values[0])
    // The last search line wins; a domain with and without its final dot is the same one.
    if (key === 'search') searches = values.filter((value) => value !== '.').map((value) => value.replace(/\.$/, ''))
    if (key === 'options') for (const value of values) options.set(value.split(':')[0]!, value)
  }
  return { servers, searches, options: [...options.values()] }
}

function mergeOptions(options: readonly string[], asked: readonly PodDNSConfigOption[]): string[] {
  const merged = new Map<string, string>()
  for (const option of options) {
    const colon = option.indexOf(':')
    merged.set(colon < 0 ? option : option.slice(0, colon), colon < 0 ? '' : option.slice(colon + 1))
  }
  for (const { name = '', value = '' } of asked) merged.set(name, value)
  return [...merged].map(([name, value]) => (value === '' ? name : `${name}:${value}`))
}

const unique = (items: readonly string[]) => [...new Set(items)]
