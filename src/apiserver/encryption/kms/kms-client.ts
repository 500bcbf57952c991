import type { Clock } from '../../../machinery/clock.ts'
import type { Decoded, Encodable } from '../../../machinery/grpc/message.ts'
import { openKmsChannel } from './kms-channel.ts'
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

/** See openKmsChannel for `endpoint`. */
export function createKmsClient(options: {
  readonly endpoint: string
  readonly timeoutMs: number
  readonly clock: Clock
}): KmsClient {
  const { call, close } = openKmsChannel({ ...options, service: 'v2.KeyManagementService' })
  return {
    status: () => call('Status', statusRequest, statusResponse, {}),
    encrypt: (plaintext, uid) => call('Encrypt', encryptRequest, encryptResponse, { plaintext, uid }),
    decrypt: async (request) => (await call('Decrypt', decryptRequest, decryptResponse, request)).plaintext,
    close,
  }
}
