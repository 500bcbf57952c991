import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bridgeOf, leftOnHost } from './left-on-host.fixture.ts'
import { eventually, realNodes, testCluster, withRealNodes, type TestCluster } from './test-cluster.fixture.ts'
import { freePort } from '../../machinery/free-port.ts'

/**
 * The first walk of a user, with the real kubectl on real containers: the seed's Deployment of ten behind a NodePort, its
 * rolling update without a failed request, and all that surrounds it. Needs root on Linux; in CI that is required.
 */
let cluster: TestCluster
const nodePort = 30044

const deployment = (version: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: test-web-deployment}
spec:
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 1}}
  selector: {matchLabels: {app: test-web-deployment}}
  replicas: 10
  template:
    metadata: {labels: {app: test-web-deployment}}
    spec:
      containers:
      - {name: test-web, image: "skiff.local/web:${version}", ports: [{containerPort: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: test-web-svc}
spec:
  type: NodePort
  ports: [{name: http, protocol: TCP, port: 8080, targetPort: 80, nodePort: ${nodePort}}]
  selector: {app: test-web-deployment}
`

/** The Server header of one answer, over a connection of its own. */
function server(port = nodePort, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host, port, method: 'HEAD', agent: false, timeout: 3000 }, (response) => {
      response.resume()
      resolve(String(response.headers['server'] ?? ''))
    })
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in 3 s')))
    outgoing.once('error', reject)
    outgoing.end()
  })
}

/** Asks all the time until told to stop; answers what it got. */
function askAllTheTime(): { stop: () => Promise<{ answers: string[]; failures: string[] }> } {
  const answers: string[] = []
  const failures: string[] = []
  let stopped = false
  const loop = (async () => {
    while (!stopped) {
      await server().then(
        (answer) => answers.push(answer),
        (error: Error) => failures.push(error.message),
      )
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  return {
    stop: async () => {
      stopped = true
      await loop
      return { answers, failures }
    },
  }
}

before(async () => {
  if (!realNodes) return
  cluster = testCluster()
  const said = await cluster.skiff(
    ...['up', '--detach', '--nodes', '2', '--port', String(await freePort()), '--kubeconfig', cluster.kubeconfig],
  )
  assert.match(said, /The cluster is ready/)
  await cluster.buildWebImages('1', '2')
})
after(async () => {
  await cluster?.remove()
})

test('ten replicas come up and answer on the node port, on localhost and the node', withRealNodes, async () => {
  await cluster.apply(deployment('1'))
  await cluster.kubectl('rollout', 'status', 'deployment', 'test-web-deployment', '--timeout', '120s')
  assert.equal(await eventually(server, (answer) => answer === 'web/1'), 'web/1')
  const address = (
    await cluster.kubectl(
      'get',
      'nodes',
      '-o',
      'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}',
    )
  ).trim()
  assert.equal(await server(nodePort, address), 'web/1')
  const clusterIP = (await cluster.kubectl('get', 'service', 'test-web-svc', '-o', 'jsonpath={.spec.clusterIP}')).trim()
  assert.equal(await server(8080, clusterIP), 'web/1')
})

test('a rolling update replaces all ten, and no request fails meanwhile', withRealNodes, async () => {
  const asking = askAllTheTime()
  await cluster.kubectl('set', 'image', 'deployment/test-web-deployment', 'test-web=skiff.local/web:2')
  await cluster.kubectl('rollout', 'status', 'deployment', 'test-web-deployment', '--timeout', '180s')
  await eventually(
    async () => Promise.all(Array.from({ length: 10 }, () => server())),
    (all) => all.every((answer) => answer === 'web/2'),
  )
  const { answers, failures } = await asking.stop()
  assert.deepEqual(failures, [])
  assert.ok(answers.length > 20 && answers.includes('web/1') && answers.includes('web/2'), `${answers.length} answers`)
})

test('history tells the revisions, and undo goes back to the one that is named', withRealNodes, async () => {
  const history = await cluster.kubectl('rollout', 'history', 'deployment', 'test-web-deployment')
  assert.match(history, /REVISION\s+CHANGE-CAUSE\n1\s+<none>\n2\s+<none>/)
  await cluster.kubectl('rollout', 'undo', 'deployment', 'test-web-deployment', '--to-revision=1')
  await cluster.kubectl('rollout', 'status', 'deployment', 'test-web-deployment', '--timeout', '180s')
  await eventually(server, (answer) => answer === 'web/1')
  await cluster.kubectl('scale', 'deployment', '--replicas', '2', 'test-web-deployment')
  await eventually(
    () => cluster.kubectl('get', 'pods', '-l', 'app=test-web-deployment', '-o', 'name'),
    (names) => names.trim().split('\n').length === 2,
  )
})

test('exec, logs, cp and port-forward reach into a pod', withRealNodes, async () => {
  const pod = (
    await cluster.kubectl('get', 'pods', '-l', 'app=test-web-deployment', '-o', 'jsonpath={.items[0].metadata.name}')
  ).trim()
  assert.equal((await cluster.kubectl('exec', pod, '--', 'hostname')).trim(), pod)
  await assert.rejects(
    cluster.kubectl('exec', pod, '--', 'sh', '-c', 'exit 3'),
    (error: { code?: number }) => error.code === 3 || error.code === 1,
  )
  assert.match(await cluster.kubectl('logs', pod), /serving version 1/)
  writeFileSync(join(cluster.folder, 'there.txt'), 'and back')
  await cluster.kubectl('cp', join(cluster.folder, 'there.txt'), `${pod}:/tmp/there.txt`)
  await cluster.kubectl('cp', `${pod}:/tmp/there.txt`, join(cluster.folder, 'back.txt'))
  assert.equal(readFileSync(join(cluster.folder, 'back.txt'), 'utf8'), 'and back')
  const forward = cluster.kubectlProcess('port-forward', pod, '28080:80')
  try {
    assert.equal(
      await eventually(
        () => server(28080),
        (answer) => answer === 'web/1',
        20,
      ),
      'web/1',
    )
  } finally {
    forward.kill()
  }
})

test('names of services are known in a pod', withRealNodes, async () => {
  const answer = await cluster.kubectl(
    'exec',
    'deploy/test-web-deployment',
    '--',
    'wget',
    '-q',
    '-O',
    '-',
    'http://test-web-svc.default.svc.cluster.local:8080/',
  )
  assert.equal(answer, 'ok\n')
})

test('a second up on the same folder is refused, in one sentence', withRealNodes, async () => {
  await assert.rejects(cluster.skiff('up', '--detach'), (error: { stderr?: string }) =>
    /a cluster runs in .* already \(process \d+\): see skiff status/.test(error.stderr ?? ''),
  )
})

test('down leaves nothing on the host', withRealNodes, async () => {
  const bridge = bridgeOf(cluster.dataDir)
  await cluster.skiff('down')
  assert.deepEqual(leftOnHost(cluster.dataDir, bridge), [])
})
