import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls, TLSSocket } from 'node:tls'
import { isDeepStrictEqual } from 'node:util'
import { sleep, systemClock } from '../../machinery/clock.ts'
import { steadyBody } from '../protocol-sequences/steady.fixture.ts'
import type { ClientName, WireCase, WireTold } from './exchange.fixture.ts'
import { tellFrames } from './frames.fixture.ts'
import { tellMessages } from './messages.fixture.ts'

const quietMs = 900

export interface WireServer {
  readonly port: number
  readonly ca: string
  readonly clients: Readonly<Record<ClientName, { readonly cert?: string; readonly key?: string }>>
}

/** Sixteen at a time, for most of them wait; `expected`: what came back elsewhere. */
export async function runCases(
  server: WireServer,
  cases: readonly WireCase[],
  expected?: ReadonlyMap<string, WireTold>,
): Promise<Map<string, WireTold>> {
  const told = new Map<string, WireTold>()
  const waiting = [...cases]
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      told.set(next.name, await runCase(server, next, expected?.get(next.name)))
    }
  }
  await Promise.all(Array.from({ length: 16 }, worker))
  return new Map(cases.map(({ name }) => [name, told.get(name)!]))
}

/**
 * Sends a case and tells what came back. A connection on which nothing has come for a while is open; one that is expected
 * to be closed is awaited longer.
 */
async function runCase(server: WireServer, wire: WireCase, expected?: WireTold): Promise<WireTold> {
  const { port, ca, clients } = server
  const { over = 'http/1.1', as = 'admin', tls = {} } = wire
  const chunks: Buffer[] = []
  let handshake: string | undefined
  let cancel = () => {}
  const closed = await new Promise<boolean>((resolve) => {
    const socket: Socket | TLSSocket =
      over === 'plain'
        ? connectPlain({ host: '127.0.0.1', port })
        : connectTls({
            host: '127.0.0.1',
            port,
            ca,
            ...clients[as],
            // OpenSSL itself refuses what is old otherwise.
            ciphers: tls.ciphers ?? 'DEFAULT@SECLEVEL=0',
            minVersion: tls.minVersion ?? 'TLSv1',
            ...(tls.maxVersion && { maxVersion: tls.maxVersion }),
            ...(tls.curves && { ecdhCurve: tls.curves }),
            ...(tls.servername !== undefined && { servername: tls.servername }),
            checkServerIdentity: () => undefined,
            ...(tls.alpn?.length !== 0 && { ALPNProtocols: [...(tls.alpn ?? [over])] }),
          })
    const finish = (isClosed: boolean) => {
      cancel()
      socket.destroy()
      resolve(isClosed)
    }
    const listen = () => {
      cancel()
      cancel = systemClock.after(patienceMs(), () => finish(false))
    }
    /** What is expected is awaited for long; what comes beyond it only shortly. */
    const patienceMs = () => {
      if (expected === undefined) return quietMs
      const isComplete = !expected.closed && isDeepStrictEqual(tell(wire, Buffer.concat(chunks)), expected.received)
      return isComplete ? 100 : 10_000
    }
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      if (isSent) listen()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (wire.tls !== undefined || wire.as !== undefined) handshake ??= alertOf(error)
    })
    socket.on('end', () => finish(true))
    socket.on('close', () => finish(true))
    let isSent = false
    const send = async () => {
      if (wire.tls !== undefined && socket instanceof TLSSocket) {
        handshake = `${socket.getProtocol()} ${socket.getCipher().standardName} ${socket.alpnProtocol || 'no protocol'}`
      }
      for (const each of wire.sends) {
        if (socket.destroyed || !socket.writable) break
        if (typeof each === 'number') await sleep(systemClock, each)
        else socket.write(typeof each === 'string' ? Buffer.from(each, 'latin1') : each)
      }
      isSent = true
      if (wire.halfCloses) socket.end()
      listen()
    }
    socket.once(over === 'plain' ? 'connect' : 'secureConnect', () => void send())
  })
  const bytes = Buffer.concat(chunks)
  return {
    ...(handshake !== undefined && { handshake }),
    received: tell(wire, bytes),
    // Go waits a second before it closes what it has told to go; Node.js closes at once, so that the telling may be lost.
    closed: closed || (over === 'h2' && tellFrames(bytes, false).some(isGoAway)),
  }
}

const isGoAway = (line: string) => line.startsWith('GOAWAY ')

function tell({ over, tellsSettings }: WireCase, bytes: Buffer): string[] {
  if (over !== 'h2') {
    const text = bytes.toString('latin1')
    const end = text.startsWith('HTTP/1.1 101 ') ? text.indexOf('\r\n\r\n') + 4 : bytes.length
    return [...answersOf(text.slice(0, end)), ...tellMessages(bytes.subarray(end)).map(steady)]
  }
  const frames = tellFrames(bytes, tellsSettings === true).map(steady)
  return frames.filter((line) => !isGoAway(line))
}

/** What OpenSSL calls an alert; the rest of the text tells lines of its own code. */
function alertOf(error: NodeJS.ErrnoException): string {
  return error.code?.startsWith('ERR_SSL') ? error.code : 'closed'
}

const steady = (text: string): string =>
  steadyBody(text, 'NAMESPACE').replaceAll(/^((?:Audit-Id|Date|X-Kubernetes-Pf-[A-Za-z-]+)): .*/gim, '$1')

/**
 * Answers of HTTP/1.1 one by one; where one begins its status tells, for none of the bodies has lines like it. Who asks by
 * HTTP/1.0 is told that we know 1.1 (RFC 9110, 6.2), while Go echoes what it was told.
 */
function answersOf(text: string): string[] {
  if (text === '') return []
  return text
    .split(/(?=HTTP\/1\.[01] \d\d\d )/)
    .map((answer) =>
      steady(answer.replaceAll('\r\n', '\n').replace(/^HTTP\/1\.0 (?!400 Bad Request\n\n)/, 'HTTP/1.1 ')).replace(
        /\nTransfer-Encoding: chunked([^]*)$/,
        unchunk,
      ),
    )
}

function unchunk(_: string, rest: string): string {
  return `\nTransfer-Encoding: chunked${rest.replaceAll(/^[0-9a-f]+\n(?=[^])/gm, '')}`
}
