import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { request, type RequestOptions } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { after, before, test } from 'node:test'
import { pods } from '../api/core/v1/pod.ts'
import type { Pod } from '../api/types.generated.ts'
import { createPki } from '../apiserver/pki/pki.ts'
import { pause, systemClock } from '../machinery/clock.ts'
import { silentLogger } from '../machinery/log.ts'
import { systemRandom } from '../machinery/random.ts'
import { dialUpgrade } from '../machinery/streaming/dial-upgrade.ts'
import { createMemoryStore } from '../store/memory/store.ts'
import { startControlPlane, type ControlPlane } from './control-plane.ts'
import { startSimulatedNodes } from './node/simulated-nodes.ts'
import { clusterNetwork } from './settings.ts'

/** What kubectl asks of pods on simulated nodes, whose addresses lead nowhere. */
const folder = mkdtempSync(join(tmpdir(), 'skiff-simulated-'))
const clock = systemClock
const pki = createPki({ folder, clock })
const localKubelets = new Map<string, () => Duplex>()
const pod = '/api/v1/namespaces/default/pods/web'
let plane: ControlPlane
let nodes: { stop: (progress: () => void) => Promise<void> }
let tls: RequestOptions

before(async () => {
  const network = clusterNetwork(0)
  plane = await startControlPlane({
    store: createMemoryStore(),
    pki,
    listen: { addresses: ['127.0.0.1'], port: 0, hosts: ['127.0.0.1'] },
    localKubelets,
    podCidrs: [network.pods],
    serviceCidrs: [network.services],
    advertise: { address: '10.0.0.1', port: 6443 },
    publicServer: 'https://10.0.0.1:6443',
    clock,
    random: systemRandom,
    log: silentLogger,
  })
  await plane.startWorkers()
  nodes = await startSimulatedNodes({
    settings: { name: 'simulated', runtime: 'simulated', nodes: 2, store: { engine: 'memory' }, port: 0, network },
    controlPlane: plane,
    pki,
    localKubelets,
    clock,
    log: silentLogger,
    progress: () => {},
    signal: new AbortController().signal,
  })
  const admin = pki.admin()
  tls = { ca: pki.clusterAuthority.certificatePem, cert: admin.certificatePem, key: admin.privateKeyPem }
  const containers = [{ name: 'main', image: 'nginx' }]
  await plane.client.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default' },
    spec: { containers, automountServiceAccountToken: false },
  } as unknown as Pod)
  while ((await plane.client.get(pods, { namespace: 'default', name: 'web' })).status.phase !== 'Running')
    await pause(clock, 10)
})
after(async () => {
  await nodes.stop(() => {})
  await plane.stop()
  rmSync(folder, { recursive: true })
})

function get(path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(`${plane.server.address}${path}`, { ...tls, agent: false }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (text: string) => (body += text))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
    })
    asked.once('error', reject).end()
  })
}

test('logs of a simulated pod are there, and empty', async () => {
  assert.deepEqual(await get(`${pod}/log`), { status: 200, body: '' })
})

test('the API server asks a simulated kubelet over TLS, as itself', async () => {
  const { nodeName } = (await plane.client.get(pods, { namespace: 'default', name: 'web' })).spec
  const { status, body } = await get(`/api/v1/nodes/${nodeName}/proxy/pods`)
  assert.equal(status, 200)
  const names = (JSON.parse(body) as { items: Pod[] }).items.map(({ metadata }) => metadata.name)
  assert.deepEqual(names, ['web'])
})

test('exec and port-forward reach a simulated pod', async () => {
  for (const path of ['exec?command=date&stdout=true', 'portforward?ports=80']) {
    const { socket, headers } = await dialUpgrade(
      { url: new URL(`${plane.server.address}${pod}/${path}`), tls },
      {
        upgrade: 'websocket',
        method: 'GET',
        headers: {
          'Sec-WebSocket-Version': '13',
          'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
          'Sec-WebSocket-Protocol': path.startsWith('exec') ? 'v5.channel.k8s.io' : 'SPDY/3.1+portforward.k8s.io',
        },
      },
    )
    assert.match(String(headers['sec-websocket-protocol']), /v5|portforward/)
    socket.destroy()
  }
})

test('a caller without the right to it gets nothing from a simulated kubelet', async () => {
  const connection = localKubelets.get('node1')!()
  const { connect } = await import('node:tls')
  const socket = connect({ socket: connection, ca: pki.clusterAuthority.certificatePem, host: '198.18.0.1' })
  socket.write('GET /pods HTTP/1.1\r\nHost: node1\r\nConnection: close\r\n\r\n')
  let answer = ''
  for await (const chunk of socket.setEncoding('utf8')) answer += chunk
  assert.match(answer, /^HTTP\/1\.1 401 /)
})
