import assert from 'node:assert/strict'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { pods } from '../../api/core/v1/pod.ts'
import { createMemoryLister } from '../memory-lister.ts'
import { openServer, pod, podsPath } from '../open-server.fixture.ts'
import { seededRandom } from '../../machinery/random.ts'
import { podBackend, serviceBackend } from './backends.ts'
import { forwardUpgrade } from './forward-upgrade.ts'

const answers: Readonly<Record<string, string>> = {
  'an ordinary answer': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'a redirect': 'HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n',
  'a refusal': 'HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nbad',
  garbage: '\x00\x01not http at all\r\n\r\n',
}

/** A backend that answers every connection with these bytes and goes on listening; `heard`: what it was sent. */
async function openBackend(answer: string) {
  const sockets: Socket[] = []
  const heard: string[] = []
  const server = createServer((socket) => {
    const index = sockets.push(socket) - 1
    heard[index] = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      heard[index] += chunk.toString('latin1')
      if (heard[index]!.endsWith('\r\n\r\n')) socket.write(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: new URL(`http://127.0.0.1:${port}/`),
    heard,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** What the server sends until it closes the connection. */
function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    let got = ''
    socket.on('data', (chunk) => (got += chunk.toString('latin1')))
    socket.on('close', () => resolve(got))
    socket.on('error', (error) => (got === '' ? reject(error) : undefined))
  })
}

const upgrade = (protocol: string) =>
  `POST ${podsPath}/p/portforward HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`
const smuggled = 'GET /api/v1/secrets HTTP/1.1\r\nHost: x\r\nImpersonate-User: root\r\n\r\n'

for (const [name, answer] of Object.entries(answers)) {
  test(`security.md, upgrade and proxy connection reuse: ${name} to an upgrade ends both connections (CVE-2018-1002105, CVE-2020-8559)`, async (t) => {
    const backend = await openBackend(answer)
    t.after(() => backend.close())
    await using open = await openServer({
      listen: { addresses: ['127.0.0.1'], port: 0 },
      shutdownGraceMs: 10,
      connects: new Map([
        [
          'pods/portforward',
          {
            methods: ['POST', 'GET'],
            optionsKind: 'PodPortForwardOptions',
            subpath: false,
            connect: (context) => forwardUpgrade(context.exchange, { url: backend.url }),
          },
        ],
      ]),
    })
    await open.call('POST', podsPath, pod('p'))
    const got = await exchange(open.server.port, upgrade('SPDY/3.1') + smuggled)
    assert.doesNotMatch(got, /^HTTP\/1.1 101/m)
    assert.match(got, /^HTTP\/1.1 (400|500) /)
    // One answer, then the end: what was sent behind the upgrade is no request of anybody's.
    assert.equal(got.match(/^HTTP\/1\.1 /gm)!.length, 1)
    assert.equal(backend.heard.length, 1)
    assert.equal(backend.heard[0]!.match(/HTTP\/1\.1\r\n/g)!.length, 1)
    assert.doesNotMatch(backend.heard[0]!, /secrets|Impersonate/i)
    assert.doesNotMatch(got, /169\.254/)
  })
}

test('security.md, upgrade and proxy connection reuse: other protocols are refused before anybody is dialled', async (t) => {
  const backend = await openBackend(answers['a refusal']!)
  t.after(() => backend.close())
  await using open = await openServer({
    listen: { addresses: ['127.0.0.1'], port: 0 },
    shutdownGraceMs: 10,
    connects: new Map([
      [
        'pods/portforward',
        {
          methods: ['POST', 'GET'],
          optionsKind: 'PodPortForwardOptions',
          subpath: false,
          connect: (context) => forwardUpgrade(context.exchange, { url: backend.url }),
        },
      ],
    ]),
  })
  await open.call('POST', podsPath, pod('p'))
  for (const protocol of ['h2c', 'TLS/1.0', 'spdy/3.1x', 'a, websocket']) {
    const got = await exchange(
      open.server.port,
      upgrade(protocol).replace('Connection: Upgrade', 'Connection: Upgrade, close'),
    )
    assert.match(got, /^HTTP\/1.1 400 /, protocol)
  }
  assert.equal(backend.heard.length, 0)
})

test('security.md, request forgery through proxy: a pod or service that claims such an address is not dialled (CVE-2022-3294, CVE-2020-8562)', () => {
  const target = { scheme: '', name: 's', port: '80' } as const
  for (const ip of ['127.0.0.1', '169.254.169.254', 'fe80::1', '::1', '0.0.0.0', 'metadata.google.internal']) {
    const claims = { ...pod('p'), status: { podIP: ip, podIPs: [{ ip }] } } as never
    assert.throws(() => podBackend(claims, target), { message: 'address not allowed', code: 400 }, ip)
    const lister = createMemoryLister()
    const metadata = { name: 'p', namespace: 'default' }
    lister.put(pods, { ...(claims as object), metadata } as never)
    lister.put({ group: '', version: 'v1', kind: 'Service', resource: 'services', namespaced: true }, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's', namespace: 'default' },
      spec: { ports: [{ port: 80 }] },
    } as never)
    lister.put(
      { group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice', resource: 'endpointslices', namespaced: true },
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'e', namespace: 'default', labels: { 'kubernetes.io/service-name': 's' } },
        ports: [{ port: 80 }],
        endpoints: [{ addresses: [ip], targetRef: { kind: 'Pod', name: 'p', namespace: 'default' } }],
      } as never,
    )
    assert.throws(
      () => serviceBackend(lister, seededRandom(1), 'default', target),
      { message: 'address not allowed' },
      ip,
    )
  }
})
