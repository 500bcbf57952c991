import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { test } from 'node:test'
import { apiServices } from '../../api/apiregistration/v1/api-service.ts'
import { createPki } from '../../apiserver/pki/pki.ts'
import { sleep, systemClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import { systemRandom } from '../../machinery/random.ts'
import { freePort } from '../../machinery/free-port.ts'
import { clusterPaths } from '../state/paths.ts'
import { apiServerAlone } from './api-server.ts'
import { kubeconfigClients } from './kubeconfig-clients.ts'

const address = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address
const skip = address === undefined && 'an endpoint must have an address that is not loopback'

test('a connection to another server’s API is upgraded, with the caller’s name; its service may be an alias', {
  skip,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-aggregated-'))
  const paths = clusterPaths(folder)
  const port = await freePort()
  const server = apiServerAlone({
    paths,
    store: { engine: 'memory' },
    port,
    bindAddresses: [],
    serviceCidr: '10.96.0.0/16',
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
  })
  await server.start()
  const pki = createPki({ folder: paths.pki, clock: systemClock })
  const serving = pki.kubeletServing('backend', ['alias.default.svc'])
  const backend = createServer(
    {
      cert: readFileSync(serving.certificateFile),
      key: readFileSync(serving.privateKeyFile),
      ca: pki.frontProxyAuthority.certificatePem,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (_, response) =>
      response.setHeader('content-type', 'application/json').end('{"kind":"APIResourceList","resources":[]}'),
  )
  backend.on('upgrade', (request, socket) => {
    const user = String(request.headers['x-remote-user'])
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Seen: ${user} ${String(request.url)}\r\n\r\n`,
    )
    socket.on('data', (data: Buffer) => socket.write(data.toString().toUpperCase()))
  })
  backend.listen(0, address)
  await once(backend, 'listening')
  const clients = kubeconfigClients(paths.kubeconfig, systemClock)
  const admin = clients.client('test')
  const post = (path: string, body: object) => admin.transport.request({ method: 'POST', path, body })
  let socket: TLSSocket | undefined
  try {
    await post('/api/v1/namespaces', { metadata: { name: 'real' } })
    await post('/api/v1/namespaces/real/services', { metadata: { name: 'api' }, spec: { ports: [{ port: 443 }] } })
    await post('/apis/discovery.k8s.io/v1/namespaces/real/endpointslices', {
      metadata: { name: 'api-1', labels: { 'kubernetes.io/service-name': 'api' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address] }],
      ports: [{ name: '', port: (backend.address() as AddressInfo).port }],
    })
    const spec = { type: 'ExternalName', externalName: 'api.real.svc.cluster.local', ports: [{ port: 443 }] }
    await post('/api/v1/namespaces/default/services', { metadata: { name: 'alias' }, spec })
    await post('/apis/apiregistration.k8s.io/v1/apiservices', {
      metadata: { name: 'v1.upgraded.example.com' },
      spec: {
        group: 'upgraded.example.com',
        version: 'v1',
        groupPriorityMinimum: 1000,
        versionPriority: 10,
        caBundle: Buffer.from(pki.clusterAuthority.certificatePem).toString('base64'),
        service: { namespace: 'default', name: 'alias' },
      },
    })
    const isAvailable = async () =>
      (await admin.get(apiServices, { name: 'v1.upgraded.example.com' })).status?.conditions?.[0]?.status === 'True'
    for (let attempt = 0; !(await isAvailable()); attempt++) {
      assert.ok(attempt < 200, 'the APIService did not become available')
      await sleep(systemClock, 50)
    }
    const { certificatePem, privateKeyPem } = pki.admin()
    socket = connect({
      host: '127.0.0.1',
      port,
      cert: certificatePem,
      key: privateKeyPem,
      ca: pki.clusterAuthority.certificatePem,
      ALPNProtocols: ['http/1.1'],
    })
    await once(socket, 'secureConnect')
    const path = '/apis/upgraded.example.com/v1/namespaces/default/things/one/exec?command=x'
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: api\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`,
    )
    const [head] = (await once(socket, 'data')) as [Buffer]
    assert.match(head.toString(), /^HTTP\/1\.1 101 /)
    assert.ok(head.toString().toLowerCase().includes(`x-seen: kubernetes-admin ${path.toLowerCase()}`))
    socket.write('hello')
    const [echo] = (await once(socket, 'data')) as [Buffer]
    assert.equal(echo.toString(), 'HELLO')
  } finally {
    socket?.destroy()
    backend.closeAllConnections()
    backend.close()
    await clients.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})
