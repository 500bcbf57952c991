import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leases } from '../api/coordination/v1/lease.ts'
import { sleep, VirtualClock } from '../machinery/clock.ts'
import { silentLogger } from '../machinery/log.ts'
import { seededRandom } from '../machinery/random.ts'
import { fakeClient } from './fake/fake-client.ts'
import { LeaderElector } from './leader-elector.ts'

const setup = () => {
  const clock = new VirtualClock()
  const client = fakeClient({ clock })
  const candidate = (identity: string) =>
    new LeaderElector({
      client,
      clock,
      random: seededRandom(1),
      log: silentLogger,
      namespace: 'kube-system',
      name: 'manager',
      identity,
    })
  const leading = new Set<string>()
  const run = (identity: string) => {
    const stop = new AbortController()
    const elector = candidate(identity)
    const done = elector.run(async (signal) => {
      leading.add(identity)
      await sleep(clock, 1e9, signal).catch(() => {})
      leading.delete(identity)
    }, stop.signal)
    return { stop: () => stop.abort(), done, elector }
  }
  return { clock, client, run, leading }
}

test('one of two candidates leads, and the other takes over when it steps down', async () => {
  const { clock, client, run, leading } = setup()
  const a = run('a')
  await clock.advance(1)
  const b = run('b')
  await clock.advance(60_000)
  assert.deepEqual([...leading], ['a'])
  assert.equal(b.elector.leader, 'a')
  a.stop()
  await clock.advance(5_000)
  await a.done
  assert.deepEqual([...leading], ['b'])
  const [lease] = client.objects(leases)
  assert.equal(lease!.spec?.holderIdentity, 'b')
  assert.equal(lease!.spec?.leaseTransitions, 1)
  b.stop()
  await clock.advance(5_000)
  await b.done
  assert.equal(client.objects(leases)[0]!.spec?.holderIdentity, '')
})

test('a leader that cannot renew stops before another may start', async () => {
  const { clock, client, run, leading } = setup()
  const a = run('a')
  await clock.advance(10_000)
  assert.deepEqual([...leading], ['a'])
  const heal = client.react('update', 'leases', () => {
    throw new Error('no route to host')
  })
  const silent = client.react('get', 'leases', () => {
    throw new Error('no route to host')
  })
  await clock.advance(11_000)
  assert.deepEqual([...leading], [])
  await a.done
  heal()
  silent()
  const b = run('b')
  await clock.advance(20_000)
  assert.deepEqual([...leading], ['b'])
  b.stop()
  await clock.advance(5_000)
  await b.done
})
