import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../machinery/clock.ts'
import { MetricsRegistry } from '../machinery/metrics.ts'
import { measuredWorkQueues } from './work-queue-metrics.ts'
import { WorkQueue } from './work-queue.ts'

test('a queue tells how many items wait, how long, and how long work takes', async () => {
  const clock = new VirtualClock(0)
  const registry = new MetricsRegistry()
  const queue = new WorkQueue<string>({ clock, metrics: measuredWorkQueues(registry, clock)('deployment') })
  const value = (name: string) =>
    Number(new RegExp(`^workqueue_${name}\\{name="deployment"\\} (\\S+)$`, 'm').exec(registry.text())?.[1])
  queue.add('a')
  queue.add('b')
  assert.deepEqual([value('depth'), value('adds_total')], [2, 2])
  await clock.advance(2000)
  const first = await queue.next()
  await clock.advance(1000)
  const second = await queue.next()
  await clock.advance(3000)
  assert.equal(value('depth'), 0)
  assert.equal(value('queue_duration_seconds_sum'), 2 + 3)
  assert.equal(value('unfinished_work_seconds'), 4 + 3)
  assert.equal(value('longest_running_processor_seconds'), 4)
  queue.done(first!)
  assert.equal(value('longest_running_processor_seconds'), 3)
  queue.done(second!)
  assert.equal(value('work_duration_seconds_sum'), 4 + 3)
  assert.equal(value('unfinished_work_seconds'), 0)
  queue.addRateLimited('a')
  assert.equal(value('retries_total'), 1)
  queue.close()
})
