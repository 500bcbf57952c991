import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { flowSchemas } from '../../api/flowcontrol/v1/flow-schema.ts'
import { priorityLevelConfigurations } from '../../api/flowcontrol/v1/priority-level-configuration.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import { MetricsRegistry } from '../../machinery/metrics.ts'
import {
  mandatoryFlowSchemas,
  mandatoryPriorityLevels,
  suggestedFlowSchemas,
  suggestedPriorityLevels,
} from '../bootstrap/flow-control-facts.ts'
import { createMemoryLister } from '../memory-lister.ts'
import { createFairness } from './create-fairness.ts'
import { hand, hashOf } from './fair-queues.ts'
import type { FairnessRequest, Seat } from './fairness.ts'

const uid = <T extends { metadata: { name?: string } }>(object: T) => ({
  ...object,
  metadata: { ...object.metadata, uid: `uid-${object.metadata.name}` },
})
function fairness(totalSeats?: number) {
  const lister = createMemoryLister()
  for (const schema of [...mandatoryFlowSchemas, ...suggestedFlowSchemas]) lister.put(flowSchemas, uid(schema))
  for (const level of [...mandatoryPriorityLevels, ...suggestedPriorityLevels])
    lister.put(priorityLevelConfigurations, uid(level))
  const clock = new VirtualClock()
  return { lister, clock, fair: createFairness({ lister, clock, totalSeats }) }
}
const request = (name: string, more: Partial<FairnessRequest> = {}, ...groups: string[]): FairnessRequest => ({
  user: { name, groups: [...groups, 'system:authenticated'] },
  verb: 'get',
  resourceRequest: true,
  namespace: 'default',
  apiGroup: '',
  resource: 'pods',
  subresource: '',
  path: '/api/v1/namespaces/default/pods',
  ...more,
})

test('requests are classified as upstream classifies them', async () => {
  const { fair } = fairness()
  const schemaOf = async (asked: FairnessRequest) => (await fair.admit(asked)).classified?.flowSchemaUid.slice(4)
  const leases = { apiGroup: 'coordination.k8s.io', resource: 'leases', verb: 'update' }
  assert.equal(await schemaOf(request('root', {}, 'system:masters')), 'exempt')
  assert.equal(await schemaOf(request('joe')), 'global-default')
  assert.equal(await schemaOf(request('joe', { resourceRequest: false, path: '/readyz' })), 'probes')
  assert.equal(await schemaOf(request('system:node:a', {}, 'system:nodes')), 'system-nodes')
  assert.equal(await schemaOf(request('system:node:a', leases, 'system:nodes')), 'system-node-high')
  assert.equal(await schemaOf(request('system:kube-scheduler')), 'kube-scheduler')
  assert.equal(await schemaOf(request('system:kube-scheduler', leases)), 'system-leader-election')
  assert.equal(
    await schemaOf(request('system:serviceaccount:kube-system:x', {}, 'system:serviceaccounts')),
    'kube-system-service-accounts',
  )
  assert.equal(
    await schemaOf(request('system:serviceaccount:default:x', {}, 'system:serviceaccounts')),
    'service-accounts',
  )
  const { user } = request('nobody')
  assert.equal(await schemaOf({ ...request('nobody'), user: { ...user, groups: [] } }), 'catch-all')
})

test('an answer names both objects; a new schema counts for the next request', async () => {
  const { fair, lister } = fairness()
  const seat = await fair.admit(request('joe'))
  assert.deepEqual(seat.classified, { flowSchemaUid: 'uid-global-default', priorityLevelUid: 'uid-global-default' })
  const own = suggestedFlowSchemas.find(({ metadata }) => metadata.name === 'global-default')!
  lister.put(flowSchemas, uid({ ...own, metadata: { name: 'mine' }, spec: { ...own.spec, matchingPrecedence: 50 } }))
  assert.equal((await fair.admit(request('joe'))).classified?.flowSchemaUid, 'uid-mine')
  lister.put(
    flowSchemas,
    uid({
      ...own,
      metadata: { name: 'dangling' },
      spec: { ...own.spec, matchingPrecedence: 1, priorityLevelConfiguration: { name: 'none' } },
    }),
  )
  assert.equal((await fair.admit(request('joe'))).classified?.flowSchemaUid, 'uid-mine')
})

test('while there is room nobody waits; system:masters never do', () => {
  const { fair } = fairness(245)
  for (let index = 0; index < 1000; index++)
    assert.ok(!(fair.admit(request('root', {}, 'system:masters')) instanceof Promise))
  assert.ok(!(fair.admit(request('joe')) instanceof Promise))
})

test('a flood waits in its own queues, is refused beyond them, and others are served in turn', async () => {
  const { fair } = fairness(245)
  const seats: Seat[] = []
  const flooded: Promise<Seat>[] = []
  const order: string[] = []
  let refused = 0
  for (let index = 0; index < 1000; index++) {
    const taken = fair.admit(request('flood'))
    if (!(taken instanceof Promise)) seats.push(taken)
    else flooded.push(taken.then((seat) => (order.push('flood'), seat)))
  }
  for (const waiting of flooded) waiting.catch(() => refused++)
  const calm = Promise.resolve(fair.admit(request('calm'))).then((seat) => (order.push('calm'), seat))
  await new Promise<void>((resolve) => setImmediate(resolve))
  assert.ok(refused > 0, 'the hand of one flow has an end')
  assert.equal(refused + seats.length + 300, 1000, 'six queues of fifty')
  for (const seat of seats.splice(0, 8)) seat.release()
  await calm
  assert.ok(order.indexOf('calm') <= 7, `served after ${order.indexOf('calm')} of 300 of the flood`)
})

test('who waits too long is told to come again', async () => {
  const { fair, clock } = fairness(245)
  const asked = Array.from({ length: 250 }, () => fair.admit(request('joe')))
  const waiting = asked.findLast((taken) => taken instanceof Promise)!
  const later = asked.filter((taken) => taken instanceof Promise && taken !== waiting) as Promise<Seat>[]
  for (const each of later) each.catch(() => {})
  const refused = assert.rejects(waiting, {
    code: 429,
    message: 'Too many requests, please try again later.',
  })
  await clock.advance(15_001)
  await refused
})

test('seats are never lost, whatever the order of release', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(20), { minLength: 1, maxLength: 200 }), async (picks) => {
      const { fair } = fairness(30)
      const held: Seat[] = []
      const pending: Promise<void>[] = []
      for (const pick of picks) {
        const taken = fair.admit(request(`user-${pick % 5}`, { seats: 1 + (pick % 3) }))
        if (taken instanceof Promise) pending.push(taken.then((seat) => void held.push(seat)).catch(() => {}))
        else held.push(taken)
        if (pick % 2 === 0) held.splice(pick % Math.max(1, held.length), 1)[0]?.release()
      }
      for (let round = 0; round < picks.length * 2; round++) {
        held.pop()?.release()
        await Promise.resolve()
      }
      await Promise.all(pending)
      while (held.length > 0) held.pop()!.release()
      assert.ok(!(fair.admit(request('last')) instanceof Promise))
    }),
    { numRuns: 30 },
  )
})

test('a hand has different cards, and flows spread over the deck', () => {
  const used = new Set<number>()
  for (let index = 0; index < 500; index++) {
    const cards = hand(hashOf(`flow-${index}`), 64, 6)
    assert.equal(new Set(cards).size, 6)
    for (const card of cards) {
      assert.ok(card >= 0 && card < 64)
      used.add(card)
    }
  }
  assert.equal(used.size, 64)
})

test('classification costs about a microsecond', () => {
  const { fair } = fairness()
  const asked = request('system:kube-controller-manager', { verb: 'update' })
  const round = () => (fair.admit(asked) as Seat).release()
  for (let index = 0; index < 5000; index++) round()
  // The best of many: what else the machine does is no matter.
  const micros = Math.min(
    ...Array.from({ length: 20 }, () => {
      const start = performance.now()
      for (let index = 0; index < 250; index++) round()
      return (performance.now() - start) * 4
    }),
  )
  assert.ok(micros < 20, `${micros} µs`)
})

test('a level that needs more has borrowed it ten seconds later, and it is told', async () => {
  const { fair, clock } = fairness(245)
  const metrics = new MetricsRegistry()
  fair.tellInto?.(metrics)
  const told = (name: string) =>
    Number(
      new RegExp(`^apiserver_flowcontrol_${name}(?:\\{priority_level="global-default"\\})? (.*)$`, 'm').exec(
        metrics.text(),
      )?.[1],
    )
  let served = 0
  for (let index = 0; index < 300; index++) Promise.resolve(fair.admit(request(`user-${index}`))).then(() => served++)
  const before = told('current_limit_seats')
  assert.deepEqual([told('nominal_limit_seats'), told('lower_limit_seats'), told('upper_limit_seats')], [20, 10, 265])
  await clock.advance(10_000)
  assert.equal(served, told('current_limit_seats'))
  assert.ok(served > before, `${served} after ${before}`)
  assert.equal(told('demand_seats_high_watermark'), 300)
  assert.equal(told('demand_seats_average'), 300)
  assert.equal(told('target_seats'), 300)
  assert.ok(told('seat_fair_frac') > 0)
})
