import type { StoredObject } from './stored-object.ts'

/** A change of one object, as the cache saw it. */
export interface CacheEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly revision: number
  /** The new state; for DELETED the last state, under the revision of the deletion. */
  readonly object: StoredObject
  /** The state before, for MODIFIED. */
  readonly previous: StoredObject | undefined
}

/** What a watcher is told. Bookmarks carry only a revision. */
export type WatchNotice =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: StoredObject }
  | { readonly type: 'BOOKMARK'; readonly revision: number; readonly initialEventsEnd: boolean }
