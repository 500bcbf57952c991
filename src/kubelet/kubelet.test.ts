import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { leases } from '../api/coordination/v1/lease.ts'
import { events as eventKind } from '../api/core/v1/event.ts'
import { nodes } from '../api/core/v1/node.ts'
import { pods } from '../api/core/v1/pod.ts'
import type { Container, Pod } from '../api/types.generated.ts'
import { fakeClient } from '../client/fake/fake-client.ts'
import { VirtualClock } from '../machinery/clock.ts'
import { silentLogger } from '../machinery/log.ts'
import { seededRandom } from '../machinery/random.ts'
import { createSimulatedHost } from './host/simulated-host.ts'
import { createKubelet } from './kubelet.ts'
import type { SimulatedProgram } from './runtimes/simulated/program.ts'
import { createSimulatedRuntime, type SimulatedRuntimeOptions } from './runtimes/simulated/runtime.ts'

/** A simulated node on a clock that the test moves. */
async function node(
  t: TestContext,
  options: Partial<SimulatedRuntimeOptions> = {},
  programs: Record<string, SimulatedProgram> = {},
) {
  const clock = new VirtualClock()
  const random = seededRandom(7)
  const client = fakeClient({ clock })
  const program: SimulatedRuntimeOptions['program'] = ({ metadata }) => programs[metadata.name]
  const runtime = createSimulatedRuntime({ clock, random, program, ...options })
  const make = () =>
    createKubelet({
      nodeName: 'node',
      client,
      runtime,
      host: createSimulatedHost(),
      clock,
      random,
      log: silentLogger,
      nodeIPs: ['198.18.0.1'],
      clusterDNS: [],
      clusterDomain: 'cluster.local',
    })
  let kubelet = make()
  await kubelet.start()
  t.after(() => kubelet.stop())
  await clock.advance(1000)
  client.clearActions()
  const get = (name: string) => client.objects(pods).find(({ metadata }) => metadata.name === name)
  return {
    client,
    clock,
    runtime,
    get,
    need: (name: string) => get(name)!,
    create: (pod: Pod) => client.create(pods, pod),
    remove: (name: string, gracePeriodSeconds = 30) =>
      client.delete(pods, { namespace: 'default', name }, { gracePeriodSeconds }),
    messages: () => client.objects(eventKind).map(({ reason, message }) => `${reason}: ${message}`),
    async restart() {
      await kubelet.stop()
      kubelet = make()
      await kubelet.start()
      await clock.advance(1000)
    },
  }
}

const container = (name: string, more: Partial<Container> = {}): Container => ({
  name,
  image: 'image:1',
  resources: {},
  ...more,
})
const pod = (name: string, spec: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: {
    nodeName: 'node',
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    containers: [container('main')],
    ...spec,
  },
  status: { phase: 'Pending' },
})
const isReady = ({ status }: Pod) =>
  status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')
const state = (of: Pod, name = 'main') =>
  [...(of.status.containerStatuses ?? []), ...(of.status.initContainerStatuses ?? [])].find((one) => one.name === name)!

test('the node registers itself ready and renews its lease', async (t) => {
  const { client, clock } = await node(t)
  const ready = client.objects(nodes)[0]!.status.conditions!.find(({ type }) => type === 'Ready')!
  assert.deepEqual([ready.status, ready.message], ['True', 'kubelet is posting ready status'])
  const renewed = () => client.objects(leases)[0]!.spec.renewTime
  const before = renewed()
  await clock.advance(10_000)
  assert.notEqual(renewed(), before)
})

test('a pod becomes ready with few writes, and silence follows', async (t) => {
  const { client, clock, create, need } = await node(t)
  await create(pod('a'))
  await clock.advance(100)
  assert.equal(need('a').status.phase, 'Running')
  assert.equal(isReady(need('a')), true)
  assert.match(need('a').status.podIP!, /^10\./)
  const status = client.writes().filter((line) => line === 'patch pods/status a')
  assert.equal(status.length, 1)
  client.clearActions()
  await clock.advance(120_000)
  assert.deepEqual(
    client.writes().filter((line) => line.includes(' a')),
    [],
  )
})

test('a crashing container waits 10 s, 20 s, 40 s, and starts anew after ten quiet minutes', async (t) => {
  let starts: number[] = []
  let crashing = true
  const { clock, create, need, messages } = await node(
    t,
    {},
    {
      main: {
        run: async ({ sleep }) => {
          starts.push(clock.now())
          await sleep(crashing ? 1000 : 700_000)
          return 1
        },
      },
    },
  )
  await create(pod('a'))
  await clock.advance(90_000)
  const gaps = starts.slice(1).map((at, index) => Math.round((at - starts[index]!) / 1000))
  assert.deepEqual(gaps.slice(0, 4), [1, 11, 21, 41])
  const { restartCount, state: now } = state(need('a'))
  assert.equal(restartCount, 4)
  assert.equal(
    now!.waiting!.message,
    `back-off 1m20s restarting failed container=main pod=a_default(${need('a').metadata.uid})`,
  )
  assert.ok(
    messages().some((text) => text.startsWith('BackOff: Back-off restarting failed container main in pod a_default(')),
  )
  crashing = false
  starts = []
  await clock.advance(800_000)
  assert.equal(starts.length, 2)
})

test('init containers run in order, a failing one is tried again, and the pod waits for it', async (t) => {
  const order: string[] = []
  let failures = 1
  const once = (name: string): SimulatedProgram => ({
    run: async ({ sleep }) => {
      order.push(name)
      await sleep(100)
      return name === 'two' && failures-- > 0 ? 1 : 0
    },
  })
  const { clock, create, need } = await node(t, {}, { one: once('one'), two: once('two') })
  await create(pod('a', { initContainers: [container('one'), container('two')] }))
  await clock.advance(50)
  assert.deepEqual(state(need('a')).state, { waiting: { reason: 'PodInitializing' } })
  assert.equal(
    need('a').status.conditions!.find(({ type }) => type === 'Initialized')!.message,
    'containers with incomplete status: [one two]',
  )
  await clock.advance(30_000)
  assert.deepEqual(order, ['one', 'two', 'two'])
  assert.equal(isReady(need('a')), true)
  assert.deepEqual([state(need('a'), 'two').restartCount, state(need('a'), 'two').ready], [1, true])
})

test('a pod that never restarts fails with its init container', async (t) => {
  const { clock, create, need } = await node(t, {}, { one: { run: async () => 2 } })
  await create(pod('a', { restartPolicy: 'Never', initContainers: [container('one')] }))
  await clock.advance(5000)
  assert.equal(need('a').status.phase, 'Failed')
  assert.deepEqual(state(need('a')).state, { waiting: { reason: 'PodInitializing' } })
})

test('sidecars start before the app and end after it, last first', async (t) => {
  const log: string[] = []
  const program = (name: string): SimulatedProgram => ({
    run: ({ terminated }) => {
      log.push(`+${name}`)
      return new Promise((resolve) =>
        terminated.addEventListener('abort', () => {
          log.push(`-${name}`)
          resolve(0)
        }),
      )
    },
  })
  const { clock, create, get, remove } = await node(
    t,
    {},
    { s1: program('s1'), s2: program('s2'), main: program('main') },
  )
  const sidecar = (name: string) => container(name, { restartPolicy: 'Always' })
  await create(pod('a', { initContainers: [sidecar('s1'), sidecar('s2')] }))
  await clock.advance(1000)
  await remove('a')
  await clock.advance(5000)
  assert.deepEqual(log, ['+s1', '+s2', '+main', '-main', '-s2', '-s1'])
  assert.equal(get('a'), undefined)
})

test('a pod is deleted from the API only when nothing of it runs any more', async (t) => {
  const stubborn: SimulatedProgram = {
    run: ({ killed }) => new Promise((_, no) => killed.addEventListener('abort', () => no(new Error()))),
  }
  const { clock, create, get, need, remove, runtime } = await node(t, {}, { main: stubborn })
  await create(pod('a'))
  await clock.advance(1000)
  await remove('a', 10)
  await clock.advance(9000)
  assert.equal(need('a').status.phase, 'Running')
  await clock.advance(2000)
  assert.equal(get('a'), undefined)
  assert.deepEqual(await runtime.listContainers(), [])
  assert.deepEqual(await runtime.listPodSandboxes(), [])
})

test('a shorter grace period takes effect at once', async (t) => {
  const stubborn: SimulatedProgram = {
    run: ({ killed }) => new Promise((_, no) => killed.addEventListener('abort', () => no(new Error()))),
  }
  const { clock, create, get, remove } = await node(t, {}, { main: stubborn })
  await create(pod('a', { terminationGracePeriodSeconds: 600 }))
  await clock.advance(1000)
  await remove('a', 600)
  await clock.advance(5000)
  await remove('a', 1)
  await clock.advance(4000)
  assert.equal(get('a'), undefined)
})

test('an image that cannot be had is tried again, later each time', async (t) => {
  const pulls: number[] = []
  const { client, clock, create, need, messages } = await node(t, {
    before(method) {
      if (method !== 'pullImage') return
      pulls.push(clock.now())
      throw new Error('no route')
    },
  })
  await create(pod('a'))
  await clock.advance(1000)
  const told = JSON.stringify(client.actions.map(({ body }) => body))
  assert.match(told, /"waiting":\{"reason":"ErrImagePull","message":"no route"\}/)
  await clock.advance(3000)
  assert.deepEqual(state(need('a')).state, {
    waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "image:1": ErrImagePull: no route' },
  })
  await clock.advance(100_000)
  assert.deepEqual(
    pulls.slice(1).map((at, index) => Math.round((at - pulls[index]!) / 1000)),
    [10, 20, 40],
  )
  assert.ok(messages().includes('Failed: Failed to pull image "image:1": no route'))
  assert.ok(messages().includes('Failed: Error: ErrImagePull'))
  assert.ok(messages().includes('BackOff: Back-off pulling image "image:1"'))
})

test('probes: startup holds the others back, readiness follows them, liveness restarts', async (t) => {
  let started = false
  let alive = true
  const answer = (yes: boolean) => Promise.resolve({ exitCode: yes ? 0 : 1, stdout: Buffer.from(yes ? 'yes' : 'no') })
  const { clock, create, need, messages } = await node(
    t,
    {},
    {
      main: { exec: ([what]) => answer(what === 'startup' ? started : what === 'liveness' ? alive : true) },
    },
  )
  const probe = (what: string) => ({
    exec: { command: [what] },
    periodSeconds: 5,
    failureThreshold: 2,
    successThreshold: 1,
    timeoutSeconds: 1,
  })
  const probed = container('main', {
    startupProbe: { ...probe('startup'), failureThreshold: 30 },
    livenessProbe: probe('liveness'),
    readinessProbe: probe('readiness'),
  })
  await create(pod('a', { containers: [probed] }))
  await clock.advance(11_000)
  assert.deepEqual([state(need('a')).started, state(need('a')).ready], [false, false])
  started = true
  await clock.advance(5000)
  assert.deepEqual([state(need('a')).started, state(need('a')).ready], [true, true])
  alive = false
  await clock.advance(6000)
  assert.equal(state(need('a')).restartCount, 0)
  await clock.advance(6000)
  assert.equal(state(need('a')).restartCount, 1)
  assert.ok(messages().includes('Unhealthy: Liveness probe failed: no'))
  assert.ok(messages().includes('Unhealthy: Startup probe failed: no'))
  assert.ok(messages().includes('Killing: Container main failed liveness probe, will be restarted'))
})

test('a rule of its own restarts a container that never would (KEP-5307)', async (t) => {
  const codes = [42, 42, 1]
  const { clock, create, need } = await node(t, {}, { main: { run: async () => codes.shift()! } })
  const rules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }]
  await create(
    pod('a', {
      restartPolicy: 'Never',
      containers: [container('main', { restartPolicy: 'Never', restartPolicyRules: rules })],
    }),
  )
  await clock.advance(60_000)
  assert.equal(need('a').status.phase, 'Failed')
  assert.equal(state(need('a')).restartCount, 2)
  assert.equal(state(need('a')).state!.terminated!.exitCode, 1)
})

test('a rule may start all containers anew (KEP-5532)', async (t) => {
  const runs: string[] = []
  const { clock, create, need } = await node(
    t,
    {},
    {
      init: { run: async () => (runs.push('init'), 0) },
      watcher: {
        run: async ({ sleep }) => (
          runs.push('watcher'), await sleep(1000), runs.length < 4 ? 7 : (await sleep(1e6), 0)
        ),
      },
    },
  )
  const rules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [7] } }]
  const watcher = container('watcher', { restartPolicy: 'Never', restartPolicyRules: rules })
  await create(pod('a', { initContainers: [container('init')], containers: [container('main'), watcher] }))
  await clock.advance(30_000)
  assert.deepEqual(runs, ['init', 'watcher', 'init', 'watcher'])
  assert.deepEqual([state(need('a')).restartCount, state(need('a'), 'watcher').restartCount], [1, 1])
  assert.equal(need('a').status.phase, 'Running')
  assert.equal(need('a').status.conditions!.find(({ type }) => type === 'AllContainersRestarting')!.status, 'False')
})

test('a sandbox that is lost is made anew, init containers and all', async (t) => {
  let inits = 0
  const { clock, create, need, runtime, messages } = await node(t, {}, { init: { run: async () => (inits++, 0) } })
  await create(pod('a', { initContainers: [container('init')] }))
  await clock.advance(1000)
  const [sandbox] = await runtime.listPodSandboxes()
  const ip = need('a').status.podIP
  await runtime.stopPodSandbox(sandbox!.id)
  await clock.advance(60_000)
  assert.equal(inits, 2)
  assert.equal(isReady(need('a')), true)
  assert.notEqual(need('a').status.podIP, ip)
  assert.equal(state(need('a')).restartCount, 1)
  assert.ok(messages().includes('SandboxChanged: Pod sandbox changed, it will be killed and re-created.'))
})

test('a kubelet that comes back leaves what runs alone and counts restarts on', async (t) => {
  let run = 0
  const { clock, create, need, restart } = await node(
    t,
    {},
    {
      main: { run: async ({ sleep }) => (await sleep(run++ === 0 ? 500 : 1e7), 1) },
    },
  )
  await create(pod('a'))
  await clock.advance(5000)
  const before = state(need('a'))
  assert.equal(before.restartCount, 1)
  await restart()
  await clock.advance(5000)
  assert.deepEqual(state(need('a')), before)
})

test('what the node cannot take is refused, with the reason', async (t) => {
  const { clock, create, need, messages } = await node(t)
  const big = container('main', { resources: { requests: { cpu: '10000' } } })
  await create(pod('big', { containers: [big] }))
  await create(pod('picky', { nodeSelector: { disk: 'ssd' } }))
  await create(pod('odd', { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }))
  const port = (name: string) =>
    pod(name, { containers: [container('main', { ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }] })] })
  await create(port('first'))
  await clock.advance(100)
  await create(port('second'))
  await clock.advance(100)
  const refusal = (name: string) => [need(name).status.phase, need(name).status.reason]
  assert.deepEqual(refusal('big'), ['Failed', 'OutOfcpu'])
  assert.match(
    need('big').status.message!,
    /^Pod was rejected: Node didn't have enough resource: cpu, requested: 10000000, used: 0, capacity: /,
  )
  assert.deepEqual(refusal('picky'), ['Failed', 'NodeAffinity'])
  assert.deepEqual(refusal('odd'), ['Failed', 'SysctlForbidden'])
  assert.equal(need('odd').status.message, 'Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted')
  assert.deepEqual(refusal('second'), ['Failed', 'NodePorts'])
  assert.equal(isReady(need('first')), true)
  assert.ok(messages().some((text) => text.startsWith('NodeAffinity: Predicate NodeAffinity failed')))
})

test('readiness gates are waited for', async (t) => {
  const { client, clock, create, need } = await node(t)
  await create(pod('a', { readinessGates: [{ conditionType: 'x.io/go' }] }))
  await clock.advance(1000)
  const ready = () => need('a').status.conditions!.find(({ type }) => type === 'Ready')!
  assert.deepEqual(
    [ready().status, ready().message],
    ['False', 'corresponding condition of pod readiness gate "x.io/go" does not exist.'],
  )
  const patch = { status: { conditions: [{ type: 'x.io/go', status: 'True' }] } }
  await client.patch(pods, { namespace: 'default', name: 'a' }, 'strategic', patch, { subresource: 'status' })
  await clock.advance(1000)
  assert.equal(ready().status, 'True')
})

test('hooks that sleep count into the grace period', async (t) => {
  const { clock, create, get, remove } = await node(t)
  await create(pod('a', { containers: [container('main', { lifecycle: { preStop: { sleep: { seconds: 5 } } } })] }))
  await clock.advance(1000)
  await remove('a')
  await clock.advance(4000)
  assert.ok(get('a'))
  await clock.advance(2000)
  assert.equal(get('a'), undefined)
})

test('resources change in place when the node agrees, and the change is told', async (t) => {
  const { client, clock, create, need, messages, runtime } = await node(t)
  const resources = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { cpu, memory } })
  await create(pod('a', { containers: [container('main', { resources: resources('100m', '64Mi') })] }))
  await clock.advance(1000)
  const before = state(need('a'))
  assert.deepEqual(before.resources, resources('100m', '64Mi'))
  const resize = (cpu: string, memory: string) =>
    client.patch(
      pods,
      { namespace: 'default', name: 'a' },
      'strategic',
      { spec: { containers: [{ name: 'main', resources: resources(cpu, memory) }] } },
      { subresource: 'resize' },
    )
  await resize('200m', '128Mi')
  await clock.advance(1000)
  const after = state(need('a'))
  assert.deepEqual([after.containerID, after.restartCount], [before.containerID, 0])
  assert.deepEqual(after.resources, resources('200m', '128Mi'))
  assert.deepEqual(after.allocatedResources, { cpu: '200m', memory: '128Mi' })
  const [listed] = await runtime.listContainers()
  const { cpuQuota, cpuShares, memoryLimitBytes } = (await runtime.containerStatus(listed!.id)).resources!
  assert.deepEqual([cpuQuota, cpuShares, memoryLimitBytes], [20000, 204, 128 * 2 ** 20])
  assert.ok(
    messages().some((text) => text.startsWith('ResizeCompleted: Pod resize completed: {"containers":[{"name":"main"')),
  )
  const resizing = () => need('a').status.conditions!.filter(({ type }) => type.startsWith('PodResize'))
  assert.deepEqual(resizing(), [])

  await resize('100000', '128Mi')
  await clock.advance(1000)
  assert.deepEqual(
    resizing().map(({ type, reason }) => [type, reason]),
    [['PodResizePending', 'Deferred']],
  )
  assert.deepEqual(state(need('a')).resources, resources('200m', '128Mi'))
  await resize('150m', '128Mi')
  await clock.advance(1000)
  assert.deepEqual(resizing(), [])
  assert.deepEqual(state(need('a')).resources, resources('150m', '128Mi'))
})

test('a container whose policy wants it is started anew for its new resources', async (t) => {
  const { client, clock, create, need } = await node(t)
  const resizePolicy = [
    { resourceName: 'cpu', restartPolicy: 'NotRequired' },
    { resourceName: 'memory', restartPolicy: 'RestartContainer' },
  ]
  const resources = (memory: string) => ({ requests: { cpu: '100m', memory } })
  await create(pod('a', { containers: [container('main', { resizePolicy, resources: resources('64Mi') })] }))
  await clock.advance(1000)
  const spec = { containers: [{ name: 'main', resources: resources('128Mi') }] }
  await client.patch(pods, { namespace: 'default', name: 'a' }, 'strategic', { spec }, { subresource: 'resize' })
  await clock.advance(15_000)
  assert.equal(state(need('a')).restartCount, 1)
  assert.deepEqual(state(need('a')).resources, resources('128Mi'))
})
