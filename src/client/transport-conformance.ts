import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../api/core/v1/config-map.ts'
import type { ConfigMap } from '../api/types.generated.ts'
import { ApiError, isReason } from '../machinery/errors.ts'
import { createClient } from './create-client.ts'
import type { Transport, WatchEvent } from './transport.ts'

/** A server with the namespace `default`, reached by the transport under test; ConfigMaps may be written. */
export interface TransportSubject {
  readonly transport: Transport
  readonly stop: () => Promise<void>
}

/** What every transport does. `name` of the transport, for the titles of the tests. */
export function testTransport(name: string, start: () => Promise<TransportSubject>): void {
  const it = (title: string, run: (subject: TransportSubject) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      const subject = await start()
      try {
        await run(subject)
      } finally {
        await subject.stop()
      }
    })
  const namespace = 'default'
  const make = (name: string, value: string, labels?: Record<string, string>): ConfigMap => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels },
    data: { value },
  })

  it('writes and reads objects, frozen', async ({ transport }) => {
    const client = createClient(transport)
    const made = await client.create(configMaps, make('a', '1'))
    assert.ok(made.metadata.uid)
    const read = await client.get(configMaps, { namespace, name: 'a' })
    assert.deepEqual(read.data, { value: '1' })
    assert.ok(Object.isFrozen(read) && Object.isFrozen(read.metadata) && Object.isFrozen(read.data))
    const changed = await client.update(configMaps, { ...read, data: { value: '2' } })
    assert.notEqual(changed.metadata.resourceVersion, read.metadata.resourceVersion)
    const patched = await client.patch(configMaps, { namespace, name: 'a' }, 'merge', { data: { more: 'ü' } })
    assert.deepEqual(patched.data, { value: '2', more: 'ü' })
    await client.delete(configMaps, { namespace, name: 'a' })
    await assert.rejects(client.get(configMaps, { namespace, name: 'a' }), (error) => isReason(error, 'NotFound'))
  })

  it('throws what the server says, as an ApiError', async ({ transport }) => {
    const client = createClient(transport)
    await assert.rejects(client.get(configMaps, { namespace, name: 'none' }), (error) => {
      assert.ok(error instanceof ApiError)
      assert.equal(error.code, 404)
      assert.equal(error.message, 'configmaps "none" not found')
      return true
    })
    const made = await client.create(configMaps, make('a', '1'))
    await assert.rejects(client.create(configMaps, make('a', '1')), (error) => isReason(error, 'AlreadyExists'))
    await client.update(configMaps, { ...made, data: {} })
    await assert.rejects(client.update(configMaps, { ...made, data: { x: 'y' } }), (error) =>
      isReason(error, 'Conflict'),
    )
    const nowhere = transport.request({ method: 'GET', path: '/apis/no.such.group/v1' })
    await assert.rejects(nowhere, (error) => error instanceof ApiError && error.code === 404)
  })

  it('lists by selector', async ({ transport }) => {
    const client = createClient(transport)
    await client.create(configMaps, make('a', '1', { team: 'red' }))
    await client.create(configMaps, make('b', '1', { team: 'blue' }))
    const red = await client.list(configMaps, { namespace, labelSelector: 'team in (red, green)' })
    assert.deepEqual(
      red.items.map(({ metadata }) => metadata.name),
      ['a'],
    )
    assert.ok(Number(red.metadata.resourceVersion) > 0)
  })

  it('watches from where a list ended, in order, each event once', async ({ transport }) => {
    const client = createClient(transport)
    await client.create(configMaps, make('old', '0'))
    const { metadata } = await client.list(configMaps, { namespace })
    await client.create(configMaps, make('a', '1'))
    const options = { namespace, resourceVersion: metadata.resourceVersion }
    const watch = await client.watch(configMaps, options)
    for (let value = 2; value <= 20; value++)
      await client.patch(configMaps, { namespace, name: 'a' }, 'merge', { data: { value: String(value) } })
    await client.delete(configMaps, { namespace, name: 'a' })
    const seen: string[] = []
    for await (const event of watch) {
      const object = event.object as ConfigMap
      assert.ok(Object.isFrozen(object))
      seen.push(`${event.type} ${object.metadata.name} ${object.data?.value}`)
      if (event.type === 'DELETED') break
    }
    const modified = Array.from({ length: 19 }, (_, index) => `MODIFIED a ${index + 2}`)
    assert.deepEqual(seen, ['ADDED a 1', ...modified, 'DELETED a 20'])
  })

  it('accepts a watch before anything happens, and ends it without an error when aborted', async ({ transport }) => {
    const client = createClient(transport)
    const { metadata } = await client.list(configMaps, { namespace })
    const stop = new AbortController()
    const { signal } = stop
    const watch = await client.watch(configMaps, { namespace, resourceVersion: metadata.resourceVersion, signal })
    const seen: WatchEvent[] = []
    const reading = (async () => {
      for await (const event of watch) seen.push(event)
    })()
    stop.abort()
    await reading
    assert.deepEqual(seen, [])
  })

  it('carries many watches and requests at once', async ({ transport }) => {
    const client = createClient(transport)
    const { metadata } = await client.list(configMaps, { namespace })
    const stop = new AbortController()
    const { signal } = stop
    const count = 300
    const resourceVersion = metadata.resourceVersion
    const watches = await Promise.all(
      Array.from({ length: count }, () => client.watch(configMaps, { namespace, resourceVersion, signal })),
    )
    await client.create(configMaps, make('a', 'x'))
    const firsts = await Promise.all(
      watches.map(async (watch) => {
        for await (const event of watch) return event.type
        return 'END'
      }),
    )
    assert.deepEqual(new Set(firsts), new Set(['ADDED']))
    stop.abort()
  })

  it('gives objects of a megabyte unharmed', async ({ transport }) => {
    const client = createClient(transport)
    const value = 'é'.repeat(400_000)
    await client.create(configMaps, make('big', value))
    const read = await client.get(configMaps, { namespace, name: 'big' })
    assert.equal(read.data?.value, value)
    const { items } = await client.list(configMaps, { namespace, fieldSelector: 'metadata.name=big' })
    assert.equal(items[0]?.data?.value, value)
  })

  it('rejects a request that is aborted', async ({ transport }) => {
    const signal = AbortSignal.abort(new Error('enough'))
    await assert.rejects(createClient(transport).list(configMaps, { namespace, signal }), /enough/)
  })
}
