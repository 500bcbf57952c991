import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Container, Pod } from '../../api/types.generated.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import { deepFreeze } from '../../machinery/json.ts'
import type { ContainerState } from '../runtimes/types.ts'
import { BackOff } from './back-off.ts'
import { containerHash } from './container-hash.ts'
import { planPod, type Step } from './plan.ts'
import type { PlanInput } from './plan-input.ts'
import type { ObservedContainer, PodRuntime } from './pod-runtime.ts'
import { endsAfter } from './termination-order.ts'

const container = (name: string, more: Partial<Container> = {}): Container => ({
  name,
  image: 'i',
  resources: {},
  ...more,
})
const pod = (spec: Partial<Pod['spec']>): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n', uid: 'u' },
  spec: { restartPolicy: 'Always', containers: [container('main')], ...spec },
  status: {},
})
const seen = (of: Container, state: ContainerState, more: Partial<ObservedContainer> = {}): ObservedContainer => ({
  id: `${of.name}-id`,
  sandboxId: 's',
  name: of.name,
  state,
  createdAt: 1,
  startedAt: 1,
  finishedAt: state === 'exited' ? 2 : 0,
  exitCode: 0,
  reason: '',
  message: '',
  image: 'i',
  imageRef: 'i',
  imageId: 'i',
  hash: containerHash(of),
  restartCount: 0,
  logPath: '',
  mounts: [],
  ...more,
})
const sandbox = { id: 's', attempt: 0, ready: true, createdAt: 0, network: 'pod' as const, ips: ['10.0.0.1'] }
const runtime = (
  containers: readonly ObservedContainer[],
  sandboxes: PodRuntime['sandboxes'] = [sandbox],
): PodRuntime => ({
  uid: 'u',
  name: 'p',
  namespace: 'n',
  sandboxes,
  containers,
  ips: ['10.0.0.1'],
})
const plan = (of: Pod, at: PodRuntime, more: Partial<PlanInput> = {}): readonly Step[] =>
  planPod(
    deepFreeze({
      pod: of,
      runtime: at,
      restartAll: false,
      liveness: () => undefined,
      startup: () => undefined,
      resize: () => 'keep' as const,
      backOff: { waitUntil: () => undefined, delayMs: () => 0 },
      ...more,
    }),
  )
const short = (steps: readonly Step[]) =>
  steps.map((step) => {
    if (step.do === 'start') return `start ${step.container.name}`
    return 'name' in step ? `${step.do} ${step.name}` : step.do
  })

test('a new pod gets a sandbox, then its first init container, or all its containers', () => {
  assert.deepEqual(short(plan(pod({ containers: [container('a'), container('b')] }), runtime([], []))), [
    'createSandbox',
    'start a',
    'start b',
  ])
  const initContainers = [container('i1'), container('i2')]
  assert.deepEqual(short(plan(pod({ initContainers }), runtime([], []))), ['createSandbox', 'start i1'])
})

test('what runs is left alone', () => {
  const of = pod({})
  assert.deepEqual(plan(of, runtime([seen(of.spec.containers[0]!, 'running')])), [])
})

test('the policy decides about what has ended', () => {
  const cases: readonly ['Always' | 'OnFailure' | 'Never', number, string[]][] = [
    ['Always', 0, ['start main']],
    ['OnFailure', 0, ['killPod']],
    ['OnFailure', 1, ['start main']],
    ['Never', 1, ['killPod']],
  ]
  for (const [restartPolicy, exitCode, steps] of cases) {
    const of = pod({ restartPolicy })
    assert.deepEqual(
      short(plan(of, runtime([seen(of.spec.containers[0]!, 'exited', { exitCode })]))),
      steps,
      `${restartPolicy} ${exitCode}`,
    )
  }
})

test('a changed image, a dead probe and a lost container lead to a kill and a start', () => {
  const of = pod({})
  const [main] = of.spec.containers
  const message = (steps: readonly Step[]) => steps.map((step) => ('message' in step ? step.message : step.do))
  assert.deepEqual(message(plan(of, runtime([seen(main!, 'running', { hash: 'old' })]))), [
    'Container main definition changed, will be restarted',
    'start',
  ])
  const dead = plan(of, runtime([seen(main!, 'running')]), { liveness: () => 'failure' })
  assert.deepEqual(message(dead), ['Container main failed liveness probe, will be restarted', 'start'])
  const never = pod({ restartPolicy: 'Never', containers: [container('main'), container('b')] })
  const both = never.spec.containers.map((one) => seen(one, 'running'))
  const startup = plan(never, runtime(both), { startup: (id) => (id === 'main-id' ? 'failure' : undefined) })
  assert.deepEqual(message(startup), ['Container main failed startup probe'])
  assert.deepEqual(message(plan(of, runtime([seen(main!, 'unknown')]))), [
    'Container is in "unknown" state, try killing it before restart',
    'start',
  ])
})

test('a container that crashed waits, and says for how long', () => {
  const clock = new VirtualClock(0)
  const backOff = new BackOff({ clock, initialMs: 10_000, maxMs: 300_000 })
  const of = pod({})
  const ended = runtime([seen(of.spec.containers[0]!, 'exited', { exitCode: 1 })])
  const [first] = plan(of, ended, { backOff })
  assert.equal(first?.do, 'start')
  backOff.next(JSON.stringify(['p', 'n', 'u', 'main', 'i', {}]), 2)
  const [second] = plan(of, ended, { backOff })
  assert.deepEqual(second, {
    do: 'wait',
    kind: 'app',
    name: 'main',
    message: 'back-off 10s restarting failed container=main pod=p_n(u)',
    until: 10_002,
  })
})

test('ended init containers that the runtime has forgotten are not run again', () => {
  const of = pod({ initContainers: [container('i1'), container('i2')] })
  assert.deepEqual(short(plan(of, runtime([seen(container('i2'), 'exited')]))), ['start main'])
  assert.deepEqual(short(plan(of, runtime([seen(of.spec.containers[0]!, 'running')]))), [])
})

test('a sidecar that dies is started again, before and after the pod is initialized', () => {
  const side = container('side', { restartPolicy: 'Always' })
  const of = pod({ initContainers: [side, container('init')] })
  assert.deepEqual(short(plan(of, runtime([seen(container('init'), 'running'), seen(side, 'exited')]))), ['start side'])
  const running = seen(of.spec.containers[0]!, 'running')
  assert.deepEqual(short(plan(of, runtime([running, seen(side, 'exited', { exitCode: 1 })]))), ['start side'])
})

test('a sidecar with a startup probe holds the next ones back until it has started', () => {
  const side = container('side', { restartPolicy: 'Always', startupProbe: {} })
  const of = pod({ initContainers: [side] })
  const at = runtime([seen(side, 'running')])
  assert.deepEqual(plan(of, at), [])
  assert.deepEqual(short(plan(of, at, { startup: () => 'success' })), ['start main'])
})

test('a sandbox without an address or with another network is replaced, and init containers run anew', () => {
  const of = pod({ initContainers: [container('init')] })
  const init = seen(container('init'), 'exited')
  for (const change of [{ ips: [] }, { ready: false }, { network: 'node' as const }]) {
    const steps = short(plan(of, runtime([init], [{ ...sandbox, ...change }])))
    assert.deepEqual(steps, ['killPod', 'removeContainer init', 'createSandbox', 'start init'], JSON.stringify(change))
  }
})

test('a pod that never restarts gets no second sandbox', () => {
  const of = pod({ restartPolicy: 'Never' })
  const ended = seen(of.spec.containers[0]!, 'exited', { exitCode: 137 })
  assert.deepEqual(short(plan(of, runtime([ended], [{ ...sandbox, ready: false }]))), ['killPod'])
})

test('a deleted pod starts nothing', () => {
  const of = pod({})
  const deleted = { ...of, metadata: { ...of.metadata, deletionTimestamp: 'now' } }
  assert.deepEqual(short(plan(deleted, runtime([]))), ['killPod'])
})

test('sidecars end after the others, the last declared first', () => {
  const side = (name: string) => container(name, { restartPolicy: 'Always' })
  const order = endsAfter(pod({ initContainers: [side('s1'), container('i'), side('s2')] }))
  assert.deepEqual(
    [...order],
    [
      ['s2', ['main']],
      ['s1', ['main', 's2']],
    ],
  )
})

const states: readonly (ContainerState | 'absent')[] = ['absent', 'created', 'running', 'exited', 'unknown']
const arbitrary = fc.record({
  restartPolicy: fc.constantFrom('Always' as const, 'OnFailure' as const, 'Never' as const),
  sidecar: fc.boolean(),
  init: fc.constantFrom(...states),
  a: fc.constantFrom(...states),
  b: fc.constantFrom(...states),
  exitCode: fc.constantFrom(0, 1),
  ready: fc.boolean(),
})

test('whatever is found: nothing that runs is started, nothing is started twice, and a kill comes before its start', () => {
  fc.assert(
    fc.property(arbitrary, ({ restartPolicy, sidecar, init, a, b, exitCode, ready }) => {
      const first = container('init', sidecar ? { restartPolicy: 'Always' } : {})
      const of = pod({ restartPolicy, initContainers: [first], containers: [container('a'), container('b')] })
      const found = [
        [first, init],
        [of.spec.containers[0]!, a],
        [of.spec.containers[1]!, b],
      ] as const
      const containers = found.flatMap(([one, state]) => (state === 'absent' ? [] : [seen(one, state, { exitCode })]))
      const steps = plan(of, runtime(containers, [{ ...sandbox, ready }]))
      const started = steps.flatMap((step) => (step.do === 'start' ? [step.container.name] : []))
      assert.equal(new Set(started).size, started.length)
      const killed = new Set(steps.flatMap((step) => (step.do === 'killContainer' ? [step.name] : [])))
      const all = steps.some((step) => step.do === 'killPod')
      for (const { name, state } of containers) {
        if (started.includes(name))
          assert.ok(state !== 'running' || killed.has(name) || all, `${name} runs and is started`)
      }
      for (const name of killed) {
        const kill = steps.findIndex((step) => step.do === 'killContainer' && step.name === name)
        const start = steps.findIndex((step) => step.do === 'start' && step.container.name === name)
        assert.ok(start < 0 || kill < start)
      }
      // Apps wait for an init container that has not ended well.
      if (ready && !sidecar && a === 'absent' && b === 'absent' && (init !== 'exited' || exitCode !== 0)) {
        assert.ok(!started.includes('a') && !started.includes('b'))
      }
    }),
  )
})
