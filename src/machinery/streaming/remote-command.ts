import type { Readable, Writable } from 'node:stream'

/** Which streams exec or attach connects. */
export interface RemoteCommandOptions {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

export interface TerminalSize {
  readonly width: number
  readonly height: number
}

/** How the command ended, as the error channel carries it (cri-streaming pkg/streaming/remotecommand/status.go). */
export interface CommandStatus {
  readonly metadata?: object
  readonly status: 'Success' | 'Failure'
  readonly message?: string
  readonly reason?: string
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] }
  readonly code?: number
}

/** One exec or attach as its server sees it, whatever protocol the client chose. */
export interface RemoteCommandSession {
  readonly stdin: Readable | undefined
  readonly stdout: Writable | undefined
  readonly stderr: Writable | undefined
  /** Calls back with each new size of the client's terminal. */
  onResize(callback: (size: TerminalSize) => void): void
  /** Reports the end and closes, after everything written to stdout and stderr has gone out. */
  finish(status: CommandStatus): Promise<void>
  /** Resolves when the client is gone. */
  readonly closed: Promise<void>
}

export function exitStatus(code: number): CommandStatus {
  if (code === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
}

/** `verb`: executing or attaching, as upstream's message says it. */
export function commandFailure(verb: 'exec' | 'attach', error: unknown): CommandStatus {
  const why = error instanceof Error ? error.message : String(error)
  const what = verb === 'exec' ? 'error executing command in container' : 'error attaching to container'
  return {
    metadata: {},
    status: 'Failure',
    message: `Internal error occurred: ${what}: ${why}`,
    reason: 'InternalError',
    code: 500,
  }
}

/** Splits a resize stream into sizes: JSON objects `{"Width":80,"Height":24}`, one after the other. */
export class ResizeDecoder {
  #text = ''

  push(bytes: Buffer): TerminalSize[] {
    this.#text += bytes.toString()
    const sizes: TerminalSize[] = []
    for (;;) {
      const end = this.#text.indexOf('}')
      if (end < 0) break
      try {
        const size = JSON.parse(this.#text.slice(0, end + 1)) as { Width?: number; Height?: number }
        sizes.push({ width: Number(size.Width ?? 0), height: Number(size.Height ?? 0) })
      } catch {
        // Not a size: skipped, as a terminal of a wrong size beats a broken session.
      }
      this.#text = this.#text.slice(end + 1)
    }
    if (this.#text.length > 1024) this.#text = ''
    return sizes
  }
}
