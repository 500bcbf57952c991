import { spawn } from 'node:child_process'

/** What a tool printed before it ended well. */
export interface CommandOutput {
  readonly stdout: string
  readonly stderr: string
}
export interface CommandOptions {
  /** Written to the tool's standard input, which is then closed. */
  readonly input?: string
  /** Default 30,000. The tool is killed when it takes longer. */
  readonly timeoutMs?: number
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  readonly signal?: AbortSignal
}

/** Runs a tool of the system to its end. Throws a {@link CommandError} when it cannot be run or fails. */
export type RunCommand = (command: string, args: readonly string[], options?: CommandOptions) => Promise<CommandOutput>

/** `code`: the exit code; 127 when the tool is not installed, 124 when it took too long, 128 + n for a signal. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  constructor(message: string, result: { code: number; stdout?: string; stderr?: string }, options?: ErrorOptions) {
    super(message, options)
    this.code = result.code
    this.stdout = result.stdout ?? ''
    this.stderr = result.stderr ?? ''
  }
}

/** Which Debian package brings a tool, for the sentence that tells a user what to install. */
export const packageOfTool: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  bridge: 'iproute2',
  nft: 'nftables',
  conntrack: 'conntrack',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  mount: 'mount',
  umount: 'mount',
  setsid: 'util-linux',
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  iptables: 'iptables',
  mkfs: 'e2fsprogs',
  busybox: 'busybox-static',
}

/** The sentence for a tool that is not there. */
export function missingTool(command: string): string {
  const base = command.split('/').at(-1) ?? command
  const name = packageOfTool[base]
  return name === undefined
    ? `${command} is not installed`
    : `${command} is not installed: install the package ${name} (Debian, Ubuntu: apt-get install ${name})`
}

const signals: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }

/** The {@link RunCommand} that really runs: without a shell, at most 64 MiB of output. */
export const runCommand: RunCommand = (command, args, options = {}) =>
  new Promise((resolve, reject) => {
    const { input, timeoutMs = 30_000, env, cwd, signal } = options
    const child = spawn(command, args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      env: env === undefined ? process.env : { ...process.env, ...env },
      cwd,
      signal,
    })
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
    let size = 0
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > 64 * 2 ** 20) child.kill('SIGKILL')
        else output[name].push(chunk)
      })
    }
    child.on('error', (error: NodeJS.ErrnoException) => {
      const message = error.code === 'ENOENT' ? missingTool(command) : `${command} cannot be run: ${error.message}`
      reject(error.name === 'AbortError' ? error : new CommandError(message, { code: 127 }, { cause: error }))
    })
    child.on('close', (code, killed) => {
      const stdout = Buffer.concat(output.stdout).toString('utf8')
      const stderr = Buffer.concat(output.stderr).toString('utf8')
      if (code === 0) return resolve({ stdout, stderr })
      const status = code ?? (killed === 'SIGKILL' && child.killed ? 124 : 128 + (signals[killed ?? ''] ?? 0))
      const end =
        code !== null
          ? `failed with code ${code}`
          : status === 124
            ? 'took too long or said too much'
            : `ended by ${killed}`
      const why = (stderr.trim() || stdout.trim()).split('\n').slice(0, 8).join('\n')
      const line = [command, ...args].join(' ')
      reject(
        new CommandError(`${line.length > 200 ? `${line.slice(0, 200)}…` : line} ${end}${why ? `: ${why}` : ''}`, {
          code: status,
          stdout,
          stderr,
        }),
      )
    })
    // A tool that ends without reading its input is judged by its exit code.
    child.stdin?.on('error', () => {})
    if (input !== undefined) child.stdin?.end(input)
  })
