import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { WatchEvent } from '../../client/transport.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { configMap, configMapsPath, openServer, type OpenServer } from '../open-server.fixture.ts'

const merge = { contentType: 'application/merge-patch+json' }
const name = fc.constantFrom('a', 'b', 'c', 'd')
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('create' as const), name, on: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('patch' as const), name, on: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('delete' as const), name, on: fc.constant(false) }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('follow' as const), name: fc.constant(''), on: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('followFromNowhere' as const), name: fc.constant(''), on: fc.boolean() }),
  },
)

/** A reflector: lists, then watches from there, and keeps what it was told. */
class Follower {
  readonly state = new Map<string, string>()
  readonly faults: string[] = []
  readonly query: Record<string, string>
  readonly #abort = new AbortController()
  #revision = 0
  #done: Promise<void> = Promise.resolve()

  constructor(selective: boolean) {
    this.query = selective ? { labelSelector: 'on=true' } : {}
  }

  async start(open: OpenServer, fromNowhere: boolean): Promise<void> {
    const query: Record<string, string> = { ...this.query }
    if (!fromNowhere) {
      const { body } = await open.call('GET', configMapsPath, undefined, { query: this.query })
      for (const item of body.items) this.#keep(item)
      this.#revision = Number(body.metadata.resourceVersion)
      query['resourceVersion'] = body.metadata.resourceVersion!
    }
    const events = await open.transport.watch({
      method: 'GET',
      path: configMapsPath,
      query,
      signal: this.#abort.signal,
    })
    this.#done = this.#read(events)
  }

  async stop(): Promise<void> {
    for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve))
    this.#abort.abort()
    await this.#done
  }

  async #read(events: AsyncIterable<WatchEvent>): Promise<void> {
    for await (const { type, object } of events) {
      const { metadata } = object as KubeObject
      const revision = Number(metadata.resourceVersion)
      const known = this.state.has(metadata.name!)
      // The initial events of a watch from nowhere come in the order of keys.
      if (type !== 'ADDED' && revision <= this.#revision) this.faults.push(`${type} went back to ${revision}`)
      if (type === 'ADDED' && known) this.faults.push(`ADDED twice: ${metadata.name}`)
      if (type !== 'ADDED' && !known) this.faults.push(`${type} of the unknown ${metadata.name}`)
      this.#revision = Math.max(this.#revision, revision)
      if (type === 'DELETED') this.state.delete(metadata.name!)
      else this.#keep(object as KubeObject)
    }
  }

  #keep({ metadata }: KubeObject): void {
    this.state.set(metadata.name!, metadata.resourceVersion!)
  }
}

test('property: whoever lists and watches from there knows, in the end, what is there', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      await using open = await openServer()
      const followers: Follower[] = []
      const running: Promise<unknown>[] = []
      let value = 0
      for (const { type, name: target, on } of steps) {
        const path = `${configMapsPath}/${target}`
        if (type === 'create')
          running.push(open.call('POST', configMapsPath, configMap(target, { labels: { on: String(on) } })))
        else if (type === 'patch') {
          const patch = { metadata: { labels: { on: String(on) } }, data: { value: String(value++) } }
          running.push(open.call('PATCH', path, patch, merge))
        } else if (type === 'delete') running.push(open.call('DELETE', path))
        else {
          const follower = new Follower(on)
          followers.push(follower)
          running.push(follower.start(open, type === 'followFromNowhere'))
        }
        // Some requests overlap, some do not.
        if (value % 3 === 0) await Promise.resolve()
      }
      await Promise.all(running)
      for (const follower of followers) {
        await follower.stop()
        assert.deepEqual(follower.faults, [])
        const { body } = await open.call('GET', configMapsPath, undefined, { query: follower.query })
        const expected = body.items.map(({ metadata }) => [metadata.name!, metadata.resourceVersion!])
        assert.deepEqual([...follower.state].sort(), expected)
      }
    }),
    { numRuns: 60 },
  )
})
