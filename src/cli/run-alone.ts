import type { Leadership } from '../cluster/alone/lead.ts'
import type { KubeconfigClients } from '../cluster/alone/kubeconfig-clients.ts'
import type { ObservedPart } from '../cluster/alone/part-server.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Component } from '../machinery/component.ts'
import type { Logger } from '../machinery/log.ts'
import type { MetricsRegistry } from '../machinery/metrics.ts'
import type { Random } from '../machinery/random.ts'
import { collectStart } from './collect-start.ts'
import { CommandError, type Invocation } from './command/command.ts'
import { booleanFlag, numberFlag, stringFlag } from './command/flags.ts'

export const aloneFlags = {
  kubeconfig: stringFlag('Which API server to work on, and as whom.', { placeholder: 'FILE' }),
  verbose: booleanFlag('Log everything.', { short: 'v' }),
}
export const leaderFlag = booleanFlag('Work only while no other does: holds the Lease that upstream uses for this.', {
  default: true,
})

/** Where a part tells of itself, as upstream's do. */
export function servingFlags(port: number) {
  return {
    'secure-port': numberFlag('Where health, metrics and configuration are told; 0: nowhere.', {
      default: port,
      min: 0,
    }),
    'bind-address': stringFlag('The address of that port.', { default: '0.0.0.0', placeholder: 'ADDRESS' }),
  }
}

export interface AloneParts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: MetricsRegistry
}

/** What components that run by themselves share: the system's clock, and logs to stderr. Their start is collected, too. */
export async function aloneParts(verbose: boolean, { stderr, signal }: Invocation): Promise<AloneParts> {
  const { systemClock } = await import('../machinery/clock.ts')
  const { systemRandom } = await import('../machinery/random.ts')
  const { createLogger } = await import('../machinery/log.ts')
  const { MetricsRegistry } = await import('../machinery/metrics.ts')
  const log = createLogger({ level: verbose ? 'debug' : 'info', write: stderr, now: () => systemClock.now() })
  void collectStart(signal)
  process.on('uncaughtException', (error) => log.error('uncaught exception', { error }))
  process.on('unhandledRejection', (error) => log.error('unhandled rejection', { error }))
  return { clock: systemClock, random: systemRandom, log, metrics: new MetricsRegistry() }
}

interface RunFlags {
  readonly kubeconfig: string
  readonly verbose: boolean
  readonly 'secure-port'?: number
  readonly 'bind-address'?: string
}

/**
 * Runs a component on the API server of a kubeconfig until the signal aborts. One that can tell how it is does so at its
 * secure port, also while another holds the lease.
 */
export async function runAlone(
  flags: RunFlags,
  invocation: Invocation,
  lease: Leadership | undefined,
  make: (clients: KubeconfigClients, parts: AloneParts) => Component & { readonly status?: ObservedPart['status'] },
): Promise<number> {
  if (flags.kubeconfig === '') throw new CommandError('say which API server with --kubeconfig FILE')
  const parts = await aloneParts(flags.verbose, invocation)
  const { kubeconfigClients } = await import('../cluster/alone/kubeconfig-clients.ts')
  const { runAsLeader } = await import('../cluster/alone/lead.ts')
  try {
    const clients = kubeconfigClients(flags.kubeconfig, parts.clock, parts.metrics)
    const component = make(clients, parts)
    const { signal } = invocation
    const server = await serverOf(component.status, flags, clients, parts)
    await server?.start()
    try {
      await runAsLeader(component, { client: clients.client(`${component.name}-lease`), lease, signal, ...parts })
    } finally {
      await server?.stop()
      await clients.close()
    }
    return 0
  } catch (error) {
    throw new CommandError((error as Error).message, { cause: error })
  }
}

async function serverOf(
  status: ObservedPart['status'] | undefined,
  flags: RunFlags,
  clients: KubeconfigClients,
  parts: AloneParts,
): Promise<Component | undefined> {
  const port = flags['secure-port'] ?? 0
  if (status === undefined || port === 0) return undefined
  const { createPartServer, flagValues } = await import('../cluster/alone/part-server.ts')
  return createPartServer({
    port,
    bindAddress: flags['bind-address'] ?? '0.0.0.0',
    client: clients.client(`${status.component}-server`),
    status: { ...status, flags: flagValues({ ...flags }) },
    ...parts,
  })
}
