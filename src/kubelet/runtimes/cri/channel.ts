import grpc from '@grpc/grpc-js'
import { RuntimeError, type RuntimeErrorCode } from '../runtime.ts'
import type { Message } from '../../../machinery/grpc/message.ts'

export interface Method<Request, Answer> {
  readonly path: string
  readonly request: Message<unknown, Request>
  readonly answer: Message<Answer, unknown>
}

export interface CallOptions {
  /** Seconds; absent: none. */
  readonly deadlineSeconds?: number
  readonly signal?: AbortSignal
}

/** Calls over one gRPC connection to a unix socket. Failures are RuntimeErrors. */
export interface Channel {
  call<Request, Answer>(method: Method<Request, Answer>, request: Request, options?: CallOptions): Promise<Answer>
  /** A stream of answers until the server ends it, fails or the signal aborts. */
  stream<Request, Answer>(method: Method<Request, Answer>, request: Request, signal: AbortSignal): AsyncIterable<Answer>
  close(): void
}

const codes: Readonly<Record<number, RuntimeErrorCode>> = {
  [grpc.status.NOT_FOUND]: 'notFound',
  [grpc.status.ALREADY_EXISTS]: 'alreadyExists',
  [grpc.status.INVALID_ARGUMENT]: 'invalidArgument',
  [grpc.status.DEADLINE_EXCEEDED]: 'deadlineExceeded',
  [grpc.status.UNAVAILABLE]: 'unavailable',
  [grpc.status.UNIMPLEMENTED]: 'unimplemented',
  [grpc.status.UNAUTHENTICATED]: 'unauthenticated',
  [grpc.status.CANCELLED]: 'cancelled',
}

function runtimeError(error: unknown): RuntimeError {
  const { code = grpc.status.UNKNOWN, details = String(error) } = error as Partial<grpc.ServiceError>
  return new RuntimeError(codes[code] ?? 'unknown', details, { cause: error })
}

export function openChannel(socketPath: string): Channel {
  const client = new grpc.Client(`unix://${socketPath}`, grpc.credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
    // A runtime that restarts is back within a second: do not wait long before trying again.
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 3000,
    'grpc.default_authority': 'localhost',
  })
  return {
    call(method, request, options = {}) {
      return new Promise((resolve, reject) => {
        const deadline = options.deadlineSeconds
        const call = client.makeUnaryRequest(
          method.path,
          (value: Parameters<typeof method.request.encode>[0]) => method.request.encode(value),
          (bytes: Buffer) => method.answer.decode(bytes),
          request,
          new grpc.Metadata(),
          deadline === undefined ? {} : { deadline: deadlineIn(deadline) },
          (error, answer) => {
            options.signal?.removeEventListener('abort', cancel)
            if (error !== null || answer === undefined) reject(runtimeError(error))
            else resolve(answer)
          },
        )
        const cancel = () => call.cancel()
        if (options.signal?.aborted) cancel()
        else options.signal?.addEventListener('abort', cancel, { once: true })
      })
    },
    async *stream(method, request, signal) {
      const call = client.makeServerStreamRequest(
        method.path,
        (value: Parameters<typeof method.request.encode>[0]) => method.request.encode(value),
        (bytes: Buffer) => method.answer.decode(bytes),
        request,
        new grpc.Metadata(),
      )
      const cancel = () => call.cancel()
      if (signal.aborted) cancel()
      else signal.addEventListener('abort', cancel, { once: true })
      try {
        for await (const answer of call) yield answer as ReturnType<typeof method.answer.decode>
      } catch (error) {
        if (!signal.aborted) throw runtimeError(error)
      } finally {
        signal.removeEventListener('abort', cancel)
        cancel()
      }
    },
    close: () => client.close(),
  }
}

// gRPC wants the moment on the machine's own clock, whatever clock the kubelet runs on.
function deadlineIn(seconds: number): Date {
  return new Date(performance.timeOrigin + performance.now() + seconds * 1000)
}
