import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { configMaps } from '../../api/core/v1/config-map.ts'
import type { ConfigMap } from '../../api/types.generated.ts'
import { createClient } from '../../client/create-client.ts'
import { kubeconfigTransport } from '../../client/http/kubeconfig.ts'
import { systemClock } from '../../machinery/clock.ts'
import { identify } from '../../machinery/process-identity.ts'
import { bridgeOf } from './left-on-host.fixture.ts'
import { eventually, realNodes, testCluster, withRealNodes, type TestCluster } from './test-cluster.fixture.ts'
import { freePort } from '../../machinery/free-port.ts'

/** What breaks heals by itself: containers, kubelets, containerd, and Skiff's own process, killed while it is written to. */
let cluster: TestCluster
const nodePort = 30045

before(async () => {
  if (!realNodes) return
  cluster = testCluster()
  await cluster.skiff(
    'up',
    '--detach',
    '--nodes',
    '2',
    '--port',
    String(await freePort()),
    '--kubeconfig',
    cluster.kubeconfig,
  )
  await cluster.buildWebImages('1')
  await cluster.apply(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "skiff.local/web:1"}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: ${nodePort}}]}
`)
  await cluster.kubectl('rollout', 'status', 'deployment', 'web', '--timeout', '120s')
})
after(async () => {
  await cluster?.remove()
})

/** Who answers on the node port. */
function answering(): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: nodePort, agent: false, timeout: 3000 }, (response) => {
      response.resume()
      resolve(String(response.headers['x-pod'] ?? ''))
    })
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in 3 s')))
    outgoing.once('error', reject)
    outgoing.end()
  })
}

/** Of each pod: uid, container and how often that was started anew. */
const containers = async () =>
  (
    await cluster.kubectl(
      ...['get', 'pods', '-l', 'app=web', '-o'],
      'jsonpath={range .items[*]}{.metadata.uid} {.status.containerStatuses[0].containerID} {.status.containerStatuses[0].restartCount}{"\\n"}{end}',
    )
  )
    .trim()
    .split('\n')
    .toSorted()

const pidOf = (node: string, daemon: string): number =>
  (JSON.parse(readFileSync(join(cluster.dataDir, 'nodes', node, `${daemon}.pid`), 'utf8')) as { pid: number }).pid
const pidOfSkiff = (): number =>
  (JSON.parse(readFileSync(join(cluster.dataDir, 'state.json'), 'utf8')) as { process: { pid: number } }).process.pid

/** Kills a process of this host by the number that it has here, and waits until it is gone. */
async function kill(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await eventually(
    async () => identify(pid),
    (alive) => alive === undefined,
  )
}

const restartCount = (pod: string) =>
  cluster.kubectl('get', 'pod', pod, '-o', 'jsonpath={.status.containerStatuses[0].restartCount}')

test('a container that is killed is started again in its pod', withRealNodes, async () => {
  const pod = (await cluster.kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].metadata.name}')).trim()
  const uid = await cluster.kubectl('get', 'pod', pod, '-o', 'jsonpath={.metadata.uid}')
  // SIGKILL to the first process of a PID namespace counts only from outside.
  const node = await cluster.kubectl('get', 'pod', pod, '-o', 'jsonpath={.spec.nodeName}')
  const id = await cluster.kubectl('get', 'pod', pod, '-o', 'jsonpath={.status.containerStatuses[0].containerID}')
  const first = await cluster.inNode(node, 'ctr', '--namespace', 'k8s.io', 'tasks', 'list')
  const pid = new RegExp(`^${id.replace('containerd://', '')}\\s+(\\d+)`, 'm').exec(first)?.[1]
  await cluster.inNode(node, 'kill', '-KILL', pid ?? '')
  await eventually(
    () => restartCount(pod),
    (count) => count === '1',
  )
  await cluster.kubectl('wait', '--for=condition=Ready', `pod/${pod}`, '--timeout', '60s')
  assert.equal(await cluster.kubectl('get', 'pod', pod, '-o', 'jsonpath={.metadata.uid}'), uid)
  assert.equal(
    await cluster.kubectl(
      ...['get', 'pod', pod, '-o', 'jsonpath={.status.containerStatuses[0].lastState.terminated.exitCode}'],
    ),
    '137',
  )
})

test("a node's kubelet that is killed comes back, and its pods never notice", withRealNodes, async () => {
  const before = await containers()
  const old = pidOf('node2', 'agent')
  await kill(old)
  assert.notEqual(await answering(), '')
  await eventually(
    async () => pidOf('node2', 'agent'),
    (pid) => pid !== old,
  )
  // It works again: a pod that must be there starts.
  await cluster.kubectl('run', 'after', '--image', 'skiff.local/web:1', '--overrides', '{"spec":{"nodeName":"node2"}}')
  await cluster.kubectl('wait', '--for=condition=Ready', 'pod/after', '--timeout', '60s')
  await cluster.kubectl('delete', 'pod', 'after', '--grace-period', '1')
  assert.deepEqual(await containers(), before)
})

test('a containerd that is killed comes back, and its containers never notice', withRealNodes, async () => {
  const before = await containers()
  const old = pidOf('node1', 'containerd')
  await kill(old)
  await eventually(
    async () => pidOf('node1', 'containerd'),
    (pid) => pid !== old,
  )
  await cluster.kubectl('run', 'after', '--image', 'skiff.local/web:1', '--overrides', '{"spec":{"nodeName":"node1"}}')
  await cluster.kubectl('wait', '--for=condition=Ready', 'pod/after', '--timeout', '60s')
  await cluster.kubectl('delete', 'pod', 'after', '--grace-period', '1')
  assert.deepEqual(await containers(), before)
})

test(
  'containers whose liveness probes fail, by command and over HTTP, are restarted on time',
  withRealNodes,
  async () => {
    const probes = {
      exec: {
        probe: '{exec: {command: [cat, /tmp/healthy]}}',
        words: /Liveness probe failed: cat: can't open '\/tmp\/healthy'/,
      },
      http: { probe: '{httpGet: {path: /, port: 80}}', words: /Liveness probe failed: Get "http:\/\/10\..*:80\/": / },
    }
    const command = 'touch /tmp/healthy; nc -ll -p 80 -e /answer & sleep 3; rm /tmp/healthy; kill $!; sleep 600'
    for (const [name, { probe }] of Object.entries(probes)) {
      await cluster.apply(`
apiVersion: v1
kind: Pod
metadata: {name: liveness-${name}, labels: {test: liveness}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: liveness
    image: skiff.local/web:1
    command: [sh, -c, "${command}"]
    livenessProbe: ${probe.replace('}}', '}, initialDelaySeconds: 1, periodSeconds: 1, failureThreshold: 2}')}
`)
    }
    for (const [name, { words }] of Object.entries(probes)) {
      const pod = `liveness-${name}`
      await eventually(
        () => restartCount(pod),
        (count) => Number(count) >= 1,
      )
      const times = await cluster.kubectl(
        ...['get', 'pod', pod, '-o', 'jsonpath={.status.containerStatuses[0].lastState.terminated}'],
      )
      const { startedAt, finishedAt } = JSON.parse(times) as { startedAt: string; finishedAt: string }
      const lived = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000
      // Healthy for 3 s, then two failures one second apart, then one second of grace; whole seconds are kept.
      assert.ok(lived >= 4, `${name}: ended after ${lived} s, before two failures`)
      const events = await cluster.kubectl('get', 'events', '--field-selector', `involvedObject.name=${pod}`)
      assert.match(events, words)
      assert.match(events, /Container liveness failed liveness probe, will be restarted/)
    }
  },
)

test(
  'kill -9 of Skiff while it is written to: no pod restarted, no write lost, services go on',
  withRealNodes,
  async () => {
    const before = await containers()
    const transport = kubeconfigTransport(readFileSync(cluster.kubeconfig, 'utf8'), {
      userAgent: 'test',
      clock: systemClock,
    })
    const client = createClient(transport)
    const acknowledged: string[] = []
    const write = async (worker: number) => {
      for (let index = 0; ; index++) {
        const name = `write-${worker}-${index}`
        const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name }, data: { name } }
        await client.create(configMaps, object as ConfigMap)
        acknowledged.push(name)
      }
    }
    const writers = Promise.allSettled(Array.from({ length: 16 }, (_, worker) => write(worker)))
    await eventually(
      async () => acknowledged.length,
      (count) => count > 500,
    )
    await kill(pidOfSkiff())
    await writers
    await transport.close()
    // Nobody keeps the cluster now; what runs goes on.
    for (let index = 0; index < 10; index++) assert.notEqual(await answering(), '')

    await cluster.skiff('up', '--detach', '--kubeconfig', cluster.kubeconfig)
    const kept = new Set(
      (await cluster.kubectl('get', 'configmaps', '-o', 'jsonpath={range .items[*]}{.data.name}{"\\n"}{end}')).split(
        '\n',
      ),
    )
    assert.deepEqual(
      acknowledged.filter((name) => !kept.has(name)),
      [],
    )
    // At most the one write of each worker that was under way may be there without its answer.
    assert.ok([...kept].filter((name) => name.startsWith('write-')).length <= acknowledged.length + 16)
    assert.deepEqual(await containers(), before)
    assert.notEqual(await answering(), '')
    // And it works: pods come and go.
    await cluster.kubectl('scale', 'deployment', 'web', '--replicas', '5')
    await cluster.kubectl('rollout', 'status', 'deployment', 'web', '--timeout', '60s')
  },
)

test('a start that fails after a crash leaves the containers running', withRealNodes, async () => {
  const before = await containers()
  await kill(pidOfSkiff())
  await assert.rejects(
    cluster.skiff('up', '--detach', '--containerd', '/nowhere/containerd'),
    (error: { stdout?: string; stderr?: string }) =>
      /\/nowhere\/containerd is not there/.test(error.stderr ?? '') &&
      /The containers of before still run/.test(error.stdout ?? ''),
  )
  assert.notEqual(await answering(), '')
  await cluster.skiff('up', '--detach', '--kubeconfig', cluster.kubeconfig)
  assert.deepEqual(await containers(), before)
})

test('a cluster that is started with fewer nodes, or more, has just those', withRealNodes, async () => {
  const bridge = bridgeOf(cluster.dataDir)
  const names = () => cluster.kubectl('get', 'nodes', '-o', 'name')
  // After a crash the machine of the node that goes still runs.
  await kill(pidOfSkiff())
  const said = await cluster.skiff('up', '--detach', '--nodes', '1', '--kubeconfig', cluster.kubeconfig)
  assert.match(said, /✓ node node2 removed/)
  assert.equal(await names(), 'node/node1\n')
  assert.ok(!existsSync(`/sys/class/net/${bridge}-node2`) && !existsSync(join(cluster.dataDir, 'nodes/node2')))
  await eventually(
    () => cluster.kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].spec.nodeName}'),
    (where) => !where.includes('node2'),
  )
  await cluster.kubectl('rollout', 'status', 'deployment', 'web', '--timeout', '60s')
  await cluster.skiff('down')
  await cluster.skiff('up', '--detach', '--nodes', '2', '--kubeconfig', cluster.kubeconfig)
  assert.equal(await names(), 'node/node1\nnode/node2\n')
})

test(
  'a full disk refuses writes in plain words, loses nothing, and takes them again once there is room',
  withRealNodes,
  async () => {
    const disk = join(cluster.folder, 'disk')
    const [dataDir, conf] = [join(disk, 'data'), join(cluster.folder, 'disk.conf')]
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=330m', 'tmpfs', disk])
    const up = ['up', '--detach', '--runtime', 'simulated', '--data-dir', dataDir, '--kubeconfig', conf]
    const create = (name: string, value: string) =>
      cluster.kubectl('--kubeconfig', conf, 'create', 'configmap', name, `--from-literal=value=${value}`)
    try {
      await cluster.skiff(...up, '--port', '26943')
      await create('before', 'small')
      assert.throws(() => execFileSync('dd', ['if=/dev/zero', `of=${join(disk, 'fill')}`, 'bs=1M'], { stdio: 'pipe' }))
      // What there is left of allocated pages may take a few.
      const refused = async () => {
        for (let index = 0; index < 100; index++) await create(`full-${index}`, randomBytes(60_000).toString('hex'))
      }
      await assert.rejects(
        refused(),
        /failed to create configmap: the disk that holds the store in .* is full: make room, then writes work again/,
      )
      rmSync(join(disk, 'fill'))
      await create('after', 'small')
      await cluster.skiff('down', '--data-dir', dataDir)
      await cluster.skiff(...up)
      for (const name of ['before', 'after'])
        assert.equal(
          await cluster.kubectl('--kubeconfig', conf, 'get', 'configmap', name, '-o', 'jsonpath={.data.value}'),
          'small',
        )
    } finally {
      await cluster.skiff('reset', '--data-dir', dataDir).catch(() => {})
      execFileSync('umount', ['--lazy', disk])
    }
  },
)
