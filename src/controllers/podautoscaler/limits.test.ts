import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { limit } from './limits.ts'
import { ScaleHistory } from './scale-history.ts'

const minute = 60_000
const wish = (history: ScaleHistory, current: number, desired: number, now = 0) => ({
  history,
  current,
  desired,
  min: 1,
  max: 100,
  now,
})

test('without a behavior it at most doubles, and stays within its bounds', () => {
  const outcome = (current: number, desired: number) => {
    const { replicas, limited } = limit(undefined, wish(new ScaleHistory(), current, desired))
    return `${replicas} ${limited.status} ${limited.reason}`
  }
  assert.equal(outcome(10, 50), '20 True ScaleUpLimit')
  assert.equal(outcome(1, 50), '4 True ScaleUpLimit')
  assert.equal(outcome(90, 150), '100 True TooManyReplicas')
  assert.equal(outcome(5, 0), '1 True TooFewReplicas')
  assert.equal(outcome(5, 6), '6 False DesiredWithinRange')
})

test('less is believed only when nothing else was recommended for five minutes', () => {
  const history = new ScaleHistory()
  history.begin(10, 0)
  const at = (now: number) => limit(undefined, wish(history, 10, 2, now))
  assert.deepEqual([at(minute).replicas, at(minute).able.reason], [10, 'ScaleDownStabilized'])
  assert.deepEqual([at(5 * minute + 1).replicas, at(5 * minute + 1).able.reason], [2, 'ReadyForNewScale'])
})

test('a behavior bounds the pace in both directions, by number or by share', () => {
  const behavior = {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      policies: [
        { type: 'Pods', value: 4, periodSeconds: 60 },
        { type: 'Percent', value: 100, periodSeconds: 60 },
      ],
    },
    scaleDown: {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Min',
      policies: [
        { type: 'Pods', value: 2, periodSeconds: 60 },
        { type: 'Percent', value: 50, periodSeconds: 60 },
      ],
    },
  }
  const history = new ScaleHistory()
  assert.equal(limit(behavior, wish(history, 2, 50)).replicas, 6)
  history.scaled(2, 6, behavior.scaleUp, 0)
  // What was added counts against the minute.
  assert.equal(limit(behavior, wish(history, 6, 50, 30_000)).replicas, 6)
  assert.equal(limit(behavior, wish(history, 6, 50, 61_000)).replicas, 12)
  const down = limit(behavior, wish(new ScaleHistory(), 10, 1))
  assert.deepEqual([down.replicas, down.limited.reason], [8, 'ScaleDownLimit'])
  const disabled = { ...behavior, scaleDown: { ...behavior.scaleDown, selectPolicy: 'Disabled' } }
  assert.equal(limit(disabled, wish(new ScaleHistory(), 10, 1)).replicas, 10)
})

test('whatever is wished, it stays within the bounds and never goes the other way', () => {
  const replicas = fc.integer({ min: 1, max: 100 })
  fc.assert(
    fc.property(fc.array(fc.tuple(replicas, fc.nat(600_000)), { maxLength: 20 }), replicas, (wishes, start) => {
      const history = new ScaleHistory()
      let [current, now] = [start, 0]
      history.begin(current, now)
      for (const [desired, ms] of wishes) {
        now += ms
        const next = limit(undefined, wish(history, current, desired, now)).replicas
        assert.ok(next >= 1 && next <= 100)
        assert.ok(next <= Math.max(2 * current, 4))
        current = next
      }
    }),
  )
})
