import type { Logger } from '../../machinery/log.ts'
import type { Entry, Operation, Store, StoreEvent, Watcher } from '../../store/store.ts'
import type { Encryption } from './encryption.ts'
import type { SealedResource } from './sealed-resource.ts'

/** A store whose values are encrypted beneath. */
export interface EncryptedStore extends Store {
  /** Whether what lies at a key would be written otherwise now: by another key, or in clear. */
  isStale(key: string): Promise<boolean>
}

/**
 * The store as the server sees it: values are encrypted on their way in and decrypted on their way out. A value that cannot be
 * decrypted is handed on as it lies there, so that one such value spoils no list but those that hold it. `root`: `/registry/`.
 */
export function encryptedStore(store: Store, root: string, encryption: Encryption, log: Logger): EncryptedStore {
  const prefixOf = storagePrefixes(root)
  const resourceOf = (key: string): SealedResource | undefined => encryption.of(prefixOf(key))

  function opened(entry: Entry): Entry | Promise<Entry> {
    const resource = resourceOf(entry.key)
    // Who wrote it in this process knows it already.
    if (resource === undefined || entry.attachment !== undefined) return entry
    const give = (value: Uint8Array): Entry => ({ ...entry, value })
    const giveUp = (error: unknown): Entry => {
      log.error('a stored value cannot be decrypted', { key: entry.key, why: (error as Error).message })
      return entry
    }
    try {
      const value = resource.open(entry.key, entry.value)
      return value instanceof Promise ? value.then(give, giveUp) : give(value)
    } catch (error) {
      return giveUp(error)
    }
  }
  function openedEvent(event: StoreEvent): StoreEvent | Promise<StoreEvent> {
    // Most resources lie in clear: their events go on as they are.
    if (resourceOf(event.type === 'put' ? event.entry.key : event.key) === undefined) return event
    const { previous } = event
    const before = previous && opened(previous)
    if (event.type === 'delete')
      return before instanceof Promise
        ? before.then((known) => ({ ...event, previous: known }))
        : { ...event, previous: before }
    const entry = opened(event.entry)
    if (entry instanceof Promise || before instanceof Promise)
      return Promise.all([entry, before]).then(([now, known]) => ({ ...event, entry: now, previous: known }))
    return { ...event, entry, previous: before }
  }
  const openedAll = async (entries: readonly (Entry | undefined)[]) =>
    Promise.all(entries.map(async (entry) => entry && opened(entry)))

  function sealed(operation: Operation): Operation | Promise<Operation> {
    if (operation.type !== 'put') return operation
    const value = resourceOf(operation.key)?.seal(operation.key, operation.value)
    if (value === undefined) return operation
    return value instanceof Promise ? value.then((done) => ({ ...operation, value: done })) : { ...operation, value }
  }

  return {
    durable: store.durable,
    shared: store.shared,
    revision: () => store.revision(),
    async get(key, options) {
      const { entry, revision } = await store.get(key, options)
      return { entry: entry && (await opened(entry)), revision }
    },
    async list(prefix, options) {
      const result = await store.list(prefix, options)
      if (result.entries.length === 0 || (isBelowResource(prefix, root) && resourceOf(prefix) === undefined))
        return result
      return { ...result, entries: (await openedAll(result.entries)) as Entry[] }
    },
    count: (prefix) => store.count(prefix),
    async transact(transaction) {
      const sealing = transaction.operations.map(sealed)
      const waits = sealing.some((operation) => operation instanceof Promise)
      const operations = waits
        ? await Promise.all(sealing.map(async (operation) => operation))
        : (sealing as Operation[])
      const result = await store.transact({ ...transaction, operations })
      return result.succeeded ? result : { ...result, entries: await openedAll(result.entries) }
    },
    watch: (prefix, after, watcher) => store.watch(prefix, after, inOrder(watcher, openedEvent)),
    compact: (revision) => store.compact(revision),
    size: () => store.size(),
    close: () => store.close(),
    async isStale(key) {
      const resource = resourceOf(key)
      if (resource === undefined) return false
      const { entry } = await store.get(key)
      return entry !== undefined && resource.isStale(entry.value)
    },
  }
}

/** Events as they are opened; what comes after one that must be waited for waits as well. */
function inOrder(watcher: Watcher, open: (event: StoreEvent) => StoreEvent | Promise<StoreEvent>): Watcher {
  let tail: Promise<void> | undefined
  function queue(work: () => Promise<void> | void): void {
    const mine: Promise<void> = (tail ?? Promise.resolve()).then(work).finally(() => {
      if (tail === mine) tail = undefined
    })
    tail = mine
  }
  return {
    onEvents(events, revision) {
      const opened = events.map(open)
      if (tail === undefined && !opened.some((event) => event instanceof Promise))
        return watcher.onEvents(opened as StoreEvent[], revision)
      queue(async () => watcher.onEvents(await Promise.all(opened.map(async (event) => event)), revision))
    },
    onProgress(revision) {
      if (tail === undefined) watcher.onProgress?.(revision)
      else queue(() => watcher.onProgress?.(revision))
    },
    onEnd: (error) => watcher.onEnd(error),
  }
}

const isBelowResource = (prefix: string, root: string): boolean => prefix.length > root.length

/** `secrets` of `/registry/secrets/default/a`; two segments where the layout has two. */
function storagePrefixes(root: string): (key: string) => string {
  return (key) => {
    const first = key.indexOf('/', root.length)
    const one = key.slice(root.length, first < 0 ? undefined : first)
    if (!one.includes('.') && one !== 'services') return one
    const second = first < 0 ? -1 : key.indexOf('/', first + 1)
    return key.slice(root.length, second < 0 ? undefined : second)
  }
}
