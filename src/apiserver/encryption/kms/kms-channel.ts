import grpc from '@grpc/grpc-js'
import type { Clock } from '../../../machinery/clock.ts'
import type { Message } from '../../../machinery/grpc/message.ts'

/** Calls a plugin on a Unix socket. */
export interface KmsChannel {
  /** Rejects when no answer comes in time. */
  call<Out, In, Answer>(method: string, request: Message<Out, In>, answer: Message<Answer>, value: In): Promise<Answer>
  close(): void
}

/** `endpoint`: `unix:///path/to/socket`, or `unix:///@name` for an abstract one. */
export function openKmsChannel(options: {
  readonly service: string
  readonly endpoint: string
  readonly timeoutMs: number
  readonly clock: Clock
}): KmsChannel {
  const { service, endpoint, timeoutMs, clock } = options
  const path = new URL(endpoint).pathname
  const target = path.startsWith('/@') ? `unix-abstract:${path.slice(2)}` : `unix:${path}`
  const client = new grpc.Client(target, grpc.credentials.createInsecure(), {
    'grpc.default_authority': 'localhost',
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 3000,
  })
  return {
    call: <Out, In, Answer>(method: string, request: Message<Out, In>, answer: Message<Answer>, value: In) =>
      new Promise<Answer>((resolve, reject) => {
        client.makeUnaryRequest(
          `/${service}/${method}`,
          (input: In) => request.encode(input),
          (output: Buffer) => answer.decode(output),
          value,
          { deadline: clock.now() + timeoutMs },
          (error, result) => (error === null ? resolve(result!) : reject(error)),
        )
      }),
    close: () => client.close(),
  }
}
