import type { Clock } from '../../../machinery/clock.ts'
import { bytes, message, string } from '../../../machinery/grpc/message.ts'
import { openKmsChannel } from './kms-channel.ts'

/** k8s.io/kms apis/v1beta1/api.proto, service v1beta1.KeyManagementService. */
export const v1VersionRequest = message({ version: string(1) })
export const v1VersionResponse = message({ version: string(1), runtimeName: string(2), runtimeVersion: string(3) })
/** Of what is to be decrypted, or encrypted. */
export const v1Request = message({ version: string(1), data: bytes(2) })
export const v1Response = message({ data: bytes(1) })

const version = 'v1beta1'

/** A plugin that encrypts each value's key by itself (KEP-460). Each call may reject. */
export interface KmsV1Client {
  encrypt(plain: Uint8Array): Promise<Uint8Array>
  decrypt(cipher: Uint8Array): Promise<Uint8Array>
  close(): void
}

/** Asks the plugin for its version before anything else (envelope/grpc_service.go). */
export function createKmsV1Client(options: {
  readonly endpoint: string
  readonly timeoutMs: number
  readonly clock: Clock
}): KmsV1Client {
  const { call, close } = openKmsChannel({ ...options, service: 'v1beta1.KeyManagementService' })
  let checked: Promise<void> | undefined
  async function check(): Promise<void> {
    let answer
    try {
      answer = await call('Version', v1VersionRequest, v1VersionResponse, { version })
    } catch (error) {
      throw new Error(`failed get version from remote KMS provider: ${(error as Error).message}`, { cause: error })
    }
    if (answer.version !== version)
      throw new Error(`KMS provider api version ${answer.version} is not supported, only ${version} is supported now`)
  }
  const ask = async (method: 'Encrypt' | 'Decrypt', data: Uint8Array) => {
    checked ??= check()
    try {
      await checked
    } catch (error) {
      checked = undefined
      throw error
    }
    return (await call(method, v1Request, v1Response, { version, data })).data
  }
  return { encrypt: (plain) => ask('Encrypt', plain), decrypt: (cipher) => ask('Decrypt', cipher), close }
}
