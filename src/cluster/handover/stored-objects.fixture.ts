import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * One valid object of each kind that is stored, a change to it, and the key under which kube-apiserver keeps it: the facts
 * of upstream's test/integration/etcd/data.go at v1.37.1, alpha and beta versions left out.
 */
export interface StoredObjectFact {
  readonly group: string
  readonly version: string
  readonly resource: string
  /** To be created in the namespace `handover`. */
  readonly object: { readonly metadata: { readonly name: string } }
  /** A merge patch; absent where nothing may change. */
  readonly change?: object
  readonly key: string
  /** `apps/v1`, where it is not the version that it is written in. */
  readonly storedAs?: string
  readonly status?: object
  readonly statusChange?: object
}

export const storedObjects: readonly StoredObjectFact[] = readFileSync(
  join(import.meta.dirname, 'stored-objects.jsonl'),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as StoredObjectFact)
