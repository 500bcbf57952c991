/** Turns JSON bytes into what lies in the store and back: encryption at rest, values that another server wrote. */
export interface ValueTransformer {
  toStore(key: string, value: Uint8Array): Uint8Array
  fromStore(key: string, value: Uint8Array): Uint8Array
}
