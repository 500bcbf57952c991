import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../machinery/clock.ts'
import { Lifecycle } from './lifecycle.ts'

function watches(lifecycle: Lifecycle, count: number, clock: VirtualClock): number[] {
  const endedAt: number[] = []
  const start = clock.monotonic()
  for (let index = 0; index < count; index++) {
    const forget = lifecycle.onStop(() => {
      endedAt.push(clock.monotonic() - start)
      forget()
    })
  }
  return endedAt
}

test('watches end all at once, unless they have time for it', async () => {
  const clock = new VirtualClock()
  const lifecycle = new Lifecycle()
  const endedAt = watches(lifecycle, 500, clock)
  await lifecycle.end(clock, 0)
  assert.deepEqual(new Set(endedAt), new Set([0]))
  assert.equal(endedAt.length, 500)
})

test('with time they end one after the other, two hundred a second at least, each once', async () => {
  for (const { count, graceMs, lastMs } of [
    { count: 10, graceMs: 60_000, lastMs: 45 },
    { count: 1000, graceMs: 1000, lastMs: 1000 },
  ]) {
    const clock = new VirtualClock()
    const lifecycle = new Lifecycle()
    const endedAt = watches(lifecycle, count, clock)
    const ended = lifecycle.end(clock, graceMs)
    await clock.advance(graceMs)
    await ended
    assert.equal(endedAt.length, count)
    assert.equal(endedAt[0], 0)
    assert.ok(endedAt.at(-1)! >= lastMs / 2 && endedAt.at(-1)! <= lastMs, `${endedAt.at(-1)} of ${lastMs} ms`)
  }
})
