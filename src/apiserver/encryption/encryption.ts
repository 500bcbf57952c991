import type { SealedResource } from './sealed-resource.ts'

/** What of the store is encrypted, and how: it may change while the server runs. */
export interface Encryption {
  /** undefined: the resource lies in clear. `storagePrefix`: `secrets`, `apps.example.com/widgets`. */
  of(storagePrefix: string): SealedResource | undefined
}
