import { connectionText } from '../../machinery/connection-text.ts'

/** What one run of a probe found. `unknown`: it could not be run, which says nothing about the container. */
export interface ProbeOutcome {
  readonly result: 'success' | 'warning' | 'failure' | 'unknown'
  readonly output: string
}
export const success = (output = ''): ProbeOutcome => ({ result: 'success', output })
export const failure = (output: string): ProbeOutcome => ({ result: 'failure', output })
export const unknown = (error: unknown): ProbeOutcome => ({
  result: 'unknown',
  output: error instanceof Error ? error.message : String(error),
})

/** A failed connection as Go's net package tells it: `dial tcp 10.0.0.1:80: connect: connection refused`. */
export function dialError(error: unknown, host: string, port: number): string {
  const { code } = error as NodeJS.ErrnoException
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  if (code === 'ECONNRESET') return `read tcp ${address}: read: connection reset by peer`
  if (code === 'ABORT_ERR') return `dial tcp ${address}: i/o timeout`
  return connectionText(error, address, host)
}
