import type { ResourceDefinition } from '../../api/definition.ts'
import { badRequest, expired, type ApiError } from '../../machinery/errors.ts'
import type { Clock } from '../../machinery/clock.ts'
import { Compacted, FutureRevision } from '../../store/store.ts'
import type { ListAnswer } from '../answer.ts'
import type { ResourceCache } from '../cache/resource-cache.ts'
import type { StoredObject } from '../cache/stored-object.ts'
import type { StoreFeed } from '../cache/store-feed.ts'
import { decodeContinue, encodeContinue } from './continue-token.ts'
import type { ListOptions } from './list-options.ts'
import type { ListSource } from '../registry/storage-metrics.ts'
import { readyForms } from '../registry/stored-form.ts'
import { inVersion, showsForms, type Resource } from './resource.ts'
import { clientResourceVersion, mustBeReached, reach, tooLargeResourceVersion } from './resource-version.ts'
import { selectionOf, type Selection } from './selection.ts'

export interface Reading {
  readonly feed: StoreFeed
  readonly clock: Clock
}

interface Page {
  readonly source: ListSource
  /** The index by which they were found, ''. */
  readonly index: string
  /** How many objects were read for it. */
  readonly fetched: number
  readonly items: readonly StoredObject[]
  readonly revision: number
  /** The key of the last item that was looked at, when more lie behind it. */
  readonly moreAfter: string | undefined
  /** How many lie behind it; undefined when a selector makes that unknowable. */
  readonly remaining: number | undefined
}

/**
 * Upstream's table of resourceVersion and resourceVersionMatch (storage/cacher/delegator): exact versions and pages after
 * the first come from the store's history, everything else from the cache, fresh enough.
 */
export async function list(
  resource: Resource,
  namespace: string,
  options: ListOptions,
  reading: Reading,
): Promise<ListAnswer> {
  const { definition } = resource
  const selection = selectionOf(definition, namespace, options.labels, options.fields)
  const page = await read(resource, selection, options, reading)
  const { storage } = resource.registry
  storage.metrics.listed(page.source, page.index, page.fetched, page.items.length)
  return {
    type: 'list',
    code: 200,
    definition,
    metadata: {
      resourceVersion: String(page.revision),
      ...(page.moreAfter === undefined
        ? ofLastPage(definition)
        : {
            continue: encodeContinue({
              after: withoutPrefix(page.moreAfter, prefixOf(selection, resource)),
              revision: page.revision,
            }),
            remainingItemCount: page.remaining,
          }),
    },
    items: showsForms(definition) ? page.items.map((item) => inVersion(definition, item)) : page.items,
  }
}

/** Lists of custom resources say that nothing follows (apimachinery unstructured SetContinue). */
function ofLastPage({ protobuf }: ResourceDefinition): { readonly continue?: string } {
  return protobuf ? {} : { continue: '' }
}

async function read(resource: Resource, selection: Selection, options: ListOptions, reading: Reading): Promise<Page> {
  const wanted = clientResourceVersion(options.resourceVersion)
  const cached = resource.definition.rules.withoutWatchCache !== true
  const { storage } = resource.registry
  if (options.continue !== '') {
    const token = decodeContinue(options.continue)
    if (options.resourceVersion !== '' && options.resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue')
    }
    const after = prefixOf(selection, resource) + token.after
    // Version 0 knows no pages, here as below.
    const paged = options.resourceVersion === '0' && cached ? { ...options, limit: 0 } : options
    if (token.revision > 0) return readHistory(resource, selection, paged, token.revision, after)
    const cache = await shown(await storage.freshCache(), selection, resource)
    return readCache(cache, reading.feed.revision, selection, resource, options.limit, after)
  }
  // No version but 0 is any version: 00 is the newest one where it is to be exact.
  const exact =
    wanted > 0 &&
    (options.resourceVersionMatch === 'Exact' || (options.resourceVersionMatch === '' && options.limit > 0))
  if (exact && wanted !== reading.feed.revision) {
    return readHistory(resource, selection, options, wanted, undefined)
  }
  if (options.resourceVersion === '' || (wanted === 0 && options.resourceVersionMatch === 'Exact')) {
    const cache = await shown(await storage.freshCache(), selection, resource)
    storage.metrics.consistentRead()
    return readCache(cache, reading.feed.revision, selection, resource, options.limit, undefined)
  }
  const cache = await storage.cache()
  if (cached) await reach(wanted, reading)
  else mustBeReached(wanted, reading)
  // Version 0: any state will do, and there are no pages.
  const limit = options.resourceVersion === '0' && cached ? 0 : options.limit
  await shown(cache, selection, resource)
  return readCache(cache, reading.feed.revision, selection, resource, limit, undefined)
}

/** Waits until all that may be read is known in the resource's version. */
async function shown(cache: ResourceCache, selection: Selection, resource: Resource): Promise<ResourceCache> {
  const { definition } = resource
  if (definition.rules.storedForm === undefined) return cache
  for (;;) {
    const pending = readyForms(definition, cache.list(prefixOf(selection, resource)))
    if (pending === undefined) return cache
    await pending
  }
}

function readCache(
  cache: ResourceCache,
  revision: number,
  selection: Selection,
  resource: Resource,
  limit: number,
  after: string | undefined,
): Page {
  const { name, namespace } = selection
  const { namespaced } = resource.definition
  if (name !== undefined && (namespace !== undefined || !namespaced)) {
    const found = cache.get(namespaced ? `${namespace}/${name}` : name)
    const items = found !== undefined && selection.matches(found) ? [found] : []
    return { ...fromCache, fetched: 1, items, revision, moreAfter: undefined, remaining: undefined }
  }
  const within = prefixOf(selection, resource)
  if (limit === 0 && after === undefined) {
    const { indexed } = selection
    const found = within === '' ? indexed : undefined
    const all = found === undefined ? cache.list(within) : cache.byField(found)
    const items = selection.byKeyOnly && name === undefined ? all : all.filter((object) => selection.matches(object))
    const read = {
      source: 'watchcache',
      index: found === undefined ? '' : found.index.name,
      fetched: all.length,
    } as const
    return { ...read, items, revision, moreAfter: undefined, remaining: undefined }
  }
  const items: StoredObject[] = []
  let moreAfter: string | undefined
  let beyond = 0
  let fetched = 0
  for (const object of cache.range(within, after)) {
    fetched += 1
    if (limit > 0 && items.length >= limit) {
      moreAfter = items.at(-1)!.key
      if (!selection.everything) break
      beyond += 1
    } else if (selection.matches(object)) items.push(object)
  }
  return { ...fromCache, fetched, items, revision, moreAfter, remaining: selection.everything ? beyond : undefined }
}

const fromCache = { source: 'watchcache', index: '' } as const
const fromHistory = { source: 'etcd', index: '' } as const

async function readHistory(
  resource: Resource,
  selection: Selection,
  options: ListOptions,
  revision: number,
  after: string | undefined,
): Promise<Page> {
  const within = prefixOf(selection, resource)
  const items: StoredObject[] = []
  let from = after
  let fetched = 0
  // A selective list reads on until the page is full.
  const chunk = options.limit === 0 ? undefined : selection.everything ? options.limit : Math.max(options.limit, 500)
  try {
    for (;;) {
      const page = await resource.registry.storage.listAt({ within, at: revision, after: from, limit: chunk })
      fetched += page.objects.length
      for (const [index, object] of page.objects.entries()) {
        if (!selection.matches(object)) continue
        items.push(object)
        if (options.limit === 0 || items.length < options.limit) continue
        const rest = page.objects.length - index - 1 + page.remaining
        if (rest === 0) break
        const remaining = selection.everything ? rest : undefined
        return { ...fromHistory, fetched, items, revision, moreAfter: object.key, remaining }
      }
      const last = page.objects.at(-1)
      if (page.remaining === 0 || last === undefined) {
        return { ...fromHistory, fetched, items, revision, moreAfter: undefined, remaining: undefined }
      }
      from = last.key
    }
  } catch (error) {
    if (error instanceof Compacted) throw compacted(after, within)
    if (error instanceof FutureRevision) throw tooLargeResourceVersion(revision, 0, 1)
    throw error
  }
}

function prefixOf(selection: Selection, resource: Resource): string {
  return selection.namespace !== undefined && resource.definition.namespaced ? `${selection.namespace}/` : ''
}

function withoutPrefix(key: string, prefix: string): string {
  return key.slice(prefix.length)
}

/** The history is gone; a paged list may go on inconsistently (etcd3/errors.go). */
function compacted(after: string | undefined, within: string): ApiError {
  if (after === undefined) return expired('The resourceVersion for the provided list is too old.')
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
    'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
    'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
    'deleted between the time the first chunk was returned and now may show up in the list.'
  return expired(message, encodeContinue({ after: after.slice(within.length), revision: -1 }))
}
