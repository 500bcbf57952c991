import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus, Pod, PodStatus } from '../../api/types.generated.ts'
import { mergeStatus, statusPatch } from './merge-status.ts'
import { illegalTransition, withTimes } from './normalize-status.ts'
import { podPhase } from './phase.ts'

const status = (
  name: string,
  state: ContainerStatus['state'],
  more: Partial<ContainerStatus> = {},
): ContainerStatus => ({
  name,
  state,
  ready: false,
  restartCount: 0,
  image: '',
  imageID: '',
  ...more,
})
const running = { running: {} }
const waiting = { waiting: {} }
const ended = (exitCode: number) => ({ terminated: { exitCode } })
const pod = (spec: Partial<Pod['spec']>): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', uid: 'u' },
  spec: {
    restartPolicy: 'Always',
    containers: [
      { name: 'a', resources: {} },
      { name: 'b', resources: {} },
    ],
    ...spec,
  },
  status: {},
})

test('the phase follows from what the containers do', () => {
  const phase = (
    a: ContainerStatus['state'],
    b: ContainerStatus['state'],
    restartPolicy: 'Always' | 'OnFailure' | 'Never',
    terminal = false,
  ) => podPhase(pod({ restartPolicy }), [status('a', a), status('b', b)], terminal, true, false)
  assert.equal(phase(running, running, 'Always'), 'Running')
  assert.equal(phase(running, waiting, 'Always'), 'Pending')
  assert.equal(phase(running, ended(1), 'Never'), 'Running')
  assert.equal(phase(ended(0), ended(0), 'Always'), 'Running')
  assert.equal(phase(ended(0), ended(0), 'OnFailure'), 'Succeeded')
  assert.equal(phase(ended(0), ended(1), 'OnFailure'), 'Running')
  assert.equal(phase(ended(0), ended(1), 'Never'), 'Failed')
  assert.equal(phase(ended(0), ended(0), 'Always', true), 'Succeeded')
  assert.equal(phase(ended(0), ended(137), 'Always', true), 'Failed')
  assert.equal(podPhase(pod({}), [], false, true, false), 'Pending')
})

test('a container that waits after an end counts as ended', () => {
  const crashed = status('a', waiting, { lastState: ended(1) })
  const phase = (restartPolicy: 'Always' | 'Never') =>
    podPhase(pod({ restartPolicy, containers: [{ name: 'a', resources: {} }] }), [crashed], false, true, false)
  assert.equal(phase('Always'), 'Running')
  assert.equal(phase('Never'), 'Failed')
})

test('conditions keep their time while they do not change', () => {
  const old: PodStatus = {
    startTime: 'then',
    conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: 'then' }],
  }
  const now = Date.UTC(2026, 0, 1)
  const same = withTimes(pod({}), { conditions: [{ type: 'Ready', status: 'False' }] }, old, now)
  assert.deepEqual([same.startTime, same.conditions![0]!.lastTransitionTime], ['then', 'then'])
  const changed = withTimes(pod({}), { conditions: [{ type: 'Ready', status: 'True' }] }, old, now)
  assert.equal(changed.conditions![0]!.lastTransitionTime, '2026-01-01T00:00:00Z')
})

test('what has ended for good cannot come back', () => {
  const over = { containerStatuses: [status('a', ended(0))] }
  const back = { containerStatuses: [status('a', running)] }
  assert.equal(
    illegalTransition(pod({ restartPolicy: 'Never' }), over, back),
    'terminated container a attempted illegal transition to non-terminated state',
  )
  assert.equal(illegalTransition(pod({}), over, back), undefined)
  assert.equal(
    illegalTransition(pod({ restartPolicy: 'OnFailure' }), { containerStatuses: [status('a', ended(1))] }, back),
    undefined,
  )
})

test('a final phase is told only once nothing runs, and then not ready', () => {
  const api: PodStatus = {
    phase: 'Running',
    conditions: [{ type: 'x.io/mine', status: 'True' }],
    nominatedNodeName: 'n',
  }
  const own: PodStatus = { phase: 'Succeeded', conditions: [{ type: 'Ready', status: 'True' }] }
  assert.equal(mergeStatus(api, own, true).phase, 'Running')
  const merged = mergeStatus(api, own, false)
  assert.equal(merged.phase, 'Succeeded')
  assert.deepEqual(merged.conditions, [
    { type: 'x.io/mine', status: 'True' },
    { type: 'Ready', status: 'False', reason: 'PodCompleted' },
  ])
  assert.equal(merged.nominatedNodeName, 'n')
})

test('a patch holds what differs, and leaves the conditions of others alone', () => {
  const from: PodStatus = {
    phase: 'Pending',
    message: 'old',
    conditions: [
      { type: 'mine', status: 'False', message: 'm', lastProbeTime: null as never },
      { type: 'theirs', status: 'True' },
      { type: 'gone', status: 'True' },
    ],
  }
  const to: PodStatus = {
    phase: 'Running',
    conditions: [
      { type: 'mine', status: 'True' },
      { type: 'theirs', status: 'True' },
    ],
    podIPs: [{ ip: '1.1.1.1' }],
  }
  assert.deepEqual(statusPatch('u', from, to), {
    metadata: { uid: 'u' },
    status: {
      phase: 'Running',
      message: null,
      conditions: [
        { type: 'mine', status: 'True', message: null },
        { $patch: 'delete', type: 'gone' },
      ],
      podIPs: [{ ip: '1.1.1.1' }],
    },
  })
  assert.equal(statusPatch('u', to, to), undefined)
})
