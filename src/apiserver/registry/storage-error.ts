/** What the storage refuses, before the registry gives it the words of an API error (apiserver pkg/storage/errors.go). */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly kind: 'KeyNotFound' | 'KeyExists' | 'InvalidObject'

  constructor(kind: StorageError['kind'], key: string, detail = '<nil>') {
    const [text, code] = described[kind]
    super(`StorageError: ${text}, Code: ${code}, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${detail}`)
    this.kind = kind
  }
}

const described = {
  KeyNotFound: ['key not found', 1],
  KeyExists: ['key exists', 2],
  InvalidObject: ['invalid object', 4],
} as const
