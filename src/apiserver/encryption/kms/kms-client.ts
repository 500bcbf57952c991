import grpc from '@grpc/grpc-js'
import type { Clock } from '../../../machinery/clock.ts'
import type { Decoded, Encodable, Message } from '../../../machinery/grpc/message.ts'
import {
  decryptRequest,
  decryptResponse,
  encryptRequest,
  encryptResponse,
  statusRequest,
  statusResponse,
} from './messages.ts'

/** A plugin that holds the keys by which keys are encrypted (KEP-3299), on a Unix socket. Each call may reject. */
export interface KmsClient {
  status(): Promise<Decoded<typeof statusResponse>>
  encrypt(plaintext: Uint8Array, uid: string): Promise<Decoded<typeof encryptResponse>>
  decrypt(request: Encodable<typeof decryptRequest>): Promise<Uint8Array>
  close(): void
}

const service = '/v2.KeyManagementService'

/** `endpoint`: `unix:///path/to/socket`, or `unix:///@name` for an abstract one. */
export function createKmsClient(options: {
  readonly endpoint: string
  readonly timeoutMs: number
  readonly clock: Clock
}): KmsClient {
  const { endpoint, timeoutMs, clock } = options
  const path = new URL(endpoint).pathname
  const target = path.startsWith('/@') ? `unix-abstract:${path.slice(2)}` : `unix:${path}`
  const client = new grpc.Client(target, grpc.credentials.createInsecure(), {
    'grpc.default_authority': 'localhost',
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 3000,
  })
  const call = <Out, In, Answer>(method: string, request: Message<Out, In>, answer: Message<Answer>, value: In) =>
    new Promise<Answer>((resolve, reject) => {
      client.makeUnaryRequest(
        `${service}/${method}`,
        (input: In) => request.encode(input),
        (output: Buffer) => answer.decode(output),
        value,
        { deadline: clock.now() + timeoutMs },
        (error, result) => (error === null ? resolve(result!) : reject(error)),
      )
    })
  return {
    status: () => call('Status', statusRequest, statusResponse, {}),
    encrypt: (plaintext, uid) => call('Encrypt', encryptRequest, encryptResponse, { plaintext, uid }),
    decrypt: async (request) => (await call('Decrypt', decryptRequest, decryptResponse, request)).plaintext,
    close: () => client.close(),
  }
}
