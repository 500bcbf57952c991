import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../machinery/clock.ts'
import { RefusedRequests } from './refused-requests.ts'

test('the more are refused, the later they are told to come back, until it gets calmer', async () => {
  const clock = new VirtualClock()
  const refused = new RefusedRequests(clock)
  const second = async (count: number): Promise<number> => {
    let last = 0
    for (let each = 0; each < count; each++) last = refused.refused('low')
    await clock.advance(1000)
    return last
  }
  assert.equal(await second(3), 1)
  assert.equal(await second(10), 2)
  // No sooner than two seconds after the last raise.
  assert.equal(await second(10), 2)
  assert.equal(await second(10), 4)
  await clock.advance(60_000)
  assert.deepEqual([await second(1), await second(1), await second(1), await second(1)], [3, 2, 2, 2])
  assert.equal(refused.refused('other'), 1)
})
