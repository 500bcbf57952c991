import { http } from '../../machinery/node-http.ts'
import { badRequest, internalError } from '../../machinery/errors.ts'
import { dialUpgrade, UpgradeRefused, type DialTarget } from '../../machinery/streaming/dial-upgrade.ts'
import { refuseUpgrade, upgradeProtocol } from '../../machinery/streaming/upgrade.ts'
import type { Exchange } from '../http/exchange.ts'
import { forwardedHeaders } from './proxy-headers.ts'

/**
 * Hands an upgrade request on to a backend and joins the two connections. What the backend answers besides 101 goes to
 * the caller, and both connections are closed. `more`: further headers for the backend. Throws ApiError when the request asks for no upgrade that is served.
 */
export async function forwardUpgrade(
  exchange: Exchange,
  target: DialTarget,
  more: Readonly<Record<string, string | string[]>> = {},
): Promise<void> {
  const { upgrade } = exchange
  const protocol = upgrade && upgradeProtocol(upgrade.request)
  if (upgrade === undefined || protocol === undefined) throw badRequest('Upgrade request required')
  const { socket, head } = upgrade
  const asked = await dialUpgrade(
    { ...target, signal: exchange.signal },
    {
      upgrade: protocol,
      method: exchange.method,
      headers: { ...forwardedHeaders(exchange.headers, exchange.remoteAddress), ...more },
    },
  ).then(
    (upgraded) => ({ upgraded }),
    (error: unknown) => ({ error }),
  )
  if ('error' in asked) {
    if (!(asked.error instanceof UpgradeRefused))
      throw internalError(
        `error dialing backend: ${asked.error instanceof Error ? asked.error.message : String(asked.error)}`,
      )
    const { status, body, contentType } = asked.error
    if (status < 400) throw internalError(`invalid upgrade response: status code ${status}`)
    return refuseUpgrade(socket, status, http.STATUS_CODES[status] ?? 'Error', body, contentType)
  }
  const backend = asked.upgraded
  const lines = Object.entries(backend.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${Array.isArray(value) ? value.join(', ') : value}\r\n`],
  )
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`)
  if (backend.head.length > 0) socket.write(backend.head)
  if (head.length > 0) backend.socket.write(head)
  await new Promise<void>((resolve) => {
    const end = () => {
      socket.destroy()
      backend.socket.destroy()
      resolve()
    }
    for (const stream of [socket, backend.socket]) stream.once('error', end).once('close', end)
    socket.pipe(backend.socket)
    backend.socket.pipe(socket)
  })
}
