import type { ResourceRef } from '../api/definition.ts'
import { type Clock, sleep } from '../machinery/clock.ts'
import { ApiError, isReason } from '../machinery/errors.ts'
import type { Logger } from '../machinery/log.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import type { Random } from '../machinery/random.ts'
import { createBackoff } from './backoff.ts'
import type { Client } from './client.ts'
import type { InformerOptions } from './informer.ts'
import type { Status } from './transport.ts'

/** What a reflector keeps up to date. */
export interface ReflectorSink<T extends KubeObject> {
  /** The whole collection, as of a list. */
  replace(objects: readonly T[]): void
  /** ADDED or MODIFIED. */
  put(object: T): void
  remove(object: T): void
  /** What came so far is complete up to this revision. */
  progress(revision: string): void
}

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: Client
  readonly ref: ResourceRef<T>
  readonly select: InformerOptions
  readonly sink: ReflectorSink<T>
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly signal: AbortSignal
  /** Begin with a streamed list where the server offers it (KEP-3157). */
  readonly watchList?: boolean
}

/** The server has not asked for it, yet a list that came in one answer beyond this is paged. */
const pageSize = 5000

/**
 * Mirrors a collection into a sink until the signal aborts: list, then watch from there, resume from the last revision
 * seen, list again when that is too old (client-go tools/cache/reflector.go).
 */
export async function reflect<T extends KubeObject>(options: ReflectorOptions<T>): Promise<void> {
  const { clock, random, log, signal, ref } = options
  const backoff = createBackoff({ clock, random, baseMs: 800, capMs: 30_000, resetMs: 120_000 })
  const state: State = { revision: '', tooOld: false, watchList: options.watchList ?? false }
  let listed = false
  while (!signal.aborted) {
    try {
      if (!listed) {
        listed = await fill(options, state)
        continue
      }
      await follow(options, state)
    } catch (error) {
      if (signal.aborted) return
      if (isReason(error, 'Expired', 'Gone')) {
        listed = false
        state.tooOld = true
        log.debug('watch fell behind, listing again', { resource: ref.resource, error: error.message })
        continue
      }
      if (error instanceof ApiError && error.code >= 400 && error.code < 500 && error.code !== 429) listed = false
      log.warn('watch failed', {
        resource: ref.resource,
        error: error instanceof Error ? error.message : String(error),
      })
      await pause(clock, backoff(), signal)
    }
  }
}

interface State {
  /** The last revision seen. */
  revision: string
  /** The last one was too old for the server: ask for the newest state. */
  tooOld: boolean
  watchList: boolean
}

async function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(clock, delayMs, signal)
  } catch {
    // Aborted: the caller's loop sees it.
  }
}

async function fill<T extends KubeObject>(options: ReflectorOptions<T>, state: State): Promise<boolean> {
  if (state.watchList) {
    try {
      return await fillFromWatch(options, state)
    } catch (error) {
      if (!isReason(error, 'Invalid', 'BadRequest', 'MethodNotAllowed', 'NotAcceptable', 'Forbidden')) throw error
      state.watchList = false
    }
  }
  const { client, ref, select, sink, signal } = options
  // '0': any state the server has at hand; after "too old" only the newest will do.
  const resourceVersion = state.tooOld ? '' : state.revision || '0'
  let page = await client.list(ref, { ...select, resourceVersion, limit: state.tooOld ? pageSize : undefined, signal })
  let items = page.items ?? []
  while (page.metadata.continue) {
    const limit = pageSize
    page = await client.list(ref, { ...select, limit, continue: page.metadata.continue, signal })
    items = [...items, ...(page.items ?? [])]
  }
  state.revision = page.metadata.resourceVersion ?? ''
  state.tooOld = false
  if (!signal.aborted) {
    sink.progress(state.revision)
    sink.replace(items.map((item) => typed(item, ref)))
  }
  return true
}

/** The items of a list carry no kind over the wire of some servers; an object alone always does. */
function typed<T extends KubeObject>(item: T, ref: ResourceRef<T>): T {
  if (item.kind && item.apiVersion) return item
  const apiVersion = ref.group === '' ? ref.version : `${ref.group}/${ref.version}`
  return Object.freeze({ ...item, apiVersion, kind: ref.kind })
}

async function fillFromWatch<T extends KubeObject>(options: ReflectorOptions<T>, state: State): Promise<boolean> {
  const { client, ref, select, sink, signal } = options
  const stop = new AbortController()
  const events = await client.watch(ref, {
    ...select,
    resourceVersion: state.tooOld ? '' : state.revision,
    resourceVersionMatch: 'NotOlderThan',
    sendInitialEvents: true,
    allowWatchBookmarks: true,
    signal: AbortSignal.any([signal, stop.signal]),
  })
  const initial = new Map<string, T>()
  const key = (object: T) => `${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`
  let complete = false
  for await (const event of events) {
    if (event.type === 'ERROR') throw new ApiError(event.object as Status)
    const object = event.object as T
    if (complete) receive(options, state, event.type, object)
    else if (event.type !== 'BOOKMARK') {
      if (event.type === 'DELETED') initial.delete(key(object))
      else initial.set(key(object), object)
    } else if (object.metadata.annotations?.['k8s.io/initial-events-end'] === 'true') {
      complete = true
      state.revision = object.metadata.resourceVersion ?? ''
      state.tooOld = false
      if (signal.aborted) break
      sink.progress(state.revision)
      sink.replace([...initial.values()])
      initial.clear()
    }
  }
  return complete
}

async function follow<T extends KubeObject>(options: ReflectorOptions<T>, state: State): Promise<void> {
  const { client, ref, select, clock, random, signal } = options
  const started = clock.monotonic()
  let received = 0
  const events = await client.watch(ref, {
    ...select,
    resourceVersion: state.revision,
    allowWatchBookmarks: true,
    // Spread out, so that not all watches of a server end in the same moment.
    timeoutSeconds: Math.floor(300 * (1 + random.float())),
    signal,
  })
  for await (const event of events) {
    if (signal.aborted) return
    received++
    if (event.type === 'ERROR') throw new ApiError(event.object as Status)
    receive(options, state, event.type, event.object as T)
  }
  if (!signal.aborted && received === 0 && clock.monotonic() - started < 1000)
    throw new Error('very short watch: it ended within a second without an event')
}

function receive<T extends KubeObject>(options: ReflectorOptions<T>, state: State, type: string, object: T): void {
  state.revision = object.metadata.resourceVersion ?? state.revision
  options.sink.progress(state.revision)
  if (type === 'ADDED' || type === 'MODIFIED') options.sink.put(object)
  else if (type === 'DELETED') options.sink.remove(object)
}
