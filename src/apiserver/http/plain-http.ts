import type { Socket } from 'node:net'
import type { Clock } from '../../machinery/clock.ts'

/** How requests begin, where a record of TLS has its type, version and length (Go's crypto/tls, RecordHeaderError). */
const beginnings = new Set(['GET /', 'HEAD ', 'POST ', 'PUT /', 'OPTIO'])
const answer = 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n'

/**
 * Looks at what a connection begins with: hands it to `secure` unread, or tells a client that forgot TLS so. Who sends
 * nothing for `patienceMs` is cut.
 */
export function sortOutPlainHttp(
  socket: Socket,
  options: { readonly clock: Clock; readonly patienceMs: number; readonly secure: (socket: Socket) => void },
): void {
  const cancel = options.clock.after(options.patienceMs, () => socket.destroy())
  const look = () => {
    const first: Buffer | null = socket.read()
    if (first === null) return
    cancel()
    socket.off('readable', look)
    if (beginnings.has(first.toString('latin1', 0, 5))) {
      socket.end(answer)
      socket.resume()
      return
    }
    socket.unshift(first)
    options.secure(socket)
  }
  socket.on('readable', look)
  socket.once('close', cancel)
}
