import type { ContainerConfig, ExecSyncResult, PodSandboxConfig } from '../types.ts'

/** What a simulated container does, given by a test. */
export interface SimulatedProgram {
  /** Runs to its end; resolves with the exit code. Absent: it runs until it is signalled, and ends with 0. */
  readonly run?: (process: SimulatedProcess) => Promise<number>
  /** Answers commands that are run in it, probes among them. Absent: they succeed and say nothing. */
  readonly exec?: (command: readonly string[], process: SimulatedProcess) => Promise<Partial<ExecSyncResult>>
}

export interface SimulatedProcess {
  readonly config: ContainerConfig
  readonly sandbox: PodSandboxConfig
  /** Aborts with the stop signal; a program that does not heed it is killed after the grace period. */
  readonly terminated: AbortSignal
  /** Aborts when it is killed: its exit code counts no more. */
  readonly killed: AbortSignal
  /** Milliseconds of the simulated node's clock. */
  sleep(milliseconds: number): Promise<void>
  /** Adds a line to the container's log, where logs are kept. */
  log(line: string): void
}

/** How long calls take (ms); what is not named takes no time. */
export type SimulatedLatencies = Partial<
  Record<
    | 'runPodSandbox'
    | 'stopPodSandbox'
    | 'createContainer'
    | 'startContainer'
    | 'stopContainer'
    | 'removeContainer'
    | 'pullImage'
    | 'execSync',
    number
  >
>
