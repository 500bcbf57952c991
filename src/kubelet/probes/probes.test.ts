import assert from 'node:assert/strict'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import grpc from '@grpc/grpc-js'
import type { Container, Pod, Probe } from '../../api/types.generated.ts'
import { systemClock } from '../../machinery/clock.ts'
import { seededRandom } from '../../machinery/random.ts'
import { createSimulatedRuntime } from '../runtimes/simulated/runtime.ts'
import { runProbe } from './run-probe.ts'

const runtime = createSimulatedRuntime({ clock: systemClock, random: seededRandom(1) })
const container: Container = { name: 'c', resources: {}, ports: [{ name: 'web', containerPort: 1 }] }
const pod = { metadata: { name: 'p', namespace: 'n', uid: 'u' }, spec: { containers: [container] } } as unknown as Pod
const probe = (of: Probe, ports = container.ports) =>
  runProbe(
    { runtime, clock: systemClock },
    { pod, container: { ...container, ports }, containerId: 'x', podIP: '127.0.0.1' },
    { timeoutSeconds: 1, ...of },
  )

async function listen(t: TestContext, server: net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => new Promise((resolve) => server.close(resolve)))
  return (server.address() as AddressInfo).port
}

test('http: 2xx and 3xx are well, the rest is not, and redirects stay on the host', async (t) => {
  const seen: (string | undefined)[] = []
  const server = http.createServer((request, response) => {
    seen.push(request.headers['user-agent'])
    const to: Record<string, string> = { '/near': '/ok', '/far': 'http://example.com/', '/loop': '/loop' }
    const location = to[request.url ?? '']
    if (location !== undefined) response.writeHead(302, { location }).end('gone')
    else if (request.url === '/slow') return
    else response.writeHead(request.url === '/ok' ? 200 : 500).end('body')
  })
  const port = await listen(t, server)
  t.after(() => server.closeAllConnections())
  const get = (path: string, more: object = {}) => probe({ httpGet: { path, port, ...more } })
  assert.deepEqual(await get('/ok'), { result: 'success', output: 'body' })
  assert.deepEqual(await get('/near'), { result: 'success', output: 'body' })
  assert.deepEqual(await get('/far'), { result: 'warning', output: 'Probe terminated redirects, Response body: gone' })
  assert.deepEqual(await get('/bad'), { result: 'failure', output: 'HTTP probe failed with statuscode: 500' })
  assert.match((await get('/loop')).output, /stopped after 10 redirects/)
  assert.equal(
    (await probe({ httpGet: { path: '/ok', port: 'web' } }, [{ name: 'web', containerPort: port }])).result,
    'success',
  )
  assert.deepEqual(await get('/slow'), {
    result: 'failure',
    output: `Get "http://127.0.0.1:${port}/slow": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
  })
  assert.equal(seen[0], 'kube-probe/1.37')
  await get('/ok', { httpHeaders: [{ name: 'User-Agent', value: 'mine' }] })
  assert.equal(seen.at(-1), 'mine')
})

test('tcp: what listens is well; a refusal is told in Go’s words', async (t) => {
  const server = net.createServer((socket) => socket.on('error', () => {}))
  const port = await listen(t, server)
  assert.deepEqual(await probe({ tcpSocket: { port } }), { result: 'success', output: '' })
  const free = net.createServer()
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve))
  const closed = (free.address() as AddressInfo).port
  await new Promise((resolve) => free.close(resolve))
  assert.deepEqual(await probe({ tcpSocket: { port: closed } }), {
    result: 'failure',
    output: `dial tcp 127.0.0.1:${closed}: connect: connection refused`,
  })
  assert.deepEqual(await probe({ tcpSocket: { port: 'none' } }), {
    result: 'unknown',
    output: "couldn't find port: none in c",
  })
})

test('grpc: the health service decides', async (t) => {
  const server = new grpc.Server()
  const path = '/grpc.health.v1.Health/Check'
  const plain = (value: Buffer) => value
  server.addService(
    {
      Check: {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: plain,
        requestDeserialize: plain,
        responseSerialize: plain,
        responseDeserialize: plain,
      },
    },
    {
      // Field 1 of the answer is the status: 1 serves, 2 does not; the request's field 1 is the service.
      Check: (call: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) =>
        done(null, Buffer.from([8, call.request.includes('down') ? 2 : 1])),
    },
  )
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  )
  t.after(() => server.forceShutdown())
  assert.deepEqual(await probe({ grpc: { port } }), { result: 'success', output: 'service healthy' })
  assert.deepEqual(await probe({ grpc: { port, service: 'down' } }), {
    result: 'failure',
    output: 'service unhealthy (responded with "NOT_SERVING")',
  })
  assert.match(
    (await probe({ grpc: { port: 1 } })).output,
    /^timeout: failed to connect service "127.0.0.1:1" within 1s/,
  )
})
