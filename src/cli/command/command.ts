import type { Flags, FlagValues } from './flags.ts'

/** What a command may touch. Tests pass their own. */
export interface Invocation {
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
  /** Whether stdout is a terminal. */
  readonly interactive: boolean
}

/** One verb of the command line. Help, completion and error texts are derived from it. */
export interface Command<F extends Flags = Flags> {
  readonly name: string
  /** The arguments in the usage line: `COMPONENT`. */
  readonly args?: string
  readonly summary: string
  readonly description?: string
  readonly examples?: readonly string[]
  readonly flags: F
  /** How many arguments are taken; default none. */
  readonly argCount?: readonly [min: number, max: number]
  /** What the shell offers for the arguments. */
  readonly completeArgs?: readonly string[] | ((env: Invocation['env']) => Promise<readonly string[]>)
  readonly subcommands?: readonly Command[]
  readonly hidden?: boolean
  /** The exit code after a mistake in the words of the command line, default 2. */
  readonly usageExitCode?: number
  /** Loads the code and runs it; the result is the exit code. */
  readonly run?: (
    flags: FlagValues<F>,
    args: readonly string[],
    invocation: Invocation,
    given: ReadonlySet<string>,
  ) => Promise<number>
}

export function defineCommand<const F extends Flags>(command: Command<F>): Command {
  return command as unknown as Command
}

/** What the user is told, without a stack: what is wrong and what to do next. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number
  constructor(message: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.exitCode = options.exitCode ?? 1
  }
}
