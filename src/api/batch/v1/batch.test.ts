import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultsOf, faultsOfUpdate, made, merged, type Loose } from '../../rules.fixture.ts'
import { cronJobs } from './cron-job.ts'
import { jobs } from './job.ts'
import { defaultFeatureGates } from '../../features/feature-gates.ts'

const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } }
const job = (spec: Loose = {}) => ({
  metadata: { name: 'j', namespace: 'd', uid: 'u' },
  spec: merged({ template }, spec),
})
const cronJob = (spec: Loose = {}, name = 'c') => ({
  metadata: { name, namespace: 'd' },
  spec: merged({ schedule: '*/5 * * * *', jobTemplate: { spec: { template } } }, spec),
})

test('a job with a template is right, and one that is indexed', () => {
  assert.deepEqual(faultsOf(jobs, job()), [])
  const rules = [{ succeededIndexes: '0,2-3', succeededCount: 3 }]
  const indexed = { completionMode: 'Indexed', completions: 5, successPolicy: { rules } }
  assert.deepEqual(faultsOf(jobs, job(indexed)), [])
})

const faults: readonly [what: string, spec: Loose, ...texts: string[]][] = [
  [
    'pods that are always restarted',
    { template: { spec: { restartPolicy: undefined } } },
    'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  ],
  ['less than no pods', { parallelism: -1 }, 'spec.parallelism: Invalid value: -1: must be greater than or equal to 0'],
  [
    'indexes but no number of them',
    { completionMode: 'Indexed', parallelism: 1 },
    'spec.completions: Required value: when completion mode is Indexed',
  ],
  [
    'a limit for indexes that it has not',
    { backoffLimitPerIndex: 1 },
    'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
  ],
  [
    'an owner without a domain',
    { managedBy: 'me' },
    'spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")',
  ],
  [
    'a failure rule about nothing',
    { podFailurePolicy: { rules: [{ action: 'Ignore' }] } },
    'spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
  ],
  [
    'exit codes out of order',
    { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [2, 1, 0] } }] } },
    'spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Invalid value: 0: must not be 0 for the In operator',
    'spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,1,0]: must be ordered',
  ],
  [
    'an index too many',
    { completionMode: 'Indexed', completions: 2, successPolicy: { rules: [{ succeededIndexes: '1,2' }] } },
    'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "1,2": error parsing succeededIndexes: too large index: "2"',
  ],
  [
    'labels of another',
    { template: { metadata: { labels: { 'job-name': 'x' } } } },
    'spec.template.metadata.labels[job-name]: Invalid value: {"job-name":"x","batch.kubernetes.io/job-name":"j","controller-uid":"u","batch.kubernetes.io/controller-uid":"u"}: must be \'j\'',
  ],
]
for (const [what, spec, ...texts] of faults) {
  test(`a job is refused with ${what}`, () => assert.deepEqual(faultsOf(jobs, job(spec)), texts))
}

const change = (spec: Loose, from: Loose = {}, status: Loose = {}) => {
  const old = { ...(made(jobs, job(from)) as unknown as Loose), status }
  return faultsOfUpdate(jobs, old, merged(old, { spec }))
}

test('a job keeps its template, but for one that is suspended', () => {
  const limits = {
    template: { spec: { containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: '1' } } }] } },
  }
  const [text] = change(limits)
  assert.match(text!, /^spec.template: Invalid value: .*: field is immutable$/)
  assert.deepEqual(change(limits, { suspend: true }), [])
  assert.deepEqual(change({ template: { spec: { nodeSelector: { a: 'b' } } } }, { suspend: true }), [])
  assert.match(change({ template: { spec: { hostNetwork: true } } }, { suspend: true })[0]!, /^spec.template.spec: /)
})

test('completions stay, or follow the parallelism of an indexed job', () => {
  assert.deepEqual(change({ completions: 2 }), ['spec.completions: Invalid value: 2: field is immutable'])
  const indexed = { completionMode: 'Indexed', completions: 2, parallelism: 2 }
  assert.deepEqual(change({ completions: 3, parallelism: 3 }, indexed), [])
  assert.deepEqual(change({ completions: 3 }, indexed), [
    'spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism',
  ])
})

test('a status is told in order', () => {
  const report = (status: Loose, before: Loose = {}) => {
    const old = { ...(made(jobs, job()) as unknown as Loose), status: before }
    const as = {
      now: 0,
      requestUser: { name: 'c' } as never,
      subresource: 'status',
      enabled: defaultFeatureGates.enabled,
    }
    return faultsOfUpdate(jobs, old, { ...old, status }, as)
  }
  const complete = [
    { type: 'SuccessCriteriaMet', status: 'True' },
    { type: 'Complete', status: 'True' },
  ]
  const [startTime, completionTime] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z']
  assert.deepEqual(report({ conditions: complete, startTime, completionTime, succeeded: 1 }), [])
  assert.deepEqual(report({ conditions: complete.slice(1), succeeded: 1 }), [
    'status.completionTime: Required value: completionTime is required for Complete jobs',
    'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
    'status.startTime: Required value: startTime is required for finished job',
  ])
  assert.deepEqual(report({ failed: 1, ready: 1 }, { failed: 2 }), [
    'status.ready: Invalid value: 1: cannot set more ready pods than active',
    'status.failed: Invalid value: 1: cannot decrease the failed counter',
  ])
})

test('a CronJob has a schedule that can be read, and a short name', () => {
  assert.deepEqual(faultsOf(cronJobs, cronJob()), [])
  assert.deepEqual(faultsOf(cronJobs, cronJob({ schedule: '* * * *' })), [
    'spec.schedule: Invalid value: "* * * *": expected exactly 5 fields, found 4: [* * * *]',
  ])
  assert.deepEqual(faultsOf(cronJobs, cronJob({ schedule: 'TZ=UTC * * * * *' })), [
    'spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
  ])
  assert.deepEqual(faultsOf(cronJobs, cronJob({ timeZone: 'Nowhere/At_all' })), [
    'spec.timeZone: Invalid value: "Nowhere/At_all": unknown time zone Nowhere/At_all',
  ])
  assert.deepEqual(faultsOf(cronJobs, cronJob({}, 'x'.repeat(53))), [
    `metadata.name: Invalid value: "${'x'.repeat(53)}": must be no more than 52 characters`,
  ])
})
