import { hash, randomBytes } from 'node:crypto'
import type { Clock } from '../../../machinery/clock.ts'
import { aesCbc } from '../providers/aes-cbc.ts'
import { openGcm, sealGcm } from '../providers/aes-gcm.ts'
import type { KmsMetrics } from './kms-metrics.ts'
import type { KmsProvider } from './kms-provider.ts'
import type { KmsV1Client } from './kms-v1-client.ts'

const keyBytes = 32
/** For so long the plugin is not asked again how it is (kmsPluginHealthzPositiveTTL, kmsPluginHealthzNegativeTTL). */
const wellMs = 20_000
const unwellMs = 3_000

/**
 * The provider kms, version 1, which is deprecated: each value has a key of its own, which the plugin encrypts and which lies
 * before it (apiserver pkg/storage/value/encrypt/envelope/envelope.go). `cacheSize` keys are remembered; less than 0: none.
 */
export function createKmsV1Provider(options: {
  readonly name: string
  readonly cacheSize: number
  readonly client: KmsV1Client
  readonly clock: Clock
  readonly metrics: KmsMetrics
}): KmsProvider {
  const { name, cacheSize, client, clock, metrics } = options
  const known = new Map<string, Uint8Array>()
  let asked: { readonly at: number; readonly answer: Promise<string | undefined>; readonly forMs: number } | undefined

  function remember(encryptedKey: Uint8Array, key: Uint8Array): void {
    if (cacheSize <= 0) return
    if (known.size >= cacheSize) known.delete(known.keys().next().value!)
    known.set(hash('sha256', encryptedKey, 'base64'), key)
    metrics.filled(known.size / cacheSize)
  }
  async function probe(): Promise<string | undefined> {
    let step = 'encrypt'
    try {
      const sealed = await client.encrypt(Buffer.from('ping'))
      step = 'decrypt'
      await client.decrypt(sealed)
      return undefined
    } catch (error) {
      return `failed to perform ${step} section of the healthz check for KMS Provider ${name}, error: ${(error as Error).message}`
    }
  }

  return {
    prefix: `k8s:enc:kms:v1:${name}:`,
    async seal(storeKey, plain) {
      const key = metrics.made(() => randomBytes(keyBytes))
      const encryptedKey = await client.encrypt(key)
      remember(encryptedKey, key)
      const length = Buffer.alloc(2)
      length.writeUInt16BE(encryptedKey.length)
      return Buffer.concat([length, encryptedKey, sealGcm(key, storeKey, plain)])
    },
    open(storeKey, sealed) {
      const end = sealed.length < 2 ? Infinity : 2 + sealed.readUInt16BE(0)
      if (sealed.length < end)
        throw new Error('invalid data encountered by envelope transformer: failed to read uint16 length prefixed data')
      const encryptedKey = sealed.subarray(2, end)
      const data = sealed.subarray(end)
      const key = known.get(hash('sha256', encryptedKey, 'base64'))
      if (key !== undefined) return openEither(key, storeKey, data)
      metrics.missed()
      return client.decrypt(encryptedKey).then((decrypted) => {
        remember(encryptedKey, decrypted)
        return openEither(decrypted, storeKey, data)
      })
    },
    async health() {
      const now = clock.monotonic()
      if (asked !== undefined && now - asked.at < asked.forMs) return asked.answer
      const answer = probe()
      asked = { at: now, answer, forMs: wellMs }
      const why = await answer
      if (why !== undefined) asked = { at: now, answer, forMs: unwellMs }
      return why
    },
    ready: Promise.resolve(),
    close: () => client.close(),
  }
}

/** Before v1.24 values were sealed by AES-CBC. */
function openEither(key: Uint8Array, storeKey: string, data: Buffer): Buffer | Promise<Buffer> {
  try {
    return openGcm(key, storeKey, data)
  } catch {
    return aesCbc('', key).open(storeKey, data)
  }
}
