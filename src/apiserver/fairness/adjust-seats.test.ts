import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { VirtualClock } from '../../machinery/clock.ts'
import { adjustSeats, type SharingLevel } from './adjust-seats.ts'
import { type Demand, noDemand, SeatDemand } from './seat-demand.ts'
import { shareSeats } from './share-seats.ts'

const wants = (highWatermark: number, smoothed = highWatermark): Demand => ({ ...noDemand, highWatermark, smoothed })
const level = (nominal: number, lendable: number, borrowable: number, demand: Demand): SharingLevel => ({
  exempt: false,
  nominal,
  lower: nominal - lendable,
  upper: nominal + borrowable,
  current: nominal,
  demand,
})
const currents = (...levels: SharingLevel[]) => adjustSeats(levels).levels.map(({ current }) => current)

test('what one level does not need another borrows, as far as it may', () => {
  assert.deepEqual(currents(level(50, 25, 100, wants(0)), level(50, 25, 100, wants(80))), [25, 75])
  assert.deepEqual(currents(level(50, 25, 100, wants(0)), level(50, 25, 10, wants(80))), [40, 60])
  assert.deepEqual(currents(level(50, 0, 100, wants(0)), level(50, 25, 100, wants(80))), [50, 50])
  assert.deepEqual(currents(level(50, 25, 100, wants(80)), level(50, 25, 100, wants(80))), [50, 50])
})

test('what exempt requests take the others do not get, but for what they lend to nobody', () => {
  const exempt = (demand: number): SharingLevel => ({ ...level(0, 0, 0, wants(demand)), exempt: true })
  assert.deepEqual(currents(exempt(1000), level(50, 25, 100, wants(40)), level(50, 0, 100, wants(60))), [1000, 25, 50])
  assert.deepEqual(currents(exempt(10), level(50, 25, 100, wants(50)), level(50, 50, 100, wants(50))), [10, 47, 43])
})

test('a sharing keeps the bounds and gives away all, or says that none can', () => {
  const wish = fc
    .tuple(fc.nat(50), fc.nat(50), fc.nat(200))
    .map(([lower, more, borrowed]) => ({ lower, target: lower + more, upper: lower + borrowed }))
  fc.assert(
    fc.property(fc.array(wish, { minLength: 1, maxLength: 8 }), fc.nat(600), (wishes, sum) => {
      const shared = shareSeats(sum, wishes)
      const [lowest, highest] = wishes.reduce(([a, b], { lower, upper }) => [a + lower, b + upper], [0, 0])
      if (shared === undefined) return assert.ok(sum < lowest! || sum > highest!)
      const given = shared.seats.reduce((total, each) => total + each, 0)
      assert.ok(Math.abs(given - sum) < 1e-3, `${given} of ${sum}`)
      for (const [index, { lower, upper, target }] of wishes.entries()) {
        const seats: number = shared.seats[index] ?? 0
        assert.ok(seats >= lower - 1e-6 && seats <= upper + 1e-6)
        const isFree = seats > lower + 1e-3 && seats < upper - 1e-3
        if (isFree) assert.ok(Math.abs(seats - shared.fraction * Math.max(target, 0.001)) < 1e-3)
      }
    }),
  )
})

test('demand is weighed by time; it rises at once and falls slowly', async () => {
  const clock = new VirtualClock()
  const demand = new SeatDemand(clock)
  demand.set(10)
  await clock.advance(5000)
  demand.set(0)
  await clock.advance(5000)
  assert.deepEqual(demand.look(), { highWatermark: 10, average: 5, deviation: 5, smoothed: 10 })
  await clock.advance(10_000)
  assert.deepEqual(demand.look(), { highWatermark: 0, average: 0, deviation: 0, smoothed: 9.77 })
})
