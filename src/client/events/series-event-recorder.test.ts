import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventsV1Events } from '../../api/events/v1/event.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import { seededRandom } from '../../machinery/random.ts'
import { fakeClient } from '../fake/fake-client.ts'
import { createSeriesEventRecorder } from './series-event-recorder.ts'

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'shop', uid: 'u1' } } as const

test('a repeated event becomes a series, written at its start and at its end', async () => {
  const clock = new VirtualClock()
  const client = fakeClient({ clock })
  const recorder = createSeriesEventRecorder({
    client,
    reportingController: 'default-scheduler',
    clock,
    random: seededRandom(1),
  })
  const fail = () => recorder.event(pod, undefined, 'Warning', 'FailedScheduling', 'Scheduling', '0/1 nodes')
  fail()
  await recorder.flushed()
  const [single] = client.objects(eventsV1Events)
  assert.equal(single!.reportingController, 'default-scheduler')
  assert.equal(single!.eventTime, '2026-01-01T00:00:00.000000Z')
  assert.equal(single!.series, undefined)
  for (let again = 0; again < 5; again++) fail()
  await recorder.flushed()
  assert.equal(client.objects(eventsV1Events)[0]!.series?.count, 2)
  await clock.advance(13 * 60_000)
  await recorder.flushed()
  assert.equal(client.objects(eventsV1Events)[0]!.series?.count, 6)
  assert.equal(client.writes().length, 3)
  assert.equal(clock.next(), undefined)
})
