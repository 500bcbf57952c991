import type { KubeconfigClients } from '../cluster/alone/kubeconfig-clients.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Component } from '../machinery/component.ts'
import type { Logger } from '../machinery/log.ts'
import type { Random } from '../machinery/random.ts'
import { CommandError, type Invocation } from './command/command.ts'
import { booleanFlag, stringFlag } from './command/flags.ts'

export const aloneFlags = {
  kubeconfig: stringFlag('Which API server to work on, and as whom.', { placeholder: 'FILE' }),
  verbose: booleanFlag('Log everything.', { short: 'v' }),
}
export const leaderFlag = booleanFlag('Work only while no other does: holds the Lease that upstream uses for this.', {
  default: true,
})

export interface AloneParts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

/** What components that run by themselves share: the system's clock, and logs to stderr. */
export async function aloneParts(verbose: boolean, { stderr }: Invocation): Promise<AloneParts> {
  const { systemClock } = await import('../machinery/clock.ts')
  const { systemRandom } = await import('../machinery/random.ts')
  const { createLogger } = await import('../machinery/log.ts')
  const log = createLogger({ level: verbose ? 'debug' : 'info', write: stderr, now: () => systemClock.now() })
  process.on('uncaughtException', (error) => log.error('uncaught exception', { error }))
  process.on('unhandledRejection', (error) => log.error('unhandled rejection', { error }))
  return { clock: systemClock, random: systemRandom, log }
}

/** Runs a component on the API server of a kubeconfig until the signal aborts. */
export async function runAlone(
  flags: { readonly kubeconfig: string; readonly verbose: boolean },
  invocation: Invocation,
  lease: string | undefined,
  make: (clients: KubeconfigClients, parts: AloneParts) => Component,
): Promise<number> {
  if (flags.kubeconfig === '') throw new CommandError('say which API server with --kubeconfig FILE')
  const parts = await aloneParts(flags.verbose, invocation)
  const { kubeconfigClients } = await import('../cluster/alone/kubeconfig-clients.ts')
  const { runAsLeader } = await import('../cluster/alone/lead.ts')
  try {
    const clients = kubeconfigClients(flags.kubeconfig, parts.clock)
    const component = make(clients, parts)
    const { signal } = invocation
    await runAsLeader(component, { client: clients.client(`${component.name}-lease`), lease, signal, ...parts })
    await clients.close()
    return 0
  } catch (error) {
    throw new CommandError((error as Error).message, { cause: error })
  }
}
