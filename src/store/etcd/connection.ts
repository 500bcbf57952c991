import grpc from '@grpc/grpc-js'
import { systemClock } from '../../machinery/clock.ts'
import type { Decoded, Encodable } from '../../machinery/grpc/message.ts'
import { StoreUnavailable } from '../store.ts'
import { type Unary, watchPath, watchRequest, watchResponse } from './messages.ts'

export interface EtcdTls {
  /** PEM. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** An answer of etcd that is no success; `text` as etcd says it. */
export class EtcdError extends Error {
  override readonly name = 'EtcdError'
  readonly code: number
  constructor(code: number, text: string, options?: ErrorOptions) {
    super(text, options)
    this.code = code
  }
}

export interface WatchStream {
  send(request: Encodable<typeof watchRequest>): void
  /** Ends the stream; nothing is heard of it any more. */
  cancel(): void
}

const answerWithinMs = 10_000

/** gRPC to whichever of the endpoints answers. */
export class Connection {
  readonly #clients: readonly grpc.Client[]
  readonly #names: string
  #current = 0
  #closed = false

  /** `endpoints`: `http://host:port` or `https://host:port`, members of one cluster. */
  constructor(endpoints: readonly string[], tls: EtcdTls = {}) {
    this.#names = endpoints.join(', ')
    this.#clients = endpoints.map((endpoint) => {
      const { protocol, host } = new URL(endpoint)
      const credentials =
        protocol === 'https:'
          ? grpc.credentials.createSsl(buffer(tls.ca), buffer(tls.key), buffer(tls.cert))
          : grpc.credentials.createInsecure()
      return new grpc.Client(host, credentials, {
        'grpc.max_receive_message_length': -1,
        'grpc.max_send_message_length': -1,
        // As upstream's client (apiserver pkg/storage/storagebackend/factory/etcd3.go).
        'grpc.keepalive_time_ms': 30_000,
        'grpc.keepalive_timeout_ms': 10_000,
        'grpc.initial_reconnect_backoff_ms': 100,
        'grpc.max_reconnect_backoff_ms': 3000,
      })
    })
  }

  /** Throws StoreUnavailable when no endpoint answers, EtcdError when one refuses. */
  async call<Request, Answer>(
    method: Unary<Request, Answer>,
    request: Request,
    withinMs: number = answerWithinMs,
  ): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(method, request, withinMs)
      } catch (error) {
        const { code, details } = error as grpc.ServiceError
        if (this.#closed) throw closedError()
        const lost = code === grpc.status.UNAVAILABLE || code === grpc.status.DEADLINE_EXCEEDED
        if (!lost) throw new EtcdError(code, details, { cause: error })
        this.#current = (this.#current + 1) % this.#clients.length
        if (method.idempotent && attempt < this.#clients.length) continue
        const outcome = method.idempotent ? '' : '; whether it took the write is not known'
        throw new StoreUnavailable(
          `etcd at ${this.#names} does not answer (${details.split(',')[0]})${outcome}: check that it runs and that the network reaches it`,
          { cause: error },
        )
      }
    }
  }

  watch(on: {
    readonly response: (response: Decoded<typeof watchResponse>) => void
    /** The stream broke or was ended by the server. */
    readonly lost: (error: Error | undefined) => void
  }): WatchStream {
    const stream = this.#clients[this.#current]!.makeBidiStreamRequest(
      watchPath,
      (request: Encodable<typeof watchRequest>) => watchRequest.encode(request),
      (bytes: Buffer) => watchResponse.decode(bytes),
      // As upstream: a member that has lost its leader ends the watch rather than fall behind.
      metadata({ hasleader: 'true' }),
    )
    let over = false
    const finish = (error: Error | undefined) => {
      if (over) return
      over = true
      if (error) this.#current = (this.#current + 1) % this.#clients.length
      on.lost(error)
    }
    stream.on('data', (response: Decoded<typeof watchResponse>) => {
      if (!over) on.response(response)
    })
    stream.on('error', finish)
    stream.on('end', () => finish(undefined))
    return {
      send: (request) => {
        stream.write(request)
      },
      cancel: () => {
        over = true
        stream.cancel()
      },
    }
  }

  close(): void {
    this.#closed = true
    for (const client of this.#clients) client.close()
  }

  #once<Request, Answer>(method: Unary<Request, Answer>, request: Request, withinMs: number): Promise<Answer> {
    if (this.#closed) throw closedError()
    // With one endpoint a call waits for it to come back; with more, the next is tried at once.
    const patient = metadata({})
    patient.setOptions({ waitForReady: this.#clients.length === 1 })
    return new Promise((resolve, reject) => {
      this.#clients[this.#current]!.makeUnaryRequest(
        method.path,
        (value: Request) => method.request.encode(value),
        (bytes: Buffer) => method.answer.decode(bytes),
        request,
        patient,
        { deadline: systemClock.now() + withinMs },
        (error, answer) => (error ? reject(error) : resolve(answer!)),
      )
    })
  }
}

export function closedError(): StoreUnavailable {
  return new StoreUnavailable('the store is closed')
}

function buffer(pem: string | undefined): Buffer | null {
  return pem === undefined ? null : Buffer.from(pem)
}

function metadata(values: Readonly<Record<string, string>>): grpc.Metadata {
  const result = new grpc.Metadata()
  for (const [name, value] of Object.entries(values)) result.set(name, value)
  return result
}
