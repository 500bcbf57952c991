import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../machinery/clock.ts'
import { WorkQueue } from './work-queue.ts'

const make = () => {
  const clock = new VirtualClock()
  return { clock, queue: new WorkQueue<string>({ clock }) }
}

test('an item waits once however often it is added', async () => {
  const { queue } = make()
  queue.add('a')
  queue.add('b')
  queue.add('a')
  assert.equal(queue.length, 2)
  assert.deepEqual([await queue.next(), await queue.next()], ['a', 'b'])
})

test('an item added while it is worked on comes again afterwards, never beside', async () => {
  const { queue } = make()
  queue.add('a')
  await queue.next()
  queue.add('a')
  queue.add('a')
  assert.equal(queue.length, 0)
  queue.done('a')
  assert.equal(await queue.next(), 'a')
  queue.done('a')
  assert.ok(queue.idle)
})

test('a waiting worker gets the item that arrives', async () => {
  const { queue } = make()
  const next = queue.next()
  queue.add('a')
  assert.equal(await next, 'a')
})

test('backoff doubles from 5 ms per item and starts over when forgotten', async () => {
  const { clock, queue } = make()
  const waits: number[] = []
  for (let round = 0; round < 4; round++) {
    const start = clock.monotonic()
    queue.addRateLimited('a')
    await clock.advance(clock.next()! - clock.now())
    assert.equal(await queue.next(), 'a')
    waits.push(clock.monotonic() - start)
    queue.done('a')
  }
  assert.deepEqual(waits, [5, 10, 20, 40])
  assert.equal(queue.failures('a'), 4)
  queue.forget('a')
  assert.equal(queue.failures('a'), 0)
})

test('backoff ends at 1000 s', async () => {
  const { clock, queue } = make()
  for (let round = 0; round < 40; round++) {
    queue.addRateLimited('a')
    await clock.advance(2_000_000)
    queue.done((await queue.next())!)
  }
  queue.addRateLimited('a')
  assert.equal(clock.next()! - clock.now(), 1_000_000)
})

test('of two delays the earlier counts, and closing drops everything', async () => {
  const { clock, queue } = make()
  queue.addAfter('a', 500)
  queue.addAfter('a', 100)
  queue.addAfter('a', 900)
  await clock.advance(100)
  assert.equal(await queue.next(), 'a')
  queue.done('a')
  await clock.advance(1000)
  assert.equal(queue.length, 0)
  queue.addAfter('b', 10)
  const next = queue.next()
  queue.close()
  assert.equal(await next, undefined)
  assert.equal(clock.next(), undefined)
})
