import { readFileSync, writeFileSync } from 'node:fs'
import type { Clock } from '../../machinery/clock.ts'
import { parseGoDuration } from '../../machinery/go-duration.ts'
import { completedProfiles } from '../../scheduler/complete-profiles.ts'
import {
  checked,
  configurationOf,
  decodeConfiguration,
  printConfiguration,
} from '../../scheduler/configuration/configuration.ts'
import type {
  ClientConnectionConfiguration,
  LeaderElectionConfiguration,
  SchedulerConfiguration,
} from '../../scheduler/configuration/types.ts'
import type { Leadership } from './lead.ts'

/** What the command line says beside a configuration. */
export interface ConfigurationFlags {
  /** '': none. */
  readonly file: string
  /** Stand over the file. */
  readonly leaderElection: Partial<LeaderElectionConfiguration>
  /** Stand only where there is no file, as all that upstream calls deprecated. */
  readonly clientConnection: Partial<ClientConnectionConfiguration>
  readonly enableProfiling?: boolean
  readonly enableContentionProfiling?: boolean
}

/**
 * The configuration that the command line and its file come to (cmd/kube-scheduler app/options ApplyTo). Throws an Error with
 * upstream's sentence.
 */
export function readConfiguration(flags: ConfigurationFlags, clock: Clock): SchedulerConfiguration {
  const usual = configurationOf()
  const { file, leaderElection, clientConnection, enableProfiling, enableContentionProfiling } = flags
  const base: SchedulerConfiguration =
    file === ''
      ? {
          ...usual,
          clientConnection: { ...usual.clientConnection, ...clientConnection },
          ...(enableProfiling !== undefined && { enableProfiling }),
          ...(enableContentionProfiling !== undefined && { enableContentionProfiling }),
        }
      : decodeConfiguration(textOf(file))
  const configuration = { ...base, leaderElection: { ...base.leaderElection, ...leaderElection } }
  return completedProfiles(checked(configuration), clock)
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new Error(`open ${file}: no such file or directory`, { cause: error })
    if (code === 'EISDIR') throw new Error(`read ${file}: is a directory`, { cause: error })
    throw error
  }
}

export function writeConfiguration(configuration: SchedulerConfiguration, file: string): void {
  writeFileSync(file, printConfiguration(configuration))
}

/** Undefined: it works whoever else does. */
export function leadershipOf({ leaderElection }: SchedulerConfiguration): Leadership | undefined {
  if (!leaderElection.leaderElect) return undefined
  const ms = (duration: string) => parseGoDuration(duration) / 1e6
  return {
    name: leaderElection.resourceName,
    namespace: leaderElection.resourceNamespace,
    leaseDurationMs: ms(leaderElection.leaseDuration),
    renewDeadlineMs: ms(leaderElection.renewDeadline),
    retryPeriodMs: ms(leaderElection.retryPeriod),
  }
}
