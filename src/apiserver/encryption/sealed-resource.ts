import { type EncryptionProvider, isSealed } from './providers/provider.ts'

/**
 * How the values of a resource are encrypted: by the first provider; what any of them sealed can be read (apiserver
 * pkg/storage/value prefixTransformers).
 */
export class SealedResource {
  readonly #providers: readonly { readonly provider: EncryptionProvider; readonly prefix: Buffer }[]

  constructor(providers: readonly EncryptionProvider[]) {
    this.#providers = providers.map((provider) => ({ provider, prefix: Buffer.from(provider.prefix) }))
  }

  /** Throws, or rejects, when the value cannot be sealed now. */
  seal(storeKey: string, plain: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const { provider, prefix } = this.#providers[0]!
    const marked = (sealed: Buffer) => (prefix.length === 0 ? sealed : Buffer.concat([prefix, sealed]))
    const failed = (error: unknown): never => {
      throw new Error(`unable to transform key "${storeKey}": ${(error as Error).message}`, { cause: error })
    }
    try {
      const sealed = provider.seal(storeKey, plain)
      return sealed instanceof Promise ? sealed.then(marked, failed) : marked(sealed)
    } catch (error) {
      return failed(error)
    }
  }

  /** Throws, or rejects, when none of the providers can read the value. */
  open(storeKey: string, value: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    return this.#openBy(0, storeKey, bytes, [])
  }

  #openBy(start: number, storeKey: string, bytes: Buffer, failures: string[]): Uint8Array | Promise<Uint8Array> {
    for (let at = start; at < this.#providers.length; at++) {
      const { provider, prefix } = this.#providers[at]!
      if (!bytes.subarray(0, prefix.length).equals(prefix)) continue
      try {
        const opened = provider.open(storeKey, bytes.subarray(prefix.length))
        if (!(opened instanceof Promise)) return opened
        return opened.catch((error: unknown) =>
          this.#openBy(at + 1, storeKey, bytes, [...failures, (error as Error).message]),
        )
      } catch (error) {
        failures.push((error as Error).message)
      }
    }
    const why = failures.length === 0 ? 'no matching prefix found' : failures.join(', ')
    throw new Error(`unable to transform key "${storeKey}": ${why}`)
  }

  /** Whether the value would be written otherwise now. */
  isStale(value: Uint8Array): boolean {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    const { provider, prefix } = this.#providers[0]!
    if (prefix.length === 0) return isSealed(bytes)
    if (!bytes.subarray(0, prefix.length).equals(prefix)) return true
    return provider.isStale?.(bytes.subarray(prefix.length)) ?? false
  }
}
