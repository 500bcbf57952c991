/**
 * One way to encrypt values, with one key. `seal` and `open` take the key in the store as context, which providers that
 * authenticate bind the value to, so that values cannot be swapped.
 */
export interface EncryptionProvider {
  /** What a value that it sealed begins with, `k8s:enc:aesgcm:v1:key1:`; '' is the clear. */
  readonly prefix: string
  /** Throws, or rejects, when nothing can be sealed now. */
  seal(storeKey: string, plain: Uint8Array): Buffer | Promise<Buffer>
  /** Without the prefix. Throws, or rejects, when the value is not what was sealed. */
  open(storeKey: string, sealed: Buffer): Buffer | Promise<Buffer>
  /** Whether a value would be sealed otherwise now, though the prefix is the same. */
  isStale?(sealed: Buffer): boolean
}

/** One that holds its key, and waits for nobody. */
export interface KeyedProvider extends EncryptionProvider {
  seal(storeKey: string, plain: Uint8Array): Buffer
  open(storeKey: string, sealed: Buffer): Buffer
}

/** Every encrypted value begins so, whoever sealed it. */
export const sealedMark = 'k8s:enc:'
const mark = Buffer.from(sealedMark)

export function isSealed(value: Uint8Array): boolean {
  return value.byteLength >= mark.byteLength && mark.equals(value.subarray(0, mark.byteLength))
}
