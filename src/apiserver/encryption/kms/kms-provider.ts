import { createHmac, hash, randomBytes } from 'node:crypto'
import type { Clock } from '../../../machinery/clock.ts'
import type { Logger } from '../../../machinery/log.ts'
import type { Random } from '../../../machinery/random.ts'
import { dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import { openGcm, sealGcm } from '../providers/aes-gcm.ts'
import type { EncryptionProvider } from '../providers/provider.ts'
import type { KmsClient } from './kms-client.ts'
import type { KmsMetrics } from './kms-metrics.ts'
import { dekSourceTypes, encryptedObject } from './messages.ts'

/** The plugin is asked how it is; more often while it is unwell (apiserver pkg/server/options/encryptionconfig). */
const healthyIntervalMs = 60_000
const unwellIntervalMs = 10_000
/** A seed goes on being used for so long after the last good word of the plugin. */
const seedLifetimeMs = 180_000
const rememberedKeys = 1000
const seedBytes = 32
const infoBytes = 32
const maxKeyIdBytes = 1024
const maxAnnotationBytes = 32 * 1024

interface WriteState {
  readonly seed: Buffer
  readonly keyId: string
  readonly encryptedSeed: Uint8Array
  readonly annotations: Readonly<Record<string, Uint8Array>>
  expiresAt: number
}

export interface KmsProvider extends EncryptionProvider {
  /** Why nothing can be sealed, or undefined. */
  health(): string | undefined | Promise<string | undefined>
  /** Resolves when the plugin was asked for the first time, whatever it said. */
  readonly ready: Promise<void>
  close(): void
}

/**
 * The provider kms, version 2: a seed that the plugin encrypted once serves all values until the plugin changes its key; each
 * value has a key of its own, derived from the seed (apiserver pkg/storage/value/encrypt/envelope/kmsv2). Seeds that others
 * wrote with are decrypted by the plugin when a value shows up, and remembered.
 */
export function createKmsProvider(options: {
  readonly name: string
  readonly client: KmsClient
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: KmsMetrics
}): KmsProvider {
  const { name, clock, random, log, metrics } = options
  const client = metrics.measured(name, options.client)
  const known = new Map<string, Uint8Array>()
  const asking = new Map<string, Promise<Uint8Array>>()
  let state: WriteState | undefined
  let failure: string | undefined = 'the plugin was not asked yet'
  let closed = false
  let cancel = () => {}

  function remember(id: string, key: Uint8Array): void {
    known.delete(id)
    if (known.size >= rememberedKeys) known.delete(known.keys().next().value!)
    known.set(id, key)
    metrics.remembered(name, known.size)
  }

  async function refresh(): Promise<void> {
    const { version, healthz, keyId } = await client.status()
    if (healthz !== 'ok') throw new Error(`got unexpected healthz status: ${healthz}`)
    if (version !== 'v2' && version !== 'v2beta1') throw new Error(`expected KMSv2 API version v2, got ${version}`)
    checkKeyId(keyId)
    const expiresAt = clock.monotonic() + seedLifetimeMs
    if (state?.keyId === keyId) state.expiresAt = expiresAt
    else {
      const seed = metrics.made(() => randomBytes(seedBytes))
      const answer = await client.encrypt(seed, random.uuid())
      checkKeyId(answer.keyId)
      if (answer.keyId !== keyId) throw new Error('failed to rotate DEK: Status and Encrypt name different keys')
      if (answer.ciphertext.length === 0 || answer.ciphertext.length > maxKeyIdBytes)
        throw new Error(`encrypted DEK source is ${answer.ciphertext.length} bytes, which is not 1 to ${maxKeyIdBytes}`)
      checkAnnotations(answer.annotations)
      state = { seed, keyId, encryptedSeed: answer.ciphertext, annotations: answer.annotations, expiresAt }
      remember(idOf(dekSourceTypes.hkdfSeed, answer.ciphertext, keyId, answer.annotations), seed)
    }
  }
  async function poll(): Promise<void> {
    try {
      await refresh()
      failure = undefined
    } catch (error) {
      failure = (error as Error).message
      if (!closed) log.error('a KMS plugin is not healthy', { plugin: name, why: failure })
    }
    if (!closed) cancel = clock.after(failure === undefined ? healthyIntervalMs : unwellIntervalMs, () => void poll())
  }

  async function keyOf(id: string, object: ReturnType<typeof encryptedObject.decode>): Promise<Uint8Array> {
    let answer = asking.get(id)
    if (answer === undefined) {
      metrics.missed()
      const { encryptedDekSource: ciphertext, keyId, annotations } = object
      answer = client
        .decrypt({ ciphertext, uid: random.uuid(), keyId, annotations })
        .then((key) => {
          remember(id, key)
          return key
        })
        .catch((error: unknown) => {
          throw new Error(`failed to decrypt DEK, error: ${(error as Error).message}`, { cause: error })
        })
        .finally(() => asking.delete(id))
      asking.set(id, answer)
    }
    return answer
  }

  return {
    prefix: `k8s:enc:kms:v2:${name}:`,
    seal(storeKey, plain) {
      if (state === undefined) throw new Error(`the KMS plugin ${name} cannot encrypt: ${failure}`)
      if (clock.monotonic() > state.expiresAt)
        throw new Error(`EDEK with keyID hash "${hash('sha256', state.keyId)}" expired: ${failure}`)
      return Buffer.from(
        encryptedObject.encode({
          encryptedData: sealDerived(state.seed, storeKey, plain),
          keyId: state.keyId,
          encryptedDekSource: state.encryptedSeed,
          annotations: state.annotations,
          encryptedDekSourceType: dekSourceTypes.hkdfSeed,
        }),
      )
    },
    open(storeKey, sealed) {
      const object = encryptedObject.decode(sealed)
      const { encryptedDekSourceType: type, encryptedDekSource, keyId, annotations } = object
      const id = idOf(type, encryptedDekSource, keyId, annotations)
      const data = Buffer.from(object.encryptedData)
      const openWith = (key: Uint8Array) =>
        type === dekSourceTypes.hkdfSeed ? openDerived(key, storeKey, data) : openGcm(key, storeKey, data)
      const key = known.get(id)
      return key === undefined ? keyOf(id, object).then(openWith) : openWith(key)
    },
    isStale(sealed) {
      const { keyId, encryptedDekSourceType } = encryptedObject.decode(sealed)
      return state !== undefined && (keyId !== state.keyId || encryptedDekSourceType !== dekSourceTypes.hkdfSeed)
    },
    health: () => failure && `kmsv2 Provider ${name} is not healthy, error: ${failure}`,
    ready: poll(),
    close() {
      closed = true
      cancel()
      client.close()
    },
  }
}

/** A fresh key for each value, from the seed and 32 random bytes before it (HKDF-Expand, RFC 5869, one block). */
function sealDerived(seed: Uint8Array, storeKey: string, plain: Uint8Array): Buffer {
  const info = randomBytes(infoBytes)
  return Buffer.concat([info, sealGcm(derivedKey(seed, info), storeKey, plain)])
}

function openDerived(seed: Uint8Array, storeKey: string, sealed: Buffer): Buffer {
  if (sealed.length < infoBytes) throw new Error('the stored data was shorter than the required size')
  return openGcm(derivedKey(seed, sealed.subarray(0, infoBytes)), storeKey, sealed.subarray(infoBytes))
}

function derivedKey(seed: Uint8Array, info: Buffer): Buffer {
  return createHmac('sha256', seed).update(info).update(Buffer.of(1)).digest()
}

/** A digest of what the plugin needs to find the key. */
function idOf(
  type: number,
  source: Uint8Array,
  keyId: string,
  annotations: Readonly<Record<string, Uint8Array>>,
): string {
  const told = Object.keys(annotations)
    .sort()
    .map((key) => [key, Buffer.from(annotations[key]!).toString('base64')])
  return hash('sha256', JSON.stringify([type, Buffer.from(source).toString('base64'), keyId, told]), 'base64')
}

/** The plugin's notes lie in clear beside each value (ValidateEncryptedObject). */
function checkAnnotations(annotations: Readonly<Record<string, Uint8Array>>): void {
  const faults = Object.keys(annotations).flatMap((key) => {
    const name = key.replace(/\.$/, '')
    if (!name.includes('.')) return ['should be a domain with at least two segments separated by dots']
    return dns1123Subdomain(name)
  })
  if (faults.length > 0) throw new Error(`failed to validate annotations: ${faults.join(', ')}`)
  const size = Object.entries(annotations).reduce((sum, [key, value]) => sum + key.length + value.length, 0)
  if (size > maxAnnotationBytes)
    throw new Error(`total size of annotations is ${size}, which exceeds the max size of ${maxAnnotationBytes}`)
}

function checkKeyId(keyId: string): void {
  if (keyId === '') throw new Error('got invalid KMSv2 KeyID hash "": keyID is empty')
  if (Buffer.byteLength(keyId) > maxKeyIdBytes)
    throw new Error(`keyID is ${Buffer.byteLength(keyId)} bytes, which exceeds the max size of ${maxKeyIdBytes}`)
}
