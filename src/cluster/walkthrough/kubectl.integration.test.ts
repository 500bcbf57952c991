import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { busyboxImage } from '../../kubelet/images/archive/busybox.ts'
import { dockerArchive, hostArchitecture } from '../../kubelet/images/archive/docker-archive.ts'
import {
  eventually,
  findKubectl,
  realNodes,
  testCluster,
  withRealNodes,
  type TestCluster,
} from './test-cluster.fixture.ts'
import { freePort } from '../../machinery/free-port.ts'

/** What a user does with kubectl besides the walkthrough's story: every verb, every form of output, on two real nodes. */
let cluster: TestCluster
const image = 'skiff.local/web:1'

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
  await cluster.buildWebImages('1', '2')
  await cluster.kubectl('create', 'deployment', 'web', '--image', image, '--replicas', '2', '--port', '80')
  await cluster.kubectl('rollout', 'status', 'deployment', 'web', '--timeout', '120s')
})
after(async () => {
  await cluster?.remove()
})

const lines = (text: string) => text.trimEnd().split('\n')
const columns = (text: string) => lines(text).map((line) => line.split(/ {2,}/).map((word) => word.trim()))
const podOf = async (selector: string) =>
  (await cluster.kubectl('get', 'pods', '-l', selector, '-o', 'jsonpath={.items[0].metadata.name}')).trim()

test('every node takes pods, and the images went to all of them', withRealNodes, async () => {
  await cluster.apply(`
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: everywhere}
spec:
  selector: {matchLabels: {app: everywhere}}
  template:
    metadata: {labels: {app: everywhere}}
    spec: {containers: [{name: web, image: "${image}"}], terminationGracePeriodSeconds: 1}
`)
  await cluster.kubectl('rollout', 'status', 'daemonset', 'everywhere', '--timeout', '60s')
  const nodes = await cluster.kubectl('get', 'pods', '-l', 'app=everywhere', '-o', 'jsonpath={.items[*].spec.nodeName}')
  assert.deepEqual(nodes.split(' ').toSorted(), ['node1', 'node2'])
  await cluster.kubectl('delete', 'daemonset', 'everywhere')
})

test('image load puts an archive into every node, and says what is wrong with one', withRealNodes, async () => {
  const archive = join(cluster.folder, 'loaded.tar')
  writeFileSync(archive, dockerArchive([busyboxImage('skiff.local/loaded:1')!], hostArchitecture()))
  assert.match(await cluster.skiff('image', 'load', archive), /✓ .*loaded\.tar loaded into 2 nodes \(\d+\.\d\d s\)\n$/)
  for (const node of ['node1', 'node2'])
    assert.match(
      await cluster.inNode(node, 'ctr', '--namespace', 'k8s.io', 'images', 'list', '--quiet'),
      /^skiff\.local\/loaded:1$/m,
    )
  writeFileSync(archive, 'no archive')
  await assert.rejects(cluster.skiff('image', 'load', archive), (error: { stderr?: string }) =>
    /^skiff: node node[12] does not take the images: ctr: .*\n$/.test(error.stderr ?? ''),
  )
})

test('get prints tables, wide tables, YAML, JSON, paths, names and columns of the user', withRealNodes, async () => {
  const [head] = columns(await cluster.kubectl('get', 'pods'))
  assert.deepEqual(head, ['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE'])
  const [wide = [], row = []] = columns(await cluster.kubectl('get', 'pods', '-o', 'wide'))
  assert.deepEqual(wide.slice(5), ['IP', 'NODE', 'NOMINATED NODE', 'READINESS GATES'])
  assert.match(row[5] ?? '', /^10\.\d+\.\d+\.\d+$/)
  const list = JSON.parse(await cluster.kubectl('get', 'deployments', '-o', 'json')) as {
    kind: string
    items: unknown[]
  }
  assert.deepEqual([list.kind, list.items.length], ['List', 1])
  assert.match(
    await cluster.kubectl('get', 'deployment', 'web', '-o', 'yaml'),
    /^apiVersion: apps\/v1\nkind: Deployment\n/,
  )
  assert.equal(await cluster.kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}'), '2')
  assert.equal(await cluster.kubectl('get', 'deployment', 'web', '-o', 'name'), 'deployment.apps/web\n')
  assert.deepEqual(
    columns(
      await cluster.kubectl('get', 'deployments', '-o', 'custom-columns=NAME:.metadata.name,WANTED:.spec.replicas'),
    ),
    [
      ['NAME', 'WANTED'],
      ['web', '2'],
    ],
  )
  assert.match(await cluster.kubectl('get', 'node,pods', '-A'), /^NAME.*\nnode\/node1 .*\nnode\/node2 /)
})

test('get -w shows a change as it comes', withRealNodes, async () => {
  await cluster.kubectl('create', 'configmap', 'seen', '--from-literal=step=one')
  const watching = cluster.kubectlProcess('get', 'configmap', 'seen', '-w', '-o', 'jsonpath={.data.step} ')
  let seen = ''
  watching.stdout?.on('data', (chunk: Buffer) => void (seen += chunk.toString()))
  try {
    await eventually(
      async () => seen,
      (text) => text === 'one ',
    )
    await cluster.kubectl('patch', 'configmap', 'seen', '-p', '{"data":{"step":"two"}}')
    await eventually(
      async () => seen,
      (text) => text === 'one two ',
    )
  } finally {
    watching.kill()
  }
})

test('describe tells of namespaces, nodes, deployments and pods with their events', withRealNodes, async () => {
  assert.match(await cluster.kubectl('describe', 'namespaces', 'default'), /^Name: +default\n[^]*Status: +Active\n/)
  const node = await cluster.kubectl('describe', 'node', 'node1')
  assert.match(node, /Conditions:[^]*Ready +True[^]*Capacity:\n +cpu: +\d+[^]*Allocated resources:/)
  assert.match(node, /Container Runtime Version: +containerd:\/\//)
  const deployment = await cluster.kubectl('describe', 'deployment', 'web')
  assert.match(deployment, /Replicas: +2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable\n/)
  assert.match(
    deployment,
    /Normal +ScalingReplicaSet +\S+ +deployment-controller +Scaled up replica set web-\w+ from 0 to 2/,
  )
  const pod = await cluster.kubectl('describe', 'pod', await podOf('app=web'))
  for (const event of ['Scheduled', 'Pulled', 'Created', 'Started']) assert.match(pod, new RegExp(`Normal +${event} `))
})

test('run, label, annotate, expose, set image, scale and delete change what is there', withRealNodes, async () => {
  assert.equal(await cluster.kubectl('run', 'one', '--image', image, '--env', 'PORT=8080'), 'pod/one created\n')
  await cluster.kubectl('wait', '--for=condition=Ready', 'pod/one', '--timeout', '60s')
  assert.equal(await cluster.kubectl('label', 'pod', 'one', 'tier=front'), 'pod/one labeled\n')
  assert.match(await cluster.kubectl('get', 'pods', '-l', 'tier=front', '--show-labels'), /run=one,tier=front/)
  await assert.rejects(cluster.kubectl('label', 'pod', 'one', 'tier=back'), /already has a value \(front\)/)
  assert.equal(await cluster.kubectl('label', 'pod', 'one', 'tier=back', '--overwrite'), 'pod/one labeled\n')
  assert.equal(await cluster.kubectl('annotate', 'pod', 'one', 'note=seen'), 'pod/one annotated\n')
  assert.equal(await cluster.kubectl('get', 'pod', 'one', '-o', 'jsonpath={.metadata.annotations.note}'), 'seen')
  assert.equal(
    await cluster.kubectl(
      'expose',
      'pod',
      'one',
      '--port',
      '8000',
      '--target-port',
      '8080',
      '--name',
      'one',
      '--type',
      'LoadBalancer',
    ),
    'service/one exposed\n',
  )
  const address = await eventually(
    () => cluster.kubectl('get', 'service', 'one', '-o', 'jsonpath={.status.loadBalancer.ingress[0].ip}'),
    (text) => text !== '',
  )
  await eventually(
    async () => (await fetch(`http://${address}:8000/`)).headers.get('x-pod'),
    (name) => name === 'one',
  )
  assert.equal(
    await cluster.kubectl('delete', 'pod,service', 'one', '--grace-period', '1'),
    'pod "one" deleted from default namespace\nservice "one" deleted from default namespace\n',
  )
})

test(
  'create --dry-run prints a manifest that apply and create -f take; --record names the cause',
  withRealNodes,
  async () => {
    const words = ['create', 'deployment', 'dry', '--image', image, '--replicas', '1', '-o', 'yaml', '--dry-run=client']
    const manifest = await cluster.kubectl(...words)
    assert.match(
      manifest,
      /^apiVersion: apps\/v1\nkind: Deployment\nmetadata:\n {2}labels:\n {4}app: dry\n {2}name: dry\n/,
    )
    const file = join(cluster.folder, 'dry.yaml')
    writeFileSync(file, manifest)
    assert.equal(await cluster.kubectl('create', '-f', file), 'deployment.apps/dry created\n')
    await assert.rejects(cluster.kubectl('create', '-f', file), /deployments.apps "dry" already exists/)
    writeFileSync(file, manifest.replace(image, 'skiff.local/web:2'))
    assert.match(await cluster.kubectl('apply', '-f', file, '--record'), /^deployment.apps\/dry configured\n$/)
    await cluster.kubectl('rollout', 'status', 'deployment', 'dry', '--timeout', '60s')
    const history = await cluster.kubectl('rollout', 'history', 'deployment', 'dry')
    assert.match(history, /\n2 +kubectl apply .*--filename=.*dry\.yaml --record=true\n/)
    assert.equal(await cluster.kubectl('rollout', 'undo', 'deployment', 'dry'), 'deployment.apps/dry rolled back\n')
    assert.equal(await cluster.kubectl('get', 'deployment', 'dry', '-o', 'jsonpath={..image}'), image)
    assert.equal(
      await cluster.kubectl('delete', 'deployment', 'dry'),
      'deployment.apps "dry" deleted from default namespace\n',
    )
    await eventually(
      () => cluster.kubectl('get', 'replicasets,pods', '-l', 'app=dry', '-o', 'name'),
      (names) => names === '',
    )
  },
)

test('edit opens the object in an editor and applies what was saved', withRealNodes, async () => {
  const script = join(cluster.folder, 'editor')
  writeFileSync(script, '#!/bin/sh\nsed -i "s/replicas: 2$/replicas: 3/" "$1"\n', { mode: 0o755 })
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig, HOME: cluster.folder, KUBE_EDITOR: script }
  const edit = () => spawnSync(findKubectl(), ['edit', 'deployment', 'web'], { env, encoding: 'utf8' })
  assert.equal(edit().stdout, 'deployment.apps/web edited\n')
  assert.equal(await cluster.kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}'), '3')
  assert.match(edit().stderr, /Edit cancelled, no changes made/)
  await cluster.kubectl('scale', 'deployment', 'web', '--replicas', '2')
})

test('logs -f goes on with what a container prints; --tail, --since and -l choose', withRealNodes, async () => {
  await cluster.kubectl(
    'run',
    'counter',
    '--image',
    image,
    '--command',
    '--',
    'sh',
    '-c',
    'i=0; while true; do i=$((i+1)); echo line $i; sleep 0.2; done',
  )
  await cluster.kubectl('wait', '--for=condition=Ready', 'pod/counter', '--timeout', '60s')
  const following = cluster.kubectlProcess('logs', '-f', 'counter')
  let seen = ''
  following.stdout?.on('data', (chunk: Buffer) => void (seen += chunk.toString()))
  try {
    await eventually(
      async () => lines(seen).length,
      (count) => count >= 5,
    )
    assert.deepEqual(lines(seen).slice(0, 5), ['line 1', 'line 2', 'line 3', 'line 4', 'line 5'])
  } finally {
    following.kill()
  }
  assert.equal(lines(await cluster.kubectl('logs', 'counter', '--tail', '2')).length, 2)
  assert.match(
    await cluster.kubectl('logs', '-l', 'run=counter', '--tail', '1', '--prefix', '--timestamps'),
    /^\[pod\/counter\/counter\] 20\d\d-\S+Z line \d+\n$/,
  )
  await cluster.kubectl('delete', 'pod', 'counter', '--grace-period', '1')
})

test('exec -it gives a terminal', withRealNodes, async () => {
  const pod = await podOf('app=web')
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig, HOME: cluster.folder, TERM: 'xterm' }
  const command = `stty rows 33 cols 77; exec ${findKubectl()} exec -it ${pod} -- sh`
  const child = spawn('script', ['-qefc', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  let seen = ''
  child.stdout.on('data', (chunk: Buffer) => void (seen += chunk.toString()))
  const ended = once(child, 'exit') as Promise<[number]>
  try {
    await eventually(
      async () => seen,
      (text) => text.includes('# '),
    )
    child.stdin.write('test -t 0 && echo "on $(hostname) a"" terminal"\n')
    await eventually(
      async () => seen,
      (text) => text.includes(`on ${pod} a terminal`),
    )
    // Ctrl-C reaches the program in the container, not kubectl.
    child.stdin.write('sleep 1000\n')
    // The shell reads ahead while it edits a line.
    await eventually(
      () => cluster.kubectl('exec', pod, '--', 'busybox', 'ps'),
      (processes) => processes.includes(' sleep 1000'),
    )
    child.stdin.write('\x03')
    await eventually(
      async () => seen,
      (text) => text.includes('^C'),
    )
    child.stdin.write('exit 7\n')
    assert.equal((await ended)[0], 7)
  } finally {
    child.kill('SIGKILL')
  }
})

test('port-forward goes to services as well, cp takes folders', withRealNodes, async () => {
  await cluster.kubectl('expose', 'deployment', 'web', '--port', '8080', '--target-port', '80')
  const forward = cluster.kubectlProcess('port-forward', 'service/web', ':8080')
  try {
    let said = ''
    forward.stdout?.on('data', (chunk: Buffer) => void (said += chunk.toString()))
    await eventually(
      async () => said,
      (text) => /127\.0\.0\.1:\d+ ->/.test(text),
    )
    const port = /127\.0\.0\.1:(\d+) ->/.exec(said)?.[1]
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'ok\n')
  } finally {
    forward.kill()
  }
  const pod = await podOf('app=web')
  await cluster.kubectl('exec', pod, '--', 'sh', '-c', 'mkdir -p /tmp/there/below && echo deep > /tmp/there/below/file')
  await cluster.kubectl('cp', `${pod}:/tmp/there`, join(cluster.folder, 'here'))
  assert.equal(readFileSync(join(cluster.folder, 'here/below/file'), 'utf8'), 'deep\n')
})

test('cluster-info, version, explain, api-resources and auth can-i tell about the cluster', withRealNodes, async () => {
  // kubectl colours the names, on a terminal or not.
  assert.match(await cluster.kubectl('cluster-info'), /control plane.* is running at .*https:\/\/127\.0\.0\.1:\d+/)
  assert.match(await cluster.kubectl('version'), /^Client Version: v1\.\d+[^]*\nServer Version: v1\.37\.1/)
  assert.match(
    await cluster.kubectl('explain', 'deployment.spec.strategy.rollingUpdate.maxSurge'),
    /^GROUP: +apps\nKIND: +Deployment\nVERSION: +v1\n\nFIELD: maxSurge <IntOrString>/,
  )
  assert.match(await cluster.kubectl('explain', 'pods', '--recursive'), /\n {2}spec\t<PodSpec>\n/)
  const resources = columns(await cluster.kubectl('api-resources'))
  assert.deepEqual(resources[0], ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND'])
  assert.ok(resources.some((row) => row.join(' ') === 'deployments deploy apps/v1 true Deployment'))
  assert.match(await cluster.kubectl('api-versions'), /^admissionregistration\.k8s\.io\/v1\n[^]*\nv1\n$/)
  assert.match(
    await cluster.kubectl('auth', 'can-i', '--list'),
    /^Resources +Non-Resource URLs +Resource Names +Verbs\n\*\.\* +\[\] +\[\] +\[\*\]\n/,
  )
  const account = '--as=system:serviceaccount:default:default'
  assert.match(
    await cluster.kubectl('auth', 'can-i', '--list', account),
    /selfsubjectaccessreviews\.authorization\.k8s\.io +\[\] +\[\] +\[create\]/,
  )
  await assert.rejects(
    cluster.kubectl('auth', 'can-i', 'delete', 'nodes', account),
    (error: { stdout?: string }) => error.stdout === 'no\n',
  )
  assert.equal(
    await cluster.kubectl('auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'),
    'kubernetes-admin',
  )
})
