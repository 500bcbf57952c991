import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { Clock } from '../../machinery/clock.ts'
import { type Exchange, NotSent, plainHeaders, type WireRequest, type WireResponse } from './exchange.ts'

const streamWindowBytes = 1024 * 1024
const sessionWindowBytes = 16 * 1024 * 1024
/** Go's transport as client-go sets it: a ping after so much silence, and so long to answer it. */
const silenceMs = 30_000
const pingMs = 15_000

interface Session {
  readonly session: ClientHttp2Session
  readonly socket: TLSSocket
  open: number
  /** Takes no more requests: told to go away, or closed. */
  leaving: boolean
  stopPing: () => void
}

/**
 * HTTP/2 over one session; another is opened when the server's limit of streams is reached, since a watch holds its
 * stream for good, or when the session went away. `dial` gives a TLS socket on which h2 was agreed.
 */
export function http2Exchange(options: {
  readonly server: URL
  readonly clock: Clock
  readonly dial: () => Promise<TLSSocket>
  readonly first?: TLSSocket
}): Exchange {
  const { server, clock, dial } = options
  const sessions = new Set<Session>()
  let dialling: Promise<Session> | undefined
  let closed = false
  /** Counts the renewals: what was dialled before one is no longer entered. */
  let generation = 0

  const adopt = async (socket: TLSSocket, born: number): Promise<Session> => {
    const session = connect(server, {
      createConnection: () => socket,
      settings: { initialWindowSize: streamWindowBytes, enablePush: false },
    })
    const entry: Session = { session, socket, open: 0, leaving: born !== generation, stopPing: () => {} }
    const leave = () => {
      entry.leaving = true
      entry.stopPing()
      sessions.delete(entry)
    }
    session.on('connect', () => session.setLocalWindowSize(sessionWindowBytes))
    session.on('goaway', () => {
      entry.leaving = true
    })
    session.on('close', leave)
    // Streams carry the error to their requests.
    session.on('error', leave)
    // Its settings say how many streams it takes.
    await new Promise<void>((resolve, reject) => {
      session.once('remoteSettings', () => resolve())
      session.once('close', () => reject(new Error('the server closed the connection')))
    })
    if (entry.open === 0) session.unref()
    sessions.add(entry)
    return entry
  }
  const begin = (socket: Promise<TLSSocket>) => {
    const born = generation
    dialling = socket
      .then((made) => adopt(made, born))
      .finally(() => {
        dialling = undefined
      })
    return dialling
  }
  if (options.first !== undefined) begin(Promise.resolve(options.first)).catch(() => {})

  const usable = ({ session, open, leaving }: Session) =>
    !leaving && !session.closed && !session.destroyed && open < (session.remoteSettings.maxConcurrentStreams ?? 100)

  const enter = (entry: Session): Session => {
    if (entry.open++ === 0) {
      entry.session.ref()
      watchSilence(entry)
    }
    return entry
  }
  const exit = (entry: Session): void => {
    if (--entry.open > 0) return
    entry.stopPing()
    if (entry.leaving) entry.session.close()
    if (!entry.session.destroyed) entry.session.unref()
  }

  /** A session on which one stream is reserved. */
  const pick = async (): Promise<Session> => {
    for (;;) {
      if (closed) throw new Error('the transport is closed')
      for (const entry of sessions) if (usable(entry)) return enter(entry)
      await (dialling ?? begin(dial()))
    }
  }

  // A dead peer shows only when it is asked; asked only while somebody waits for it.
  const watchSilence = (entry: Session) => {
    let bytes = entry.socket.bytesRead
    const check = () => {
      if (entry.open === 0 || entry.leaving) return
      const { bytesRead } = entry.socket
      const silent = bytesRead === bytes
      bytes = bytesRead
      entry.stopPing = clock.after(silenceMs, check)
      if (!silent) return
      const giveUp = clock.after(pingMs, () =>
        entry.session.destroy(new Error('the connection to the server was lost')),
      )
      entry.session.ping((error) => {
        giveUp()
        if (error) entry.session.destroy()
      })
    }
    entry.stopPing = clock.after(silenceMs, check)
  }

  const send = (entry: Session, request: WireRequest) =>
    new Promise<WireResponse>((resolve, reject) => {
      const { method, path, headers, body, signal } = request
      if (signal?.aborted) {
        exit(entry)
        reject(signal.reason as Error)
        return
      }
      let stream: ClientHttp2Stream
      try {
        const pseudo = { ':method': method, ':path': path, ':scheme': 'https', ':authority': server.host }
        stream = entry.session.request({ ...pseudo, ...headers }, { endStream: body === undefined })
      } catch (error) {
        exit(entry)
        reject(new NotSent('the session is closed', { cause: error }))
        return
      }
      const onAbort = () => stream.destroy(signal?.reason as Error)
      signal?.addEventListener('abort', onAbort, { once: true })
      let answered = false
      let failure: Error | undefined
      stream.on('error', (error) => {
        failure = error
      })
      stream.on('response', (incoming) => {
        answered = true
        const status = Number(incoming[':status'])
        resolve({ status, headers: plainHeaders(incoming), body: stream })
      })
      stream.on('close', () => {
        signal?.removeEventListener('abort', onAbort)
        exit(entry)
        if (answered) return
        const refused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM || stream.id === undefined
        if (signal?.aborted) reject(signal.reason as Error)
        else if (refused) reject(new NotSent('the server refused the stream', { cause: failure }))
        else reject(failure ?? new Error('the server closed the connection without an answer'))
      })
      if (body !== undefined) stream.end(body)
    })

  return {
    async send(request) {
      for (let attempt = 1; ; attempt++) {
        const entry = await pick()
        try {
          return await send(entry, request)
        } catch (error) {
          if (!(error instanceof NotSent) || attempt === 3) throw error
          entry.leaving = true
        }
      }
    },
    renew() {
      generation++
      for (const entry of sessions) {
        entry.leaving = true
        if (entry.open === 0) entry.session.close()
      }
    },
    async close() {
      closed = true
      for (const entry of sessions) {
        entry.stopPing()
        entry.session.destroy()
      }
      sessions.clear()
    },
  }
}
