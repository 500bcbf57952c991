import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cronJobs } from '../../api/batch/v1/cron-job.ts'
import { jobs } from '../../api/batch/v1/job.ts'
import type { CronJob, CronJobSpec } from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { type Harness, startHarness } from '../runtime/harness.ts'
import { cronJobController } from './controller.ts'

const minute = 60_000
const key = { namespace: 'default', name: 'tick' }
const start = (spec: Partial<CronJobSpec> = {}, more: Partial<CronJob> = {}) =>
  startHarness({
    controllers: [cronJobController],
    prepare: (client) => {
      client.seed(cronJobs, {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: key,
        spec: { schedule: '*/5 * * * *', jobTemplate: { metadata: { labels: { a: 'b' } }, spec: {} }, ...spec },
        ...more,
      } as KubeObject)
    },
  })
const the = ({ client }: Harness) => client.objects(cronJobs)[0]!
const end = async ({ client, clock }: Harness, type: 'Complete' | 'Failed') => {
  for (const job of client.objects(jobs)) {
    if (job.status?.conditions) continue
    const time = formatTime(clock.now())
    const status = { conditions: [{ type, status: 'True' }], startTime: time, completionTime: time }
    await client.patch(jobs, job.metadata as { name: string }, 'merge', { status }, { subresource: 'status' })
  }
}

test('a job is made whenever it is due, and followed to its end', async () => {
  const harness = start()
  await harness.advance(5 * minute + 1000)
  const [job] = harness.client.objects(jobs)
  // Minutes since the epoch.
  assert.equal(job!.metadata.name, `tick-${Date.UTC(2026, 0, 1, 0, 5) / minute}`)
  assert.deepEqual(job!.metadata.annotations, {
    'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:05:00Z',
  })
  assert.deepEqual(job!.metadata.labels, { a: 'b' })
  assert.deepEqual(
    the(harness).status.active?.map(({ name }) => name),
    [job!.metadata.name],
  )
  assert.equal(the(harness).status.lastScheduleTime, '2026-01-01T00:05:00Z')
  await end(harness, 'Complete')
  await harness.settle()
  assert.equal(the(harness).status.active, undefined)
  assert.equal(the(harness).status.lastSuccessfulTime, '2026-01-01T00:05:01Z')
  await harness.advance(10 * minute)
  assert.equal(harness.client.objects(jobs).length, 3)
  assert.deepEqual(harness.events.slice(0, 2), [
    `Normal SuccessfulCreate Created job ${job!.metadata.name}`,
    `Normal SawCompletedJob Saw completed job: ${job!.metadata.name}, condition: Complete`,
  ])
  await harness.stop()
})

test('an hour of minutes passes with a job each and no more', async () => {
  const harness = start({ schedule: '* * * * *', successfulJobsHistoryLimit: 3 })
  for (let passed = 0; passed < 60; passed++) {
    await harness.advance(minute)
    await end(harness, 'Complete')
  }
  await harness.settle()
  const made = harness.client.actions.filter(({ verb, resource }) => verb === 'create' && resource === 'jobs')
  assert.equal(made.length, 60)
  const ended = harness.client.objects(jobs).filter(({ status }) => status?.conditions)
  assert.equal(ended.length, 3)
  await harness.stop()
})

test('Forbid waits for the job before, Replace ends it', async () => {
  const forbidding = start({ concurrencyPolicy: 'Forbid' })
  await forbidding.advance(16 * minute)
  assert.equal(forbidding.client.objects(jobs).length, 1)
  assert.ok(
    forbidding.events.some((event) => event.startsWith('Normal JobAlreadyActive Not starting job because prior')),
  )
  await forbidding.stop()

  const replacing = start({ concurrencyPolicy: 'Replace' })
  await replacing.advance(16 * minute)
  const [only, ...others] = replacing.client.objects(jobs)
  assert.equal(others.length, 0)
  assert.deepEqual(
    the(replacing).status.active?.map(({ uid }) => uid),
    [only!.metadata.uid],
  )
  await replacing.stop()
})

test('after a long pause only the last missed job is made, if it is not too late', async () => {
  const long = { metadata: { ...key, creationTimestamp: '2025-12-01T00:01:00Z' } }
  const late = start({}, long)
  await late.settle()
  assert.equal(
    late.client.objects(jobs)[0]!.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'],
    '2026-01-01T00:00:00Z',
  )
  assert.equal(late.client.objects(jobs).length, 1)
  assert.ok(late.events.some((event) => event.startsWith('Warning TooManyMissedTimes too many missed start times.')))
  await late.stop()

  const tooLate = start({ schedule: '58 23 * * *', startingDeadlineSeconds: 60 }, long)
  await tooLate.settle()
  assert.deepEqual(tooLate.client.objects(jobs), [])
  await tooLate.stop()
})

test('schedules keep to their time zone', async () => {
  const harness = start({ schedule: '30 1 * * *', timeZone: 'Europe/Berlin' })
  await harness.advance(31 * minute)
  const [job] = harness.client.objects(jobs)
  assert.equal(
    job!.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'],
    '2026-01-01T01:30:00+01:00',
  )
  await harness.stop()
})

test('what cannot be understood is told and does nothing', async () => {
  const bad = start({ schedule: 'never' })
  await bad.settle()
  assert.deepEqual(bad.events, [
    'Warning UnparseableSchedule unparseable schedule: "never" : expected exactly 5 fields, found 1: [never]',
  ])
  await bad.stop()
  const nowhere = start({ timeZone: 'Nowhere' })
  await nowhere.settle()
  assert.deepEqual(nowhere.events, ['Warning UnknownTimeZone invalid timeZone: "Nowhere": unknown time zone Nowhere'])
  await nowhere.stop()
  const suspended = start({ suspend: true })
  await suspended.advance(30 * minute)
  assert.deepEqual(suspended.client.objects(jobs), [])
  await suspended.stop()
})

test('a job that was made before the status could be written is not made twice', async () => {
  const harness = start()
  let fail = true
  harness.client.react('update', 'cronjobs', () => {
    if (fail) throw new Error('connection lost')
  })
  await harness.advance(5 * minute + 1000)
  fail = false
  await harness.advance(1000)
  assert.equal(harness.client.objects(jobs).length, 1)
  assert.equal(the(harness).status.active?.length, 1)
  assert.equal(the(harness).status.lastScheduleTime, '2026-01-01T00:05:00Z')
  await harness.stop()
})
