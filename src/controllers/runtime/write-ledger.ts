import { hasReached, type Informer } from '../../client/informer.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'

type AnyInformer = Pick<Informer<KubeObject>, 'revision' | 'get'>

interface Entry {
  /** The newest own write of each collection. */
  readonly writes: Map<AnyInformer, string>
  readonly deletions: { informer: AnyInformer; key: string; uid: string | undefined }[]
  lastMs: number
}

/** Upstream's ExpectationsTimeout: a cache that is behind for longer will not be waited for. */
const timeoutMs = 300_000

/**
 * Remembers what was written on behalf of a key, so that it is not reconciled against a cache from before: that would
 * create or delete twice (KEP-5647; upstream's expectations in pkg/controller/controller_utils.go).
 */
export class WriteLedger {
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()

  constructor(clock: Clock) {
    this.#clock = clock
  }
  wrote(key: string, informer: AnyInformer | undefined, result: KubeObject): void {
    const { resourceVersion } = result.metadata
    if (informer === undefined || resourceVersion === undefined) return
    const { writes } = this.#entry(key)
    const before = writes.get(informer)
    if (before === undefined || !hasReached(before, resourceVersion)) writes.set(informer, resourceVersion)
  }
  deleted(key: string, informer: AnyInformer | undefined, objectKey: string, uid: string | undefined): void {
    if (informer !== undefined) this.#entry(key).deletions.push({ informer, key: objectKey, uid })
  }
  /** The caches show everything that was written for the key. */
  caughtUp(key: string): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined) return true
    const behind = this.#clock.monotonic() - entry.lastMs < timeoutMs && isBehind(entry)
    if (!behind) this.#entries.delete(key)
    return !behind
  }
  forget(key: string): void {
    this.#entries.delete(key)
  }
  #entry(key: string): Entry {
    let entry = this.#entries.get(key)
    if (entry === undefined) this.#entries.set(key, (entry = { writes: new Map(), deletions: [], lastMs: 0 }))
    entry.lastMs = this.#clock.monotonic()
    return entry
  }
}

function isBehind({ writes, deletions }: Entry): boolean {
  for (const [informer, resourceVersion] of writes) if (!hasReached(informer.revision, resourceVersion)) return true
  return deletions.some(({ informer, key, uid }) => {
    const object = informer.get(key)
    return object !== undefined && object.metadata.uid === uid && object.metadata.deletionTimestamp === undefined
  })
}
