import { writeFileSync } from 'node:fs'
import { nodes } from '../api/core/v1/node.ts'
import { services } from '../api/core/v1/service.ts'
import { endpointSlices } from '../api/discovery/v1/endpoint-slice.ts'
import type { EndpointSlice, Node, Service } from '../api/types.generated.ts'
import type { InformerFactory } from '../client/informer.ts'
import type { Clock } from '../machinery/clock.ts'
import { CommandError, type RunCommand } from '../machinery/command.ts'
import type { Component } from '../machinery/component.ts'
import { familyOf } from '../machinery/ip.ts'
import type { Logger } from '../machinery/log.ts'
import { MetricsRegistry } from '../machinery/metrics.ts'
import { deleteFlowArguments, listFlowsArguments, parseFlows, staleFlows } from './conntrack.ts'
import { setConntrackTimeouts } from './conntrack-timeouts.ts'
import { serviceOfSlice } from './endpoints.ts'
import { ProxyHealth, type ServiceHealth, ServiceHealthServers, serveProxyHealth } from './health.ts'
import { chainExists, existingTable } from './nftables/nft.ts'
import { RuleStore } from './nftables/rule-store.ts'
import { serveProxyMetrics } from './metrics-server.ts'
import { ProxyMetrics } from './proxy-metrics.ts'
import { ProxyModel } from './proxy-model.ts'
import { type Family, healthCheckNodePort, serviceKey } from './service-port.ts'

export interface ProxierOptions {
  readonly informers: InformerFactory
  /** `node`: serves a node's pods, and whoever sends to it. `host`: lets the host of the machines use services. */
  readonly mode: 'node' | 'host'
  /** In node mode: whose endpoints are local. */
  readonly nodeName?: string
  readonly nodeIps: readonly string[]
  /** All pods' ranges of the cluster, and those of services; they tell which families are served. */
  readonly podCidrs: readonly string[]
  readonly serviceCidrs: readonly string[]
  /** In host mode: serve NodePorts on 127.0.0.1 too, through this link to the nodes. */
  readonly localhostLink?: string
  /** Default false: see CVE-2020-8554. */
  readonly externalIps?: boolean
  /** The nft table; default `skiff-proxy`. Two clusters on one host need two. */
  readonly table?: string
  /** Of /healthz; default 10256 in node mode, none in host mode. */
  readonly healthPort?: number
  /** Where it is told how the rules follow; default: nowhere. */
  readonly metrics?: MetricsRegistry
  /** Of /metrics, on 127.0.0.1; default: none. */
  readonly metricsPort?: number
  readonly run: RunCommand
  readonly clock: Clock
  readonly log: Logger
}

export interface Proxier extends Component {
  /** Where /healthz is served, once started. */
  readonly healthPort: number | undefined
  /** Where /metrics is served, once started. */
  readonly metricsPort: number | undefined
  /** Resolves when all changes seen so far are in the kernel. */
  settled(): Promise<void>
  /** Takes all rules out of the kernel; call it after `stop`. */
  remove(): Promise<void>
}

/** Changes within this time are loaded together; a first one is loaded at once. */
const intervalMs = 50
const retryMs = { first: 500, most: 30_000 }
/** The kernel sees late that a chain is unused (before 6.2). */
const staleChainMs = 1500
const watchdogMs = 60_000

/**
 * Makes services work on this machine: keeps nftables as the Services and EndpointSlices of the API want it (kube-proxy's
 * part, by its nftables rules). Stopping leaves the rules in place, so that traffic goes on.
 */
export function createProxier(options: ProxierOptions): Proxier {
  const { informers, mode, nodeName = '', nodeIps, podCidrs, serviceCidrs, localhostLink, run, clock, log } = options
  const { table = 'skiff-proxy', externalIps = false } = options
  const families: readonly Family[] = [...new Set(serviceCidrs.map(familyOf))]
  const of = (family: Family, texts: readonly string[]) => texts.filter((text) => familyOf(text) === family)
  const stacks = families.map((family) => ({
    family,
    model: new ProxyModel(
      family,
      { externalIps, trafficPolicies: mode === 'node' },
      { podCidrs: of(family, podCidrs), nodeIps: of(family, nodeIps) },
    ),
    rules: new RuleStore({
      family,
      name: table,
      podCidrs: of(family, podCidrs),
      serviceCidrs: of(family, serviceCidrs),
      localhostLink: family === 4 ? localhostLink : undefined,
    }),
  }))
  const registry = options.metrics ?? new MetricsRegistry()
  const metrics = new ProxyMetrics(registry, clock)
  const health = new ProxyHealth(clock)
  const serviceHealth = new ServiceHealthServers(health, log)
  const serviceInformer = informers.for(services)
  const sliceInformer = informers.for(endpointSlices)
  const nodeInformer = mode === 'node' ? informers.for(nodes) : undefined
  sliceInformer.addIndex('proxiedService', (slice) => [serviceOfSlice(slice) ?? ''])

  const dirty = new Set<string>()
  /** Whose own object changed, and whose slices. */
  const pending = { services: new Set<string>(), endpoints: new Set<string>() }
  metrics.follow({
    pendingServices: () => pending.services.size,
    pendingEndpoints: () => pending.endpoints.size,
    noLocalEndpoints: () => stacks.map(({ family, model }) => [family, model.noLocalEndpoints()] as const),
  })
  const healthChecked = new Map<string, number>()
  let zone = ''
  let full = true
  let failures = 0
  let started = false
  let running: Promise<void> | undefined
  let lastStart = Number.NEGATIVE_INFINITY
  let cancelTimer: (() => void) | undefined
  let cancelWatchdog: (() => void) | undefined
  let healthServer: Awaited<ReturnType<typeof serveProxyHealth>> | undefined
  let metricsServer: Awaited<ReturnType<typeof serveProxyMetrics>> | undefined
  const unsubscribe: (() => void)[] = []
  const stale = new Set<() => void>()

  function touch(key: string | undefined): void {
    if (key === undefined) return
    dirty.add(key)
    schedule(Math.max(0, lastStart + intervalMs - clock.monotonic()))
  }
  function touchAll(): void {
    for (const service of serviceInformer.list()) dirty.add(serviceKey(service))
  }
  function schedule(delayMs: number): void {
    if (!started) return
    health.queued()
    metrics.queued(families)
    if (running !== undefined || cancelTimer !== undefined) return
    cancelTimer = clock.after(delayMs, () => {
      cancelTimer = undefined
      void sync()
    })
  }

  function sync(): Promise<void> {
    lastStart = clock.monotonic()
    running = metrics
      .load(families, full, load)
      .then(
        () => {
          failures = 0
          if (dirty.size === 0 && !full) health.updated()
        },
        (error) => {
          full = true
          failures++
          log.error('the rules of services could not be loaded', { error })
        },
      )
      .finally(() => {
        running = undefined
        if (failures > 0) schedule(Math.min(retryMs.first * 2 ** (failures - 1), retryMs.most))
        else if (dirty.size > 0 || full) schedule(Math.max(0, lastStart + intervalMs - clock.monotonic()))
      })
    return running
  }

  async function load(): Promise<void> {
    const keys = [...dirty]
    dirty.clear()
    pending.services.clear()
    pending.endpoints.clear()
    const place = { nodeName, zone }
    const flows = new Set<Family>()
    for (const key of keys) {
      const service = serviceInformer.get(key)
      const slices = service === undefined ? [] : sliceInformer.byIndex('proxiedService', key)
      for (const { family, model, rules } of stacks) {
        const { changes, udp } = model.update(key, service, slices, place)
        for (const { owner, fragment } of changes) rules.replace(owner, fragment)
        if (udp) flows.add(family)
      }
      const port = service === undefined ? 0 : healthCheckNodePort(service)
      if (port === 0 || mode === 'host') healthChecked.delete(key)
      else healthChecked.set(key, port)
    }
    const transactions = await Promise.all(
      stacks.map(async ({ family, rules }) =>
        full ? rules.full(await existingTable(run, family, table)) : rules.incremental(),
      ),
    )
    const text = transactions.map((transaction) => transaction.text).join('')
    try {
      if (text !== '') await run('nft', ['-f', '-'], { input: text, timeoutMs: 120_000 })
    } catch (error) {
      for (const transaction of transactions) transaction.failed()
      throw error
    }
    full = false
    for (const [i, { family, rules }] of stacks.entries()) deleteLater(family, rules, transactions[i]!.committed())
    await serviceHealth.sync(wantedHealth())
    for (const family of flows) await metrics.flows(family, () => cleanFlows(family))
  }

  function wantedHealth(): Map<string, ServiceHealth> {
    return new Map(
      [...healthChecked].map(([key, port]) => [
        key,
        { port, localEndpoints: Math.max(0, ...stacks.map(({ model }) => model.localReadyEndpoints(key))) },
      ]),
    )
  }

  function deleteLater(family: Family, rules: RuleStore, chains: readonly string[]): void {
    if (chains.length === 0) return
    const cancel = clock.after(staleChainMs, () => {
      stale.delete(cancel)
      const input = rules.deletion(chains)
      // Empty chains harm nobody; a full load finds what is left.
      if (input !== '')
        void run('nft', ['-f', '-'], { input }).catch((error) => {
          metrics.cleanupFailed(family)
          log.debug('stale chains stay', { error })
        })
    })
    stale.add(cancel)
  }

  let conntrackMissing = false
  /** How many flows were ended. */
  async function cleanFlows(family: Family): Promise<number> {
    let ended = 0
    const model = stacks.find((stack) => stack.family === family)?.model
    if (conntrackMissing || model === undefined) return ended
    try {
      const { stdout } = await run('conntrack', listFlowsArguments(family))
      for (const flow of staleFlows(parseFlows(stdout), model.ports())) {
        // The flow may have ended by itself.
        const deleted = await run('conntrack', deleteFlowArguments(flow, family)).catch(() => undefined)
        if (deleted !== undefined) ended += 1
      }
    } catch (error) {
      conntrackMissing = error instanceof CommandError && error.code === 127
      log.warn('UDP flows to endpoints that are gone may linger', { error })
    }
    return ended
  }

  /** Somebody may flush all rules of the machine, e.g. a firewall that is reloaded. */
  function watch(): void {
    cancelWatchdog = clock.after(watchdogMs, () => {
      void Promise.all(families.map((family) => chainExists(run, family, table, 'services')))
        .then((there) => {
          if (there.every(Boolean) || running !== undefined) return
          log.warn('somebody removed the rules of services; they are loaded again')
          full = true
          schedule(0)
        })
        .catch((error) => log.warn('the rules of services cannot be checked', { error }))
        .finally(() => {
          if (started) watch()
        })
    })
  }

  const onNode = (node: Node) => {
    if (node.metadata.name !== nodeName) return
    const now = node.metadata.labels?.['topology.kubernetes.io/zone'] ?? ''
    if (now === zone) return
    zone = now
    touchAll()
    schedule(0)
  }

  return {
    name: mode === 'node' ? 'proxy' : 'host-proxy',
    get healthPort() {
      return healthServer?.port
    },
    get metricsPort() {
      return metricsServer?.port
    },
    async start() {
      await Promise.all([serviceInformer.whenSynced(), sliceInformer.whenSynced(), nodeInformer?.whenSynced()])
      if (mode === 'node') setConntrackTimeouts(log)
      if (localhostLink !== undefined) writeFileSync(`/proc/sys/net/ipv4/conf/${localhostLink}/route_localnet`, '1')
      const onService = (service: Service) => {
        metrics.serviceChanged()
        pending.services.add(serviceKey(service))
        touch(serviceKey(service))
      }
      const onSlice = (slice: EndpointSlice, old?: EndpointSlice) => {
        metrics.endpointsChanged(slice, old)
        const key = serviceOfSlice(slice)
        if (key !== undefined) pending.endpoints.add(key)
        touch(serviceOfSlice(slice))
        if (old !== undefined && serviceOfSlice(old) !== serviceOfSlice(slice)) touch(serviceOfSlice(old))
      }
      unsubscribe.push(
        serviceInformer.subscribe({ added: onService, updated: onService, deleted: onService }),
        sliceInformer.subscribe({ added: onSlice, updated: onSlice, deleted: onSlice }),
      )
      if (nodeInformer !== undefined) unsubscribe.push(nodeInformer.subscribe({ added: onNode, updated: onNode }))
      touchAll()
      full = true
      started = true
      const port = options.healthPort ?? (mode === 'node' ? 10256 : undefined)
      if (port !== undefined) {
        healthServer = await serveProxyHealth({
          health,
          families,
          node: () => nodeInformer?.get(nodeName),
          port,
          answered: (path, code) => metrics.answered(path, code),
        })
      }
      if (options.metricsPort !== undefined)
        metricsServer = await serveProxyMetrics({ metrics: registry, clock, port: options.metricsPort })
      await sync()
      watch()
    },
    async settled() {
      while (running !== undefined || cancelTimer !== undefined) {
        if (running !== undefined) await running
        else await new Promise<void>((resolve) => void clock.after(5, resolve, { keepsAlive: true }))
      }
    },
    async stop() {
      started = false
      for (const end of unsubscribe.splice(0)) end()
      cancelTimer?.()
      cancelTimer = undefined
      cancelWatchdog?.()
      for (const cancel of stale) cancel()
      stale.clear()
      await running
      await serviceHealth.close()
      await healthServer?.close()
      healthServer = undefined
      await metricsServer?.close()
      metricsServer = undefined
    },
    async remove() {
      const input = families
        .map((family) => `${family === 6 ? 'ip6' : 'ip'} ${table}`)
        .map((name) => `add table ${name}\ndelete table ${name}\n`)
        .join('')
      await run('nft', ['-f', '-'], { input })
    },
  }
}
