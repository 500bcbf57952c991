import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { jobs } from '../../api/batch/v1/job.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Job, JobSpec, Pod } from '../../api/types.generated.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { playKubelet } from '../pods/play-kubelet.ts'
import { type Harness, startHarness } from '../runtime/harness.ts'
import { ttlAfterFinishedController } from '../ttlafterfinished/controller.ts'
import { jobController, jobOrphansController } from './controller.ts'
import { contains, countOf, firstFree, formatIndexes, indexesOf, merge, parseIndexes } from './indexes.ts'
import { indexAnnotation, trackingFinalizer } from './job-pods.ts'

const at = { namespace: 'default', name: 'work' }
const job = (spec: Partial<JobSpec> = {}): KubeObject =>
  ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...at, uid: 'job' },
    spec: {
      parallelism: 2,
      completions: 3,
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      selector: { matchLabels: { job: 'work' } },
      template: {
        metadata: { labels: { job: 'work' } },
        spec: { restartPolicy: 'Never', containers: [{ name: 'c' }] },
      },
      ...spec,
    },
  }) as unknown as KubeObject
type Becomes = (pod: Pod) => 'ready' | 'running' | 'succeeded' | 'failed' | undefined

function start(spec: Partial<JobSpec>, becomes: Becomes, exitCode = 1): Harness {
  const harness = startHarness({
    controllers: [jobController, jobOrphansController, ttlAfterFinishedController],
    play: async (client, clock) => {
      await playKubelet(client, clock, becomes)
      for (const pod of client.objects(pods)) {
        if (pod.status?.phase !== 'Failed' || pod.status.containerStatuses) continue
        const finishedAt = new Date(clock.now()).toISOString()
        const containerStatuses = [{ name: 'c', state: { terminated: { exitCode, finishedAt } } }]
        await client.patch(
          pods,
          pod.metadata as { name: string },
          'merge',
          { status: { containerStatuses } },
          { subresource: 'status' },
        )
      }
    },
    prepare: (client) => {
      client.seed(jobs, job(spec))
    },
  })
  return harness
}
const the = ({ client }: Harness): Job => client.objects(jobs)[0]!
const conditions = (harness: Harness) =>
  (the(harness).status.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`)
const counts = (harness: Harness) => {
  const { active = 0, succeeded = 0, failed = 0, terminating = 0, ready = 0 } = the(harness).status
  return { active, succeeded, failed, terminating, ready }
}
const index = (pod: Pod) => Number(pod.metadata.annotations?.[indexAnnotation])

test('a job runs so many pods at once until so many have succeeded', async () => {
  let most = 0
  const harness = start({}, () => 'succeeded')
  harness.client.react('*', 'pods', () => {
    const running = harness.client.objects(pods).filter(({ status }) => status?.phase !== 'Succeeded')
    most = Math.max(most, running.length)
  })
  await harness.advance(5000)
  assert.ok(most <= 2)
  assert.deepEqual(counts(harness), { active: 0, succeeded: 3, failed: 0, terminating: 0, ready: 0 })
  assert.deepEqual(conditions(harness), [
    'SuccessCriteriaMet=True CompletionsReached',
    'Complete=True CompletionsReached',
  ])
  assert.ok(the(harness).status.startTime && the(harness).status.completionTime)
  assert.ok(harness.client.objects(pods).every(({ metadata }) => !metadata.finalizers?.length))
  assert.ok(harness.events.includes('Normal Completed Job completed'))
  const writes = harness.client.writes().length
  await harness.advance(600_000)
  assert.equal(harness.client.writes().length, writes)
  await harness.stop()
})

test('failures are tried again with growing pauses until there were too many', async () => {
  const harness = start({ completions: 1, parallelism: 1, backoffLimit: 2 }, () => 'failed')
  await harness.advance(5000)
  assert.equal(harness.client.objects(pods).length, 1)
  await harness.advance(6000)
  assert.equal(harness.client.objects(pods).length, 2)
  await harness.advance(15_000)
  assert.equal(harness.client.objects(pods).length, 2)
  await harness.advance(10_000)
  assert.deepEqual(counts(harness), { active: 0, succeeded: 0, failed: 3, terminating: 0, ready: 0 })
  assert.deepEqual(conditions(harness), ['FailureTarget=True BackoffLimitExceeded', 'Failed=True BackoffLimitExceeded'])
  assert.ok(harness.events.includes('Warning BackoffLimitExceeded Job has reached the specified backoff limit'))
  await harness.stop()
})

test('an indexed job runs each index once', async () => {
  const harness = start({ completionMode: 'Indexed', completions: 5, parallelism: 3 }, () => 'succeeded')
  await harness.advance(5000)
  assert.equal(the(harness).status.completedIndexes, '0-4')
  assert.deepEqual(harness.client.objects(pods).map(index).sort(), [0, 1, 2, 3, 4])
  const [pod] = harness.client.objects(pods)
  assert.match(pod!.metadata.name!, /^work-0-\w{5}$/)
  assert.equal(pod!.spec.hostname, 'work-0')
  assert.equal(pod!.spec.containers[0]!.env?.[0]?.name, 'JOB_COMPLETION_INDEX')
  assert.deepEqual(conditions(harness).at(-1), 'Complete=True CompletionsReached')
  await harness.stop()
})

test('with a limit per index others go on when one has failed', async () => {
  const harness = start(
    { completionMode: 'Indexed', completions: 3, parallelism: 3, backoffLimit: 2 ** 31 - 1, backoffLimitPerIndex: 1 },
    (pod) => (index(pod) === 1 ? 'failed' : 'succeeded'),
  )
  await harness.advance(60_000)
  const { completedIndexes, failedIndexes, failed, succeeded } = the(harness).status
  assert.deepEqual([completedIndexes, failedIndexes, failed, succeeded], ['0,2', '1', 2, 2])
  assert.deepEqual(conditions(harness), ['FailureTarget=True FailedIndexes', 'Failed=True FailedIndexes'])
  const retries = harness.client.objects(pods).filter((pod) => index(pod) === 1)
  const failures = retries.map(({ metadata }) => metadata.annotations?.['batch.kubernetes.io/job-index-failure-count'])
  assert.deepEqual(failures, ['0', '1'])
  await harness.stop()
})

test('a success policy ends the job before all indexes have succeeded', async () => {
  const harness = start(
    {
      completionMode: 'Indexed',
      completions: 4,
      parallelism: 4,
      successPolicy: { rules: [{ succeededIndexes: '0' }] },
    },
    (pod) => (index(pod) === 0 ? 'succeeded' : 'ready'),
  )
  await harness.advance(5000)
  assert.deepEqual(conditions(harness), ['SuccessCriteriaMet=True SuccessPolicy', 'Complete=True SuccessPolicy'])
  assert.deepEqual(counts(harness), { active: 0, succeeded: 1, failed: 0, terminating: 0, ready: 0 })
  await harness.stop()
})

test('a failure policy fails the job, or overlooks the failure', async () => {
  const rule = (action: 'FailJob' | 'Ignore') => ({
    podFailurePolicy: { rules: [{ action, onExitCodes: { operator: 'In', values: [42] } }] },
  })
  const failing = start({ ...rule('FailJob'), completions: 1, parallelism: 1 } as Partial<JobSpec>, () => 'failed', 42)
  await failing.advance(2000)
  assert.deepEqual(conditions(failing), ['FailureTarget=True PodFailurePolicy', 'Failed=True PodFailurePolicy'])
  const message = the(failing).status.conditions?.at(-1)?.message
  assert.match(
    message ?? '',
    /^Container c for pod default\/work-\w+ failed with exit code 42 matching FailJob rule at index 0$/,
  )
  await failing.stop()

  let tries = 0
  const ignoring = start(
    { ...rule('Ignore'), completions: 1, parallelism: 1, backoffLimit: 0 } as Partial<JobSpec>,
    (pod) => (pod.status?.phase === 'Running' || tries++ > 8 ? 'succeeded' : 'failed'),
    42,
  )
  await ignoring.advance(120_000)
  assert.deepEqual(conditions(ignoring).at(-1), 'Complete=True CompletionsReached')
  assert.equal(the(ignoring).status.failed ?? 0, 0)
  await ignoring.stop()
})

test('a suspended job has no pods and no start time; resumed, it starts anew', async () => {
  const harness = start({}, () => 'ready')
  await harness.settle()
  assert.deepEqual(counts(harness), { active: 2, succeeded: 0, failed: 0, terminating: 0, ready: 2 })
  await harness.client.patch(jobs, at, 'merge', { spec: { suspend: true } })
  await harness.advance(1000)
  assert.deepEqual(harness.client.objects(pods), [])
  assert.deepEqual([conditions(harness), the(harness).status.startTime], [['Suspended=True JobSuspended'], undefined])
  await harness.client.patch(jobs, at, 'merge', { spec: { suspend: false } })
  await harness.advance(1000)
  assert.equal(harness.client.objects(pods).length, 2)
  assert.deepEqual(conditions(harness), ['Suspended=False JobResumed'])
  assert.ok(the(harness).status.startTime)
  assert.equal(the(harness).status.failed ?? 0, 0)
  assert.deepEqual(
    harness.events.filter((event) => event.includes('Job ')),
    ['Normal Suspended Job suspended', 'Normal Resumed Job resumed'],
  )
  await harness.stop()
})

test('a job that takes too long is ended', async () => {
  const harness = start({ activeDeadlineSeconds: 30 }, () => 'ready')
  await harness.advance(20_000)
  assert.deepEqual(conditions(harness), [])
  await harness.advance(15_000)
  assert.deepEqual(conditions(harness), ['FailureTarget=True DeadlineExceeded', 'Failed=True DeadlineExceeded'])
  assert.deepEqual(harness.client.objects(pods), [])
  assert.equal(the(harness).status.failed, 2)
  await harness.stop()
})

test('a finished job goes when its time is over', async () => {
  const harness = start({ completions: 1, ttlSecondsAfterFinished: 60 }, () => 'succeeded')
  await harness.advance(30_000)
  assert.equal(harness.client.objects(jobs).length, 1)
  await harness.advance(40_000)
  assert.ok(harness.client.objects(jobs)[0]!.metadata.deletionTimestamp)
  await harness.stop()
})

test('pods of a job that is gone are let go', async () => {
  const harness = start({}, () => 'ready')
  await harness.settle()
  await harness.client.delete(jobs, at)
  await harness.settle()
  assert.ok(harness.client.objects(pods).every(({ metadata }) => !metadata.finalizers?.includes(trackingFinalizer)))
  await harness.stop()
})

test('a job that another controller manages is left alone', async () => {
  const harness = start({ managedBy: 'example.com/other' }, () => 'ready')
  await harness.advance(1000)
  assert.deepEqual(harness.client.writes(), [])
  await harness.stop()
})

test('however pods end, each is counted exactly once, and the controller may be restarted at any time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      async (fates, parallelism, indexed) => {
        const fate = new Map<string, boolean>()
        const harness = start(
          {
            parallelism,
            completions: 3,
            completionMode: indexed ? 'Indexed' : 'NonIndexed',
            backoffLimit: 100,
          },
          ({ metadata }) => {
            if (!fate.has(metadata.uid!)) fate.set(metadata.uid!, fates[fate.size] ?? true)
            return fate.get(metadata.uid!) ? 'succeeded' : 'failed'
          },
        )
        let crash = 0
        harness.client.react('update', 'jobs', () => {
          if (++crash % 3 === 0) throw new Error('connection lost')
        })
        await harness.advance(3_600_000)
        assert.equal(conditions(harness).at(-1), 'Complete=True CompletionsReached')
        const ended = harness.client.objects(pods)
        const failed = ended.filter(({ status }) => status?.phase === 'Failed').length
        assert.deepEqual([the(harness).status.succeeded, the(harness).status.failed ?? 0], [3, failed])
        await harness.stop()
      },
    ),
    { numRuns: 15 },
  )
})

test('index sets keep their members through text and union', () => {
  const set = fc.array(fc.nat(40))
  fc.assert(
    fc.property(set, set, (a, b) => {
      const union = merge(indexesOf(a), indexesOf(b))
      const members = new Set([...a, ...b])
      assert.equal(countOf(union), members.size)
      assert.deepEqual(parseIndexes(formatIndexes(union), 1000), union)
      for (let number = 0; number < 41; number++) assert.equal(contains(union, number), members.has(number))
      const free = firstFree(union, 5, 41)
      const expected = Array.from({ length: 41 }, (_, number) => number).filter((number) => !members.has(number))
      assert.deepEqual(free, expected.slice(0, 5))
    }),
  )
})
