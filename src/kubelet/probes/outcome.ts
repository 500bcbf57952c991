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
  const { code = '', message } = error as NodeJS.ErrnoException
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const why: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'connect: connection refused',
    EHOSTUNREACH: 'connect: no route to host',
    ENETUNREACH: 'connect: network is unreachable',
    ETIMEDOUT: 'i/o timeout',
    ABORT_ERR: 'i/o timeout',
  }
  if (code === 'ECONNRESET') return `read tcp ${address}: read: connection reset by peer`
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${host}: no such host`
  return why[code] === undefined ? message : `dial tcp ${address}: ${why[code]}`
}
