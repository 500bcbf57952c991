import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodes } from '../api/core/v1/node.ts'
import type { Node } from '../api/types.generated.ts'
import type { InformerFactory } from '../client/informer.ts'
import type { Clock } from '../machinery/clock.ts'
import type { RunCommand } from '../machinery/command.ts'
import type { Component } from '../machinery/component.ts'
import { familyOf } from '../machinery/ip.ts'
import type { Logger } from '../machinery/log.ts'
import { cniConfig, cniConfigName } from './cni-config.ts'
import { deleteMasquerade, masqueradeRules } from './masquerade.ts'
import { parseRoutes, podCidrsOf, type Route, routeBatch, routeProtocol, routesTo } from './node-routes.ts'

export interface NodeNetworkOptions {
  readonly informers: InformerFactory
  /** The node that this runs on; undefined on the host of the machines, which has no pods of its own. */
  readonly nodeName?: string
  /** The link that leads to the other nodes: `eth0` in a machine, `skiff0` on the host. */
  readonly link: string
  /** Ranges that belong to the cluster (pods, nodes, services): what goes there keeps its source address. */
  readonly clusterCidrs: readonly string[]
  /** On the host: more ranges to send along the link, e.g. those of service addresses, so that they have a way at all. */
  readonly onLinkCidrs?: readonly string[]
  /** Of pods' links. */
  readonly mtu: number
  /** Default `/etc/cni/net.d`. */
  readonly cniFolder?: string
  /** The nft table of the masquerading; default `skiff-network`. */
  readonly table?: string
  readonly run: RunCommand
  readonly clock: Clock
  readonly log: Logger
}

const retryMs = 2000
const lookMs = 20

/**
 * Wires a node into the cluster, fed by the Nodes of the API: the CNI configuration for its own pods once it has a pod
 * range, routes to the pods of all other nodes, masquerading of what leaves the cluster. Stopping leaves everything in
 * place for running pods; `remove` takes it away.
 */
export function createNodeNetwork(options: NodeNetworkOptions): Component & { remove(): Promise<void> } {
  const { informers, nodeName, link, clusterCidrs, onLinkCidrs = [], mtu, run, clock, log } = options
  const { cniFolder = '/etc/cni/net.d', table = 'skiff-network' } = options
  let unsubscribe: (() => void) | undefined
  let running: Promise<void> | undefined
  let again = false
  let stopped = false
  let cancelRetry: (() => void) | undefined
  let masqueraded = ''

  async function presentRoutes(): Promise<Route[]> {
    const show = (family: string) =>
      run('ip', ['-j', family, 'route', 'show', 'proto', String(routeProtocol), 'dev', link])
    const [four, six] = await Promise.all([show('-4'), show('-6').catch(() => ({ stdout: '' }))])
    return [...parseRoutes(four.stdout), ...parseRoutes(six.stdout)]
  }

  async function apply(all: readonly Node[]): Promise<void> {
    const self = all.find((node) => node.metadata.name === nodeName)
    if (nodeName !== undefined && self !== undefined) {
      const podCidrs = podCidrsOf(self)
      if (podCidrs.length > 0) {
        const rules = masqueradeRules(table, podCidrs, clusterCidrs)
        if (rules !== masqueraded) await run('nft', ['-f', '-'], { input: rules })
        masqueraded = rules
        if (writeIfChanged(cniFolder, cniConfigName, cniConfig({ podCidrs, mtu }))) {
          log.info('pods of this node get addresses', { podCidrs: podCidrs.join(',') })
        }
      }
    }
    const batch = routeBatch(await presentRoutes(), routesTo(all, nodeName ?? ''), link)
    if (batch !== '') await run('ip', ['-batch', '-'], { input: batch })
  }

  /** One run at a time; a change during a run causes one more. */
  function trigger(): void {
    if (stopped) return
    if (running !== undefined) {
      again = true
      return
    }
    cancelRetry?.()
    again = false
    running = apply(informers.for(nodes).list())
      .catch((error) => {
        log.error('the network of the nodes is not as it should be yet', { error })
        cancelRetry = clock.after(retryMs, trigger)
      })
      .finally(() => {
        running = undefined
        if (again) trigger()
      })
  }

  return {
    name: 'network',
    async start() {
      stopped = false
      for (const cidr of onLinkCidrs) await run('ip', ['route', 'replace', cidr, 'dev', link, 'proto', 'static'])
      const informer = informers.for(nodes)
      await informer.whenSynced()
      let ways = ''
      let looking = false
      // Status heartbeats must not cost a process: only what the routes are made of counts. Many nodes are one look.
      const look = () => {
        if (looking) return
        looking = true
        clock.after(lookMs, compare)
      }
      const compare = () => {
        looking = false
        const now = JSON.stringify([
          routesTo(informer.list(), nodeName ?? ''),
          podCidrsOf(informer.get(nodeName ?? '') ?? { metadata: {} }),
        ])
        if (now === ways) return
        ways = now
        trigger()
      }
      unsubscribe = informer.subscribe({ added: look, updated: look, deleted: look })
      trigger()
      await running
    },
    async stop() {
      stopped = true
      unsubscribe?.()
      cancelRetry?.()
      await running
    },
    async remove() {
      const batch = routeBatch(await presentRoutes(), [], link)
      if (batch !== '') await run('ip', ['-batch', '-'], { input: batch })
      for (const cidr of onLinkCidrs) {
        await run('ip', ['route', 'delete', cidr, 'dev', link, 'proto', 'static']).catch(() => undefined)
      }
      const families = [...new Set(clusterCidrs.map(familyOf))]
      if (nodeName !== undefined) await run('nft', ['-f', '-'], { input: deleteMasquerade(table, families) })
      rmSync(join(cniFolder, cniConfigName), { force: true })
    },
  }
}

/** Replaces a file in one step, since a runtime may read it at any moment. False when it said this already. */
function writeIfChanged(folder: string, name: string, text: string): boolean {
  const file = join(folder, name)
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return false
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
  return true
}
