import net from 'node:net'
import { dialError, failure, type ProbeOutcome, success } from './outcome.ts'

/** Good when a connection can be made. */
export function tcpProbe(host: string, port: number, signal: AbortSignal): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, signal })
    socket.on('connect', () => {
      // Closed with a reset, so that many probes do not fill the table of closing connections.
      socket.resetAndDestroy()
      resolve(success())
    })
    socket.on('error', (error) => resolve(failure(dialError(error, host, port))))
  })
}
