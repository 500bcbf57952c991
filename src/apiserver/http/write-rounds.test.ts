import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../machinery/clock.ts'
import { WriteRounds } from './write-rounds.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('who came within one turn of the loop writes in one round, in order', async () => {
  const rounds = new WriteRounds(new VirtualClock())
  const written: string[] = []
  const member = (name: string) => ({ writeNow: () => void written.push(name) })
  rounds.add(member('a'))
  rounds.add(member('b'))
  assert.deepEqual(written, [])
  await turn()
  assert.deepEqual(written, ['a', 'b'])
})

test('a few are told before the writer has its answer, many after it', async () => {
  for (const [members, expected] of [
    [1, ['told', 'answered']],
    [100, ['answered', 'told']],
  ] as const) {
    const rounds = new WriteRounds(new VirtualClock())
    const order: string[] = []
    for (let member = 1; member <= members; member++)
      rounds.add({ writeNow: () => void (member === members && order.push('told')) })
    void Promise.resolve().then(() => order.push('answered'))
    for (let turns = 0; turns < 5; turns++) await turn()
    assert.deepEqual(order, expected)
  }
})

test('a round of many leaves the loop to others in between', async () => {
  const rounds = new WriteRounds(new VirtualClock())
  let written = 0
  for (let member = 0; member < 1000; member++) rounds.add({ writeNow: () => void written++ })
  const seen: number[] = []
  while (written < 1000) {
    await turn()
    seen.push(written)
  }
  for (let index = 1; index < seen.length; index++) assert.ok(seen[index]! - seen[index - 1]! <= 32)
})

test('who adds itself again during a round writes in the next', async () => {
  const rounds = new WriteRounds(new VirtualClock())
  let left = 3
  const member = {
    writeNow() {
      if (--left > 0) rounds.add(member)
    },
  }
  rounds.add(member)
  for (let turns = 0; turns < 3; turns++) await turn()
  assert.equal(left, 0)
})

test('a pause of twice its length follows a round, forty milliseconds at most', async () => {
  for (const [tookMs, pauseMs] of [
    [3, 6],
    [100, 40],
  ] as const) {
    let now = 0
    const armed: { readonly delayMs: number; readonly fire: () => void }[] = []
    const clock = new (class extends VirtualClock {
      override monotonic() {
        return now
      }
      override after(delayMs: number, fire: () => void) {
        armed.push({ delayMs, fire })
        return () => {}
      }
    })()
    const rounds = new WriteRounds(clock)
    let written = 0
    const member = {
      writeNow() {
        written++
        now += tookMs
      },
    }
    rounds.add(member)
    await turn()
    assert.equal(written, 1)
    rounds.add(member)
    await turn()
    assert.equal(written, 1, 'not yet')
    assert.deepEqual(
      armed.map(({ delayMs }) => delayMs),
      [pauseMs],
    )
    now += pauseMs
    armed[0]!.fire()
    assert.equal(written, 2)
  }
})
