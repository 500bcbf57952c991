import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock, VirtualClock } from '../../../machinery/clock.ts'
import { seededRandom } from '../../../machinery/random.ts'
import { runtimeConformance } from '../conformance.ts'
import { RuntimeError } from '../runtime.ts'
import { addressesOf } from './addresses.ts'
import { createSimulatedRuntime } from './runtime.ts'

const forever = () => new Promise<never>(() => {})

runtimeConformance('simulated', async () => ({
  runtime: createSimulatedRuntime({
    clock: systemClock,
    random: seededRandom(1),
    images: ['suite:1'],
    program: ({ command: [word] }) => ({
      run:
        word === 'obeys'
          ? undefined
          : word === 'fails'
            ? async () => 3
            : ({ killed }) => new Promise((_, reject) => killed.addEventListener('abort', () => reject(killed.reason))),
      exec: ([what]) => (what === 'say' ? Promise.resolve({ stdout: Buffer.from('out\n'), exitCode: 4 }) : forever()),
    }),
  }),
  clock: systemClock,
  image: 'suite:1',
  command: (program) => [program],
  execCommand: ['say'],
  logDirectory: '/nowhere',
  cgroupParent: '/pods',
}))

test('calls take the time and fail the way that a test wants', async () => {
  const clock = new VirtualClock()
  const runtime = createSimulatedRuntime({
    clock,
    random: seededRandom(1),
    latencies: { pullImage: 5000 },
    before(method, subject) {
      if (method === 'pullImage' && subject === 'bad:1') throw new RuntimeError('unknown', 'no such image')
    },
  })
  const sandbox = undefined as never
  let pulled = false
  const pull = runtime.pullImage({ image: 'good:1' }, undefined, sandbox).then(() => (pulled = true))
  await clock.advance(4999)
  assert.equal(pulled, false)
  await clock.advance(1)
  await pull
  await assert.rejects(runtime.pullImage({ image: 'bad:1' }, undefined, sandbox), /no such image/)
})

test('addresses are given once, until they come back', () => {
  const addresses = addressesOf('10.0.0.0/29')
  const given = [1, 2, 3, 4, 5].map(() => addresses.take())
  assert.deepEqual(given, ['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6'])
  assert.throws(() => addresses.take(), /no addresses left/)
  addresses.release('10.0.0.4')
  assert.equal(addresses.take(), '10.0.0.4')
})
