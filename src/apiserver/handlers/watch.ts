import { ApiError, expired } from '../../machinery/errors.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Random } from '../../machinery/random.ts'
import type { ObjectConversion, WatchAnswer, WatchSink } from '../answer.ts'
import type { ResourceCache, WatchScope } from '../cache/resource-cache.ts'
import type { StoredObject } from '../cache/stored-object.ts'
import type { StoreFeed } from '../cache/store-feed.ts'
import type { CacheEvent, WatchNotice } from '../cache/watch-event.ts'
import type { ListOptions } from './list-options.ts'
import { readyForms } from '../registry/stored-form.ts'
import { inVersion, showsForms, type Resource } from './resource.ts'
import { parseResourceVersion, reach } from './resource-version.ts'
import { selectionOf, type Selection } from './selection.ts'

export interface Watching {
  readonly feed: StoreFeed
  readonly clock: Clock
  readonly random: Random
  /** Seconds after which a watch without timeoutSeconds ends, at least; at most twice as many. */
  readonly minRequestTimeoutSeconds: number
  /** Calls back when the server stops: every watch then ends in order. */
  readonly onStop: (callback: () => void) => () => void
}

const bookmarkEveryMs = 60_000
/** What a slow reader may leave lying; beyond that its watch is cut and it begins again. */
const maxBacklog = 16 * 1024 * 1024

/**
 * Starts a watch: where it begins follows from resourceVersion and sendInitialEvents as upstream's cacher has it
 * (storage/cacher/cacher.go, Watch). Errors after the parameters are good come as an ERROR event, not as an answer.
 */
export async function watch(
  resource: Resource,
  namespace: string,
  options: ListOptions,
  convert: ObjectConversion | undefined,
  watching: Watching,
): Promise<WatchAnswer> {
  const { definition } = resource
  const wanted = parseResourceVersion(options.resourceVersion)
  const selection = selectionOf(definition, namespace, options.labels, options.fields)
  const cache = await resource.registry.storage.cache()
  const { feed } = watching
  let refusal = overAlready(options)
  try {
    if (options.resourceVersion === '' && options.sendInitialEvents !== undefined) await feed.caughtUp()
    if (options.sendInitialEvents === true) await reach(wanted, watching)
    if (options.sendInitialEvents !== true && wanted > 0) await resource.registry.storage.extendHistory(wanted)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    refusal = error
  }
  const open = (sink: WatchSink): (() => void) => {
    if (refusal !== undefined) {
      sink.error(refusal.status)
      return () => {}
    }
    return new Watch(resource, cache, selection, options, wanted, watching, sink).start()
  }
  return { type: 'watch', definition, convert, open }
}

/** A watch that is to end before it begins. */
function overAlready({ timeoutSeconds = 0 }: ListOptions): ApiError | undefined {
  if (timeoutSeconds >= 0) return undefined
  return new ApiError({ code: 500, reason: 'InternalError', message: 'context deadline exceeded' })
}

class Watch {
  readonly #resource: Resource
  readonly #cache: ResourceCache
  readonly #selection: Selection
  readonly #options: ListOptions
  readonly #wanted: number
  readonly #watching: Watching
  readonly #sink: WatchSink
  readonly #converts: boolean
  readonly #scope: WatchScope
  /** Whether the scope says all that is selected, so that events need not be looked into. */
  readonly #keyed: boolean
  /** What waits for objects to be converted; everything after it waits as well. */
  #later: Promise<void> | undefined
  #stopped = false
  #cleanups: (() => void)[] = []
  #toldRevision = 0

  constructor(
    resource: Resource,
    cache: ResourceCache,
    selection: Selection,
    options: ListOptions,
    wanted: number,
    watching: Watching,
    sink: WatchSink,
  ) {
    this.#resource = resource
    this.#cache = cache
    this.#selection = selection
    this.#options = options
    this.#wanted = wanted
    this.#watching = watching
    this.#sink = sink
    this.#converts = showsForms(resource.definition)
    this.#scope = this.#scopeOf()
    this.#keyed = selection.byKeyOnly && (selection.name === undefined || this.#scope.key !== undefined)
  }

  start(): () => void {
    const { feed, onStop } = this.#watching
    const scope = this.#scope
    const { allowWatchBookmarks } = this.#options
    // 00 is any version, but not the one for which initial events are the default.
    const isFromAny = this.#options.sendInitialEvents === undefined && this.#wanted === 0
    if (this.#options.sendInitialEvents === true || isFromAny) {
      const objects = this.#inScope(scope)
      const revision = Math.max(feed.revision, this.#wanted)
      this.#when(objects, () => {
        for (const object of objects)
          if (this.#selection.matches(object)) this.#sink.notice({ type: 'ADDED', object: this.#shown(object) })
        if (allowWatchBookmarks && !isFromAny) this.#sink.notice({ type: 'BOOKMARK', revision, initialEventsEnd: true })
      })
    } else if (this.#wanted > 0) {
      const events = this.#cache.eventsAfter(this.#wanted, scope)
      if (events === undefined) {
        const message = `too old resource version: ${this.#wanted} (${this.#cache.oldestRevision})`
        this.#sink.error(expired(message).status)
        return () => {}
      }
      this.#when(events.flatMap(objectsOf), () => {
        for (const event of events) this.#take(event)
      })
    }
    this.#toldRevision = Math.max(feed.revision, this.#wanted)
    this.#cleanups.push(
      this.#cache.subscribe(scope, {
        onEvent: (event) => this.#onEvent(event),
        onEnd: () => this.#end(),
      }),
      onStop(() => this.#end()),
    )
    this.#keepTime()
    return () => this.stop()
  }

  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    for (const cleanup of this.#cleanups) cleanup()
    this.#cleanups = []
  }

  #scopeOf(): WatchScope {
    const { name, namespace } = this.#selection
    const { namespaced } = this.#resource.definition
    if (name !== undefined && (!namespaced || namespace !== undefined)) {
      return { key: namespaced ? `${namespace}/${name}` : name }
    }
    return { namespace: namespaced ? namespace : undefined, field: this.#selection.indexed }
  }

  /** Does `next` at once or, when these objects or earlier ones have yet to be converted, in its turn. */
  #when(objects: readonly StoredObject[], next: () => void): void {
    const ready = readyForms(this.#resource.definition, objects)
    if (ready === undefined && this.#later === undefined) return next()
    const turn = (this.#later ?? Promise.resolve())
      .then(() => ready)
      .then(() => {
        if (!this.#stopped) next()
      })
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        if (this.#later === turn) this.#later = undefined
      })
    this.#later = turn
  }

  #fail(error: unknown): void {
    if (this.#stopped) return
    const message = error instanceof Error ? error.message : String(error)
    this.stop()
    this.#sink.error((error instanceof ApiError ? error : new ApiError({ code: 500, message })).status)
  }

  #inScope(scope: WatchScope): StoredObject[] {
    if (scope.key !== undefined) {
      const found = this.#cache.get(scope.key)
      return found === undefined ? [] : [found]
    }
    return !scope.namespace && scope.field !== undefined
      ? this.#cache.byField(scope.field)
      : this.#cache.list(scope.namespace ? `${scope.namespace}/` : '')
  }

  #onEvent(event: CacheEvent): void {
    if (event.revision <= this.#wanted) return
    if (this.#converts) this.#when(objectsOf(event), () => this.#tell(event))
    else this.#tell(event)
  }

  #tell(event: CacheEvent): void {
    this.#take(event)
    if (this.#sink.backlog > maxBacklog) this.#end()
  }

  #take(event: CacheEvent): void {
    const notice = this.#notice(event)
    if (notice !== undefined) this.#sink.notice(notice)
  }

  /** What the change means for someone who sees only the selected objects: entering is ADDED, leaving is DELETED. */
  #notice(event: CacheEvent): WatchNotice | undefined {
    const { type, object, previous } = event
    if (this.#keyed) return this.#as(type, event)
    const matches = this.#selection.matches(object)
    if (type !== 'MODIFIED') return matches ? this.#as(type, event) : undefined
    const matched = previous !== undefined && this.#selection.matches(previous)
    if (matches) return this.#as(matched ? 'MODIFIED' : 'ADDED', event)
    if (!matched) return undefined
    const last = this.#shown(previous)
    return { type: 'DELETED', object: last.rendition(event, () => last.atRevision(event.revision)) }
  }

  /** The event itself is the notice where it says the same: nothing is made per watch. */
  #as(type: CacheEvent['type'], event: CacheEvent): WatchNotice {
    if (!this.#converts && type === event.type) return event
    return { type, object: this.#shown(event.object) }
  }

  #shown(object: StoredObject): StoredObject {
    return this.#converts ? inVersion(this.#resource.definition, object) : object
  }

  #keepTime(): void {
    const { clock, random, minRequestTimeoutSeconds } = this.#watching
    const seconds = this.#options.timeoutSeconds || minRequestTimeoutSeconds * (1 + random.float())
    this.#cleanups.push(clock.after(seconds * 1000, () => this.#end()))
    if (!this.#options.allowWatchBookmarks) return
    let cancel = () => {}
    const bookmark = () => {
      this.#bookmark()
      cancel = clock.after(bookmarkEveryMs, bookmark)
    }
    // Shortly before the end as well, so that the next watch begins where this one ended (upstream: 2 s before).
    cancel = clock.after(bookmarkEveryMs * (0.9 + random.float() * 0.1), bookmark)
    this.#cleanups.push(() => cancel())
    if (seconds > 2) this.#cleanups.push(clock.after((seconds - 2) * 1000, () => this.#bookmark()))
  }

  #bookmark(): void {
    const { revision } = this.#watching.feed
    if (this.#stopped || revision <= this.#toldRevision) return
    this.#toldRevision = revision
    this.#when([], () => {
      this.#sink.notice({ type: 'BOOKMARK', revision, initialEventsEnd: false })
    })
  }

  #end(): void {
    if (this.#stopped) return
    this.stop()
    this.#sink.end()
  }
}

function objectsOf({ object, previous }: CacheEvent): StoredObject[] {
  return previous === undefined ? [object] : [object, previous]
}
