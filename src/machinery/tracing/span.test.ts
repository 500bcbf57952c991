import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../clock.ts'
import { seededRandom } from '../random.ts'
import { type EndedSpan, inSpan, traced } from './span.ts'
import { Tracer } from './tracer.ts'

test('a part of a span does not end after its whole, whenever in a millisecond it begins', () => {
  let monotonicMs = 0
  const clock: Clock = {
    now: () => 1_800_000_000_000 + Math.floor(monotonicMs),
    monotonic: () => monotonicMs,
    after: () => () => {},
  }
  const ended: EndedSpan[] = []
  const tracer = new Tracer({
    samplingRatePerMillion: 1_000_000,
    clock,
    random: seededRandom(1),
    ended: (span) => ended.push(span),
  })
  monotonicMs = 0.9
  const whole = tracer.begin({ name: 'whole', parent: undefined, trusted: true, attributes: () => ({}) })!
  monotonicMs = 1.8
  inSpan(whole, () =>
    traced(
      'part',
      () => ({}),
      () => (monotonicMs = 1.85),
    ),
  )
  monotonicMs = 1.9
  whole.end()
  assert.deepEqual(
    ended.map(({ name, start, end }) => [name, start, end]),
    [
      ['part', 1_800_000_000_000_900_000n, 1_800_000_000_000_950_000n],
      ['whole', 1_800_000_000_000_000_000n, 1_800_000_000_001_000_000n],
    ],
  )
})
