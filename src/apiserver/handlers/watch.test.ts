import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WatchEvent } from '../../client/transport.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { configMap, configMapsPath, openServer, pod, podsPath, type OpenServer } from '../open-server.fixture.ts'

/** Opens a watch and reads from it; `next` waits for so many events. */
async function watching(open: OpenServer, query: Record<string, string>, path = configMapsPath) {
  const abort = new AbortController()
  const events = await open.transport.watch({ method: 'GET', path, query, signal: abort.signal })
  const iterator = events[Symbol.asyncIterator]()
  return {
    async next(count = 1): Promise<string[]> {
      const seen: string[] = []
      for (let i = 0; i < count; i++) {
        const { value, done } = await iterator.next()
        if (done) {
          seen.push('end')
          break
        }
        seen.push(shown(value))
      }
      return seen
    },
    one: async () => (await iterator.next()).value as WatchEvent,
    stop: () => abort.abort(),
  }
}

function shown({ type, object }: WatchEvent): string {
  const { metadata, code } = object as KubeObject & { code?: number }
  if (type === 'ERROR') return `ERROR ${code}`
  if (type !== 'BOOKMARK') return `${type} ${metadata.name}`
  return metadata.annotations?.['k8s.io/initial-events-end'] === 'true' ? 'BOOKMARK initial' : 'BOOKMARK'
}
const revisionOf = ({ object }: WatchEvent) => Number((object as KubeObject).metadata.resourceVersion)

test('a watch from a revision hears exactly what came after it, in order', async () => {
  await using open = await openServer()
  const { body: a } = await open.call('POST', configMapsPath, configMap('a'))
  await open.call('POST', configMapsPath, configMap('b'))
  const watch = await watching(open, { resourceVersion: a.metadata.resourceVersion! })
  await open.call('PATCH', `${configMapsPath}/a`, { data: { x: 'y' } }, { contentType: 'application/merge-patch+json' })
  await open.call('DELETE', `${configMapsPath}/b`)
  assert.deepEqual(await watch.next(3), ['ADDED b', 'MODIFIED a', 'DELETED b'])
})

test('a deletion carries the last object with the revision of the deletion', async () => {
  await using open = await openServer()
  const { body: made } = await open.call('POST', configMapsPath, configMap('a', {}, { x: 'y' }))
  const watch = await watching(open, { resourceVersion: made.metadata.resourceVersion! })
  await open.call('DELETE', `${configMapsPath}/a`)
  const event = await watch.one()
  assert.equal(revisionOf(event), await open.store.revision())
  assert.deepEqual((event.object as { data?: object }).data, { x: 'y' })
})

test('a watch from nowhere begins with the present state and, with bookmarks, says where that ends', async () => {
  await using open = await openServer()
  await open.call('POST', configMapsPath, configMap('a'))
  const watch = await watching(open, { allowWatchBookmarks: 'true' })
  await open.call('POST', configMapsPath, configMap('b'))
  assert.deepEqual(await watch.next(3), ['ADDED a', 'BOOKMARK initial', 'ADDED b'])
})

test('a watch list needs resourceVersionMatch, and a watch may do without initial events', async () => {
  await using open = await openServer()
  await open.call('POST', configMapsPath, configMap('a'))
  const refused = await open.call('GET', configMapsPath, undefined, {
    query: { watch: 'true', sendInitialEvents: 'true' },
  })
  assert.equal(
    (refused.body as unknown as { message: string }).message,
    'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
  )
  const query = { sendInitialEvents: 'false', resourceVersionMatch: 'NotOlderThan' }
  const watch = await watching(open, query)
  await open.call('POST', configMapsPath, configMap('b'))
  assert.deepEqual(await watch.next(), ['ADDED b'])
})

test('what enters a selection is added, what leaves it is deleted', async () => {
  await using open = await openServer()
  const watch = await watching(open, { labelSelector: 'on=yes' })
  const label = (on: string | null) =>
    open.call(
      'PATCH',
      `${configMapsPath}/a`,
      { metadata: { labels: { on } } },
      { contentType: 'application/merge-patch+json' },
    )
  await open.call('POST', configMapsPath, configMap('a'))
  await label('yes')
  await open.call('PATCH', `${configMapsPath}/a`, { data: { x: 'y' } }, { contentType: 'application/merge-patch+json' })
  await label('no')
  await label('never')
  const { body } = await open.call('DELETE', `${configMapsPath}/a`)
  assert.ok(body)
  await open.call('POST', configMapsPath, configMap('b', { labels: { on: 'yes' } }))
  const [added, modified] = [await watch.one(), await watch.one()]
  assert.deepEqual([shown(added), shown(modified)], ['ADDED a', 'MODIFIED a'])
  const gone = await watch.one()
  assert.equal(shown(gone), 'DELETED a')
  // The object as it was while it was selected, at the revision at which it left.
  assert.equal((gone.object as KubeObject).metadata.labels?.['on'], 'yes')
  assert.ok(revisionOf(gone) > revisionOf(modified))
  assert.deepEqual(await watch.next(), ['ADDED b'])
})

test('fields select events too: a node hears of its pods only', async () => {
  await using open = await openServer()
  const watch = await watching(open, { fieldSelector: 'spec.nodeName=n1' }, '/api/v1/pods')
  await open.call('POST', podsPath, pod('a'))
  await open.call('POST', podsPath, pod('b', {}, { nodeName: 'n2' }))
  await open.call('POST', `${podsPath}/a/binding`, { metadata: { name: 'a' }, target: { kind: 'Node', name: 'n1' } })
  assert.deepEqual(await watch.next(), ['ADDED a'])
})

test('one object is watched by its name, by field or by path', async () => {
  await using open = await openServer()
  const byField = await watching(open, { fieldSelector: 'metadata.name=b' })
  const byPath = await watching(open, {}, '/api/v1/watch/namespaces/default/configmaps/b')
  for (const name of ['a', 'b']) await open.call('POST', configMapsPath, configMap(name))
  assert.deepEqual(await byField.next(), ['ADDED b'])
  assert.deepEqual(await byPath.next(), ['ADDED b'])
})

test('a watch goes back to before the cache was filled, as far as the store remembers', async () => {
  await using open = await openServer()
  const { body: first } = await open.call('POST', configMapsPath, configMap('a'))
  await open.call('DELETE', `${configMapsPath}/a`)
  await open.call('POST', configMapsPath, configMap('b', { labels: { x: 'y' } }))
  await open.call('PATCH', `${configMapsPath}/b`, { data: { x: 'y' } }, { contentType: 'application/merge-patch+json' })
  const { resourceVersion = '' } = first.metadata
  const watch = await watching(open, { resourceVersion })
  assert.deepEqual(await watch.next(3), ['DELETED a', 'ADDED b', 'MODIFIED b'])
  const selective = await watching(open, { resourceVersion, labelSelector: 'x=y' })
  assert.deepEqual(await selective.next(2), ['ADDED b', 'MODIFIED b'])
})

test('a revision that was compacted is told as an event', async () => {
  await using open = await openServer()
  const { body: first } = await open.call('POST', configMapsPath, configMap('a'))
  await open.call('POST', configMapsPath, configMap('b'))
  await open.store.compact(await open.store.revision())
  const watch = await watching(open, { resourceVersion: first.metadata.resourceVersion! })
  const event = await watch.one()
  const { code, reason, message } = event.object as { code: number; reason: string; message: string }
  assert.deepEqual([event.type, code, reason], ['ERROR', 410, 'Expired'])
  assert.match(message, /^too old resource version: \d+ \(\d+\)$/)
  assert.deepEqual(await watch.next(), ['end'])
})

test('bookmarks tell of progress elsewhere, and only those who asked', async () => {
  const clock = new VirtualClock()
  await using open = await openServer({ clock })
  const asked = await watching(open, { allowWatchBookmarks: 'true', resourceVersion: '1' })
  const silent = await watching(open, { resourceVersion: '1' })
  await open.call('POST', podsPath, pod('elsewhere'))
  const revision = await open.store.revision()
  await clock.advance(61_000)
  const bookmark = await asked.one()
  assert.equal(shown(bookmark), 'BOOKMARK')
  assert.equal(revisionOf(bookmark), revision)
  assert.deepEqual(Object.keys(bookmark.object as object), ['kind', 'apiVersion', 'metadata'])
  await open.call('POST', configMapsPath, configMap('a'))
  assert.deepEqual(await silent.next(), ['ADDED a'])
})

test('a watch ends when its time is up, and when the server stops', async () => {
  const clock = new VirtualClock()
  const open = await openServer({ clock })
  const timed = await watching(open, { timeoutSeconds: '5', resourceVersion: '1' })
  const endless = await watching(open, { resourceVersion: '1' })
  await clock.advance(5000)
  assert.deepEqual(await timed.next(), ['end'])
  await open[Symbol.asyncDispose]()
  assert.deepEqual(await endless.next(), ['end'])
})

test('a watched Table prints its columns once', async () => {
  await using open = await openServer()
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
  const events = await open.transport.watch({ method: 'GET', path: configMapsPath, accept })
  for (const name of ['a', 'b']) await open.call('POST', configMapsPath, configMap(name))
  const tables: { rows: { cells: unknown[] }[]; columnDefinitions: unknown[] | null }[] = []
  for await (const { object } of events) {
    tables.push(object as never)
    if (tables.length === 2) break
  }
  assert.deepEqual(
    tables.map(({ rows }) => rows[0]!.cells[0]),
    ['a', 'b'],
  )
  assert.equal(tables[0]!.columnDefinitions!.length, 3)
  assert.equal(tables[1]!.columnDefinitions, null)
})

test('twenty watches that begin at different revisions agree on what they hear', async () => {
  await using open = await openServer()
  const begin: string[] = []
  for (let i = 0; i < 20; i++) {
    const { body } = await open.call('POST', configMapsPath, configMap(`c${i}`))
    begin.push(body.metadata.resourceVersion!)
  }
  const watches = await Promise.all(begin.map((resourceVersion) => watching(open, { resourceVersion })))
  await open.call('DELETE', `${configMapsPath}/c0`)
  for (const [index, watch] of watches.entries()) {
    const expected = Array.from({ length: 19 - index }, (_, i) => `ADDED c${index + 1 + i}`)
    assert.deepEqual(await watch.next(20 - index), [...expected, 'DELETED c0'])
  }
})
