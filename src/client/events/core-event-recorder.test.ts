import assert from 'node:assert/strict'
import { test } from 'node:test'
import { events } from '../../api/core/v1/event.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import { seededRandom } from '../../machinery/random.ts'
import { fakeClient } from '../fake/fake-client.ts'
import { createEventRecorder } from './core-event-recorder.ts'

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'shop', uid: 'u1', resourceVersion: '7' },
} as const

const setup = () => {
  const clock = new VirtualClock()
  const client = fakeClient({ clock })
  const random = seededRandom(1)
  const recorder = createEventRecorder({ client, component: 'kubelet', host: 'n1', clock, random })
  return { clock, client, recorder }
}

test('an event names its object, its source and its time', async () => {
  const { client, recorder } = setup()
  recorder.event(pod, 'Normal', 'Started', 'Started container')
  await recorder.flushed()
  const [event] = client.objects(events)
  assert.match(event!.metadata.name!, /^a\.[0-9a-f]+$/)
  assert.equal(event!.metadata.namespace, 'shop')
  assert.deepEqual(event!.involvedObject, {
    kind: 'Pod',
    namespace: 'shop',
    name: 'a',
    uid: 'u1',
    apiVersion: 'v1',
    resourceVersion: '7',
  })
  assert.deepEqual(event!.source, { component: 'kubelet', host: 'n1' })
  assert.equal(event!.firstTimestamp, '2026-01-01T00:00:00Z')
  assert.equal(event!.count, 1)
})

test('an event that comes again is counted by a patch', async () => {
  const { client, clock, recorder } = setup()
  recorder.event(pod, 'Warning', 'BackOff', 'Back-off')
  await recorder.flushed()
  await clock.advance(10_000)
  recorder.event(pod, 'Warning', 'BackOff', 'Back-off')
  recorder.event(pod, 'Warning', 'BackOff', 'Back-off')
  await recorder.flushed()
  const [event, ...others] = client.objects(events)
  assert.equal(others.length, 0)
  assert.equal(event!.count, 3)
  assert.equal(event!.lastTimestamp, '2026-01-01T00:00:10Z')
  assert.deepEqual(
    client.actions.map(({ verb }) => verb),
    ['create', 'patch', 'patch'],
  )
})

test('an event that the server forgot is written anew', async () => {
  const { client, recorder } = setup()
  recorder.event(pod, 'Normal', 'Pulled', 'x')
  await recorder.flushed()
  await client.deleteCollection(events, {})
  recorder.event(pod, 'Normal', 'Pulled', 'x')
  await recorder.flushed()
  assert.equal(client.objects(events)[0]!.count, 2)
})

test('from the tenth on, events that differ by message only are combined', async () => {
  const { client, recorder } = setup()
  for (let index = 0; index < 15; index++) recorder.event(pod, 'Normal', 'Killing', `message ${index}`)
  await recorder.flushed()
  const all = client.objects(events)
  assert.equal(all.length, 10)
  assert.equal(all[9]!.message, '(combined from similar events): message 14')
  assert.equal(all[9]!.count, 6)
})

test('after 25 events about an object one comes through in five minutes', async () => {
  const { client, clock, recorder } = setup()
  for (let index = 0; index < 40; index++) recorder.event(pod, 'Normal', `Reason${index}`, 'x')
  await recorder.flushed()
  assert.equal(client.objects(events).length, 25)
  await clock.advance(300_000)
  recorder.event(pod, 'Normal', 'Late', 'x')
  recorder.event(pod, 'Normal', 'Later', 'x')
  await recorder.flushed()
  assert.equal(client.objects(events).length, 26)
})

test('network trouble is retried, a refusal is not', async () => {
  const { client, clock, recorder } = setup()
  let failures = 0
  const stop = client.react('create', 'events', () => {
    failures++
    throw new Error('connection refused')
  })
  recorder.event(pod, 'Normal', 'Started', 'x')
  await clock.advance(25_000)
  assert.ok(failures >= 2)
  stop()
  await clock.advance(10_000)
  assert.equal(client.objects(events).length, 1)
})

test('stop ends all waiting', async () => {
  const { client, clock, recorder } = setup()
  client.react('create', 'events', () => {
    throw new Error('connection refused')
  })
  recorder.event(pod, 'Normal', 'Started', 'x')
  await clock.advance(0)
  recorder.stop()
  await recorder.flushed()
  assert.equal(clock.next(), undefined)
})
