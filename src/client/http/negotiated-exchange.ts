import { isIP } from 'node:net'
import { connect as tlsConnect, type ConnectionOptions as TlsOptions, type TLSSocket } from 'node:tls'
import { systemRandom } from '../../machinery/random.ts'
import { sleep } from '../../machinery/clock.ts'
import { tlsTrust } from '../../machinery/tls-trust.ts'
import { createBackoff } from '../backoff.ts'
import type { HttpTransportOptions, ShownCertificate } from './connection-options.ts'
import type { Exchange } from './exchange.ts'
import { http1Exchange } from './http1-exchange.ts'
import { http2Exchange } from './http2-exchange.ts'

/** HTTP/2 where the server agrees to it (ALPN), else HTTP/1.1. Failing dials are spaced out, the first excepted. */
export function negotiatedExchange(options: HttpTransportOptions): Exchange {
  const { clock } = options
  const server = new URL(options.server)
  const host = server.hostname.replace(/^\[|\]$/g, '')
  const tls: TlsOptions = {
    ca: options.ca,
    ...tlsTrust,
    servername: options.tlsServerName ?? (isIP(host) ? undefined : host),
    rejectUnauthorized: !options.insecureSkipTlsVerify,
  }
  const { clientCertificate } = options
  let shown: ShownCertificate | undefined
  const identity = () => ({ cert: shown?.cert ?? options.cert, key: shown?.key ?? options.key })
  if (server.protocol === 'http:') return http1Exchange(server, () => ({}))

  const backoff = createBackoff({ clock, random: systemRandom, baseMs: 100, capMs: 5_000, resetMs: 30_000 })
  let waitMs = 0
  const dial = async (protocols: readonly string[]): Promise<TLSSocket> => {
    if (waitMs > 0) await sleep(clock, waitMs)
    if (clientCertificate !== undefined) shown ??= await clientCertificate.available()
    try {
      const socket = await open({
        ...tls,
        ...identity(),
        host,
        port: Number(server.port || 443),
        ALPNProtocols: [...protocols],
      })
      waitMs = 0
      return socket
    } catch (error) {
      waitMs = backoff()
      throw error
    }
  }

  let agreed: Promise<Exchange> | undefined
  const agree = async (): Promise<Exchange> => {
    const first = await dial(['h2', 'http/1.1'])
    if (first.alpnProtocol === 'h2') return http2Exchange({ server, clock, dial: () => dial(['h2']), first })
    first.destroy()
    return http1Exchange(server, () => ({ ...tls, ...identity(), ALPNProtocols: ['http/1.1'] }) as TlsOptions)
  }
  const renew = () =>
    void agreed?.then(
      (exchange) => exchange.renew(),
      () => {},
    )
  const unsubscribe = clientCertificate?.subscribe((next) => {
    shown = next
    renew()
  })
  return {
    async send(request) {
      agreed ??= agree().catch((error: unknown) => {
        agreed = undefined
        throw error
      })
      return (await agreed).send(request)
    },
    renew,
    async close() {
      unsubscribe?.()
      const exchange = await agreed?.catch(() => undefined)
      await exchange?.close()
    },
  }
}

function open(options: TlsOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = tlsConnect(options, () => {
      socket.removeListener('error', reject)
      socket.setNoDelay(true)
      resolve(socket)
    })
    socket.once('error', reject)
  })
}
