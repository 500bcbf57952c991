import { familyOf, formatIp, parseIp } from '../../machinery/ip.ts'
import { rcode, recordType, type ResourceRecord } from '../wire/message.ts'
import type { ClusterData, DnsService } from './cluster-data.ts'
import { type ClusterName, parseClusterName } from './parse-name.ts'

/** The version of the schema of names that we serve (kubernetes/dns docs/specification.md). */
const schemaVersion = '1.1.0'
const versionTtl = 28_800

/** An answer from the cluster's own knowledge. `external`: a name elsewhere whose addresses are to be added. */
export interface ClusterAnswer {
  readonly rcode: number
  readonly answers: readonly ResourceRecord[]
  readonly additional: readonly ResourceRecord[]
  readonly external?: string
}

export interface ClusterRecordsOptions {
  readonly data: ClusterData
  /** In lower case, without trailing dot: `cluster.local`. */
  readonly domain: string
  /** Seconds. */
  readonly ttl: number
  /** The service whose addresses are the name server's: namespace and name. */
  readonly nameServer: { readonly namespace: string; readonly name: string }
}

/** One place that answers for a service: its own address, or an endpoint's, or a name elsewhere. */
interface Target {
  readonly host: string
  /** Of the thing behind the address, for SRV. */
  readonly name: string
  readonly port: number
}

const nothing: ClusterAnswer = { rcode: rcode.noError, answers: [], additional: [] }
const noSuchName: ClusterAnswer = { rcode: rcode.nameError, answers: [], additional: [] }
const maxAliases = 10

/** The records of a cluster, as CoreDNS' kubernetes plugin with `pods insecure` serves them. */
export class ClusterRecords {
  readonly #options: ClusterRecordsOptions

  constructor(options: ClusterRecordsOptions) {
    this.#options = options
  }

  /** `name`: as asked; it, or its lower case, must lie in the domain. */
  answer(name: string, lowerName: string, type: number): ClusterAnswer {
    const { domain } = this.#options
    const relative = lowerName === domain ? '' : lowerName.slice(0, -domain.length - 1)
    if (relative === '' && type === recordType.SOA) return { ...nothing, answers: [this.soa()] }
    if (relative === '' && type === recordType.NS) return this.#nameServers(name)
    return this.#records(parseClusterName(relative), name, lowerName, type, [])
  }

  /** Who has this address: the service's name, else all endpoints' names; undefined when nobody does. */
  reverse(ip: string, name: string): ClusterAnswer | undefined {
    const { data, domain, ttl } = this.#options
    const service = data.serviceByIp(ip)
    const targets =
      service !== undefined
        ? [this.#serviceName(service)]
        : data
            .endpointsByIp(ip)
            .map((endpoint) => `${endpoint.hostname}.${endpoint.service}.${endpoint.namespace}.svc.${domain}`)
    if (targets.length === 0) return undefined
    return {
      ...nothing,
      answers: [...new Set(targets)].map((target) => ({ name, ttl, type: recordType.PTR, target })),
    }
  }

  /** Goes with every "no": how long it may be believed. */
  soa(): ResourceRecord {
    const { domain, ttl } = this.#options
    return {
      name: domain,
      ttl: Math.min(ttl, 300),
      type: recordType.SOA,
      primary: `ns.dns.${domain}`,
      mailbox: `hostmaster.${domain}`,
      serial: 1,
      refresh: 7200,
      retry: 1800,
      expire: 86_400,
      minimum: ttl,
    }
  }

  #serviceName({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
    return `${name}.${namespace}.svc.${this.#options.domain}`
  }

  #records(
    parsed: ClusterName,
    name: string,
    lowerName: string,
    type: number,
    aliases: readonly string[],
  ): ClusterAnswer {
    switch (parsed.kind) {
      case 'empty':
        return nothing
      case 'unknown':
        return noSuchName
      case 'version':
        if (type !== recordType.TXT) return noSuchName
        return { ...nothing, answers: [{ name, ttl: versionTtl, type, texts: [schemaVersion] }] }
      case 'nameserver':
        return { ...nothing, answers: this.#addresses(name, type, this.#nameServerIps()) }
      case 'pod': {
        const ip = podAddress(parsed.pod)
        return ip === undefined ? noSuchName : { ...nothing, answers: this.#addresses(name, type, [ip]) }
      }
      case 'service': {
        const { data } = this.#options
        const service = data.service(parsed.namespace, parsed.service)
        if (service === undefined) return noSuchName
        if (service.externalName !== undefined) {
          if (parsed.endpoint !== '' || parsed.port !== '' || parsed.protocol !== '') return noSuchName
          return this.#alias(service.externalName, name, lowerName, type, aliases)
        }
        const targets = this.#targets(service, parsed)
        if (targets.length === 0) return noSuchName
        if (type === recordType.SRV) return this.#srv(name, targets)
        return {
          ...nothing,
          answers: this.#addresses(
            name,
            type,
            targets.map(({ host }) => host),
          ),
        }
      }
    }
  }

  #targets(service: DnsService, asked: ClusterName & { readonly kind: 'service' }): Target[] {
    const { data, domain } = this.#options
    const wanted = (port: { readonly name: string; readonly protocol: string }) =>
      (asked.port === '' || asked.port === port.name.toLowerCase()) &&
      (asked.protocol === '' || asked.protocol === port.protocol)
    if (service.headless || asked.endpoint !== '') {
      return data
        .endpoints(service.namespace, service.name)
        .filter(({ hostname }) => asked.endpoint === '' || hostname.toLowerCase() === asked.endpoint)
        .flatMap(({ ip, hostname, ports }) =>
          ports.filter(wanted).map(({ port }) => ({
            host: ip,
            name: `${hostname}.${service.name}.${service.namespace}.svc.${domain}`,
            port,
          })),
        )
    }
    const name = this.#serviceName(service)
    return service.ports.filter(wanted).flatMap(({ port }) => service.clusterIps.map((host) => ({ host, name, port })))
  }

  #addresses(name: string, type: number, ips: readonly string[]): ResourceRecord[] {
    if (type !== recordType.A && type !== recordType.AAAA) return []
    const family = type === recordType.A ? 4 : 6
    const { ttl } = this.#options
    return [...new Set(ips)].filter((ip) => familyOf(ip) === family).map((address) => ({ name, ttl, type, address }))
  }

  #srv(name: string, targets: readonly Target[]): ClusterAnswer {
    const { ttl } = this.#options
    const weight = Math.max(1, Math.floor(100 / targets.length))
    const answers = new Map<string, ResourceRecord>()
    const additional = new Map<string, ResourceRecord>()
    for (const { host, name: target, port } of targets) {
      if (port === -1) continue
      const key = `${target} ${port}`
      if (!answers.has(key)) answers.set(key, { name, ttl, type: recordType.SRV, priority: 0, weight, port, target })
      const type = familyOf(host) === 6 ? recordType.AAAA : recordType.A
      additional.set(`${target} ${host}`, { name: target, ttl, type, address: host })
    }
    return { ...nothing, answers: [...answers.values()], additional: [...additional.values()] }
  }

  /** An ExternalName: the alias, and what it stands for as far as we know that ourselves. */
  #alias(
    externalName: string,
    name: string,
    lowerName: string,
    type: number,
    aliases: readonly string[],
  ): ClusterAnswer {
    const { domain, ttl } = this.#options
    // An address is no name, so there is no record for it.
    if (parseIp(externalName) !== undefined) return noSuchName
    const target = externalName.replace(/\.$/, '')
    const alias: ResourceRecord = { name, ttl, type: recordType.CNAME, target }
    if (type === recordType.CNAME) return { ...nothing, answers: [alias] }
    if (type !== recordType.A && type !== recordType.AAAA) return nothing
    const lower = target.toLowerCase()
    if (lower === lowerName || aliases.includes(lower) || aliases.length >= maxAliases) return nothing
    if (!lower.endsWith(`.${domain}`)) return { ...nothing, answers: [alias], external: target }
    const relative = lower.slice(0, -domain.length - 1)
    const found = this.#records(parseClusterName(relative), target, lower, type, [...aliases, lowerName])
    return found.answers.length === 0 ? nothing : { ...found, answers: [alias, ...found.answers] }
  }

  #nameServerIps(): readonly string[] {
    const { data, nameServer } = this.#options
    return data.service(nameServer.namespace, nameServer.name)?.clusterIps ?? []
  }

  #nameServers(name: string): ClusterAnswer {
    const { nameServer, ttl } = this.#options
    const ips = this.#nameServerIps()
    if (ips.length === 0) return nothing
    const target = this.#serviceName(nameServer)
    const additional = [recordType.A, recordType.AAAA].flatMap((type) => this.#addresses(target, type, ips))
    return { rcode: rcode.noError, answers: [{ name, ttl, type: recordType.NS, target }], additional }
  }
}

/** `10-244-1-5`, `fd00--1`: answered without looking whether such a pod exists, as `pods insecure` does. */
function podAddress(label: string): string | undefined {
  const isIpv4 = label.split('-').length === 4 && !label.includes('--')
  const ip = parseIp(label.replaceAll('-', isIpv4 ? '.' : ':'))
  return ip && formatIp(ip)
}

/** The address that a name below in-addr.arpa or ip6.arpa stands for; undefined when it is none. In lower case. */
export function addressOfReverseName(name: string): string | undefined {
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/.exec(name)
  if (four !== null) {
    const ip = parseIp(four.slice(1).reverse().join('.'))
    return ip && formatIp(ip)
  }
  const six = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(name)
  if (six === null) return undefined
  const digits = six[1]!.split('.').slice(0, 32).reverse().join('')
  return formatIp({ family: 6, value: BigInt(`0x${digits}`) })
}
