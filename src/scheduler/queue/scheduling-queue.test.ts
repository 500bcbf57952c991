import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { VirtualClock } from '../../machinery/clock.ts'
import { PodInfo } from '../cache/pod-info.ts'
import { everywhere } from '../framework/chosen-plugins.ts'
import { action } from '../framework/cluster-event.ts'
import type { SchedulerPlugin } from '../framework/plugin.ts'
import { unresolvable } from '../framework/rejection.ts'
import { node, pod } from '../scheduler-harness.ts'
import { Heap } from './heap.ts'
import { SchedulingQueue } from './scheduling-queue.ts'

const named = (name: string, priority = 0) =>
  pod(name, { priority, metadata: { name, namespace: 'default', uid: name } })
const picky: SchedulerPlugin = {
  name: 'Picky',
  events: [{ resource: 'Node', actions: action.add, hint: (_, __, object) => object?.metadata.name === 'good' }],
}
const setup = (...plugins: SchedulerPlugin[]) => {
  const clock = new VirtualClock()
  let wakes = 0
  const queue = new SchedulingQueue({
    clock,
    plugins: new Map([['default-scheduler', everywhere([picky, ...plugins])]]),
    wake: () => wakes++,
  })
  const pop = () => queue.pop()?.info.name
  /** Tries the next pod in vain. */
  const reject = (...rejectors: string[]) => {
    const queued = queue.pop()!
    queue.takeBack(queued, queued.info, new Set(rejectors), new Set())
  }
  return { clock, queue, pop, reject, wakes: () => wakes }
}
const nodeAdd = { resource: 'Node', actions: action.add } as const

test('higher priority comes first, then who came first', () => {
  const { queue, pop } = setup()
  for (const item of [named('a'), named('b', 5), named('c'), named('d', 5)]) queue.add(item)
  assert.deepEqual([pop(), pop(), pop(), pop(), pop()], ['b', 'd', 'a', 'c', undefined])
})

test('a rejected pod waits for the events of those that rejected it', () => {
  const { queue, pop, reject } = setup()
  queue.add(named('a'))
  reject('Picky')
  assert.equal(pop(), undefined)
  queue.move(nodeAdd, undefined, node('bad'))
  assert.equal(pop(), undefined)
  queue.move({ resource: 'Node', actions: action.nodeLabel }, undefined, node('good'))
  assert.equal(pop(), undefined)
  queue.move(nodeAdd, undefined, node('good'))
  assert.equal(pop(), 'a')
})

test('with other work to do a pod waits until its backoff is over, longer each time', async () => {
  const { clock, queue, pop, reject } = setup()
  queue.add(named('a'))
  for (const seconds of [1, 2, 4, 8, 10, 10]) {
    reject('Picky')
    queue.move(nodeAdd, undefined, node('good'))
    assert.equal(queue.counts.backoff, 1)
    await clock.advance(seconds * 1000 - 1)
    assert.equal(queue.counts.active, 0)
    // Ends of backoff are put together by the second.
    await clock.advance(2000)
    assert.equal(queue.counts.active, 1)
  }
  assert.equal(pop(), 'a')
})

test('with nothing else to do a pod is tried before its backoff is over', () => {
  const { queue, pop, reject } = setup()
  queue.add(named('a'))
  reject('Picky')
  queue.move(nodeAdd, undefined, node('good'))
  assert.equal(pop(), 'a')
})

test('after an error a pod waits its backoff out', async () => {
  const { clock, queue, pop, reject } = setup()
  queue.add(named('a'))
  reject()
  assert.equal(pop(), undefined)
  await clock.advance(2000)
  assert.equal(pop(), 'a')
})

test('a pod that nothing has moved for long is tried anyway', async () => {
  const { clock, queue, pop, reject } = setup()
  queue.add(named('a'))
  reject('Picky')
  await clock.advance(290_000)
  assert.equal(pop(), undefined)
  await clock.advance(45_000)
  assert.equal(pop(), 'a')
})

test('an update of a waiting pod is taken over, and what it changes may help', () => {
  const tolerant: SchedulerPlugin = {
    name: 'Taint',
    events: [{ resource: 'TargetPod', actions: action.podToleration }],
  }
  const { queue, pop, reject } = setup(tolerant)
  const old = named('a')
  queue.add(old)
  reject('Taint')
  const labelled = { ...old, metadata: { ...old.metadata, labels: { x: 'y' } } }
  queue.update(old, labelled)
  assert.equal(queue.counts.unschedulable, 1)
  const bearing = { ...labelled, spec: { ...labelled.spec!, tolerations: [{ operator: 'Exists' as const }] } }
  queue.update(labelled, bearing)
  assert.equal(pop(), 'a')
})

test('what happens while a pod is decided with pauses is looked at once it is known who rejected it', () => {
  const { queue, pop } = setup()
  queue.add(named('a'))
  const rejectAfter = (...nodes: string[]) => {
    const queued = queue.pop()!
    queue.keepEvents()
    for (const name of nodes) queue.move(nodeAdd, undefined, node(name))
    queue.takeBack(queued, queued.info, new Set(['Picky']), new Set())
    queue.forgetEvents()
  }
  rejectAfter('bad', 'good')
  assert.equal(queue.counts.unschedulable, 0)
  rejectAfter('bad')
  assert.equal(pop(), undefined)
})

test('a gate keeps a pod out until it opens', () => {
  let open = false
  const gate: SchedulerPlugin = {
    name: 'Gate',
    events: [{ resource: 'TargetPod', actions: action.podLabel }],
    preEnqueue: () => (open ? undefined : unresolvable('Gate', 'closed')),
  }
  const { queue, pop } = setup(gate)
  const old = named('a')
  queue.add(old)
  assert.equal(pop(), undefined)
  open = true
  queue.move(nodeAdd, undefined, node('good'))
  assert.equal(pop(), undefined, 'not an event of the gate')
  queue.update(old, { ...old, metadata: { ...old.metadata, labels: { x: 'y' } } })
  assert.equal(pop(), 'a')
})

test('a deleted pod is in no queue any more', async () => {
  const { clock, queue, pop, reject } = setup()
  for (const name of ['a', 'b', 'c']) queue.add(named(name))
  reject('Picky')
  reject()
  for (const name of ['a', 'b', 'c']) queue.delete(name)
  await clock.advance(400_000)
  assert.equal(pop(), undefined)
  assert.deepEqual(queue.counts, { active: 0, backoff: 0, gated: 0, unschedulable: 0 })
})

test('a nomination that the status does not know of yet outlives updates', () => {
  const { nominator } = setup().queue
  const info = new PodInfo(named('a'))
  nominator.set(info, 'n')
  nominator.update(info, new PodInfo(named('a')))
  assert.deepEqual(
    nominator.on('n').map(({ name }) => name),
    ['a'],
  )
  nominator.set(info, '')
  assert.equal(nominator.empty, true)
})

test('nothing is armed when nothing waits', async () => {
  const { clock, queue, pop, reject } = setup()
  queue.add(named('a'))
  reject()
  await clock.advance(3000)
  assert.equal(pop(), 'a')
  assert.equal(clock.next(), undefined)
})

test('a heap gives its members in order whatever came and went', () => {
  const operation = fc.record({ key: fc.nat(20), rank: fc.nat(50), gone: fc.boolean() })
  fc.assert(
    fc.property(fc.array(operation), (operations) => {
      const heap = new Heap<{ key: number; rank: number }>(
        ({ key }) => `${key}`,
        (a, b) => a.rank < b.rank,
      )
      const model = new Map<number, number>()
      for (const { key, rank, gone } of operations) {
        if (gone) {
          assert.equal(heap.delete(`${key}`)?.rank, model.get(key))
          model.delete(key)
        } else {
          heap.set({ key, rank })
          model.set(key, rank)
        }
      }
      const ranks: number[] = []
      for (let next = heap.pop(); next; next = heap.pop()) ranks.push(next.rank)
      assert.deepEqual(
        ranks,
        [...model.values()].sort((a, b) => a - b),
      )
    }),
  )
})
