import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { test } from 'node:test'
import { configMaps } from '../../api/core/v1/config-map.ts'
import { systemClock } from '../../machinery/clock.ts'
import { ApiError, isReason } from '../../machinery/errors.ts'
import { alternativeNamesOf } from '../../machinery/x509/alternative-names.ts'
import { createCertificate } from '../../machinery/x509/certificate.ts'
import { encodePem } from '../../machinery/x509/pem.ts'
import { createClient } from '../create-client.ts'
import { startFakeApiServer } from '../fake/fake-api-server.ts'
import { fakeClient } from '../fake/fake-client.ts'
import { testTransport } from '../transport-conformance.ts'
import type { ShownCertificate } from './connection-options.ts'
import { httpTransport } from './http-transport.ts'

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const subject = { commonName: 'fake' }
const cert = encodePem(
  'CERTIFICATE',
  createCertificate(
    {
      subject,
      publicKey: keys.publicKey,
      notBefore: systemClock.now() - 3_600_000,
      notAfter: systemClock.now() + 3_600_000,
      keyUsage: ['digitalSignature', 'certSign'],
      extendedKeyUsage: ['serverAuth'],
      alternativeNames: alternativeNamesOf(['127.0.0.1']),
      isCa: true,
    },
    { subject, ...keys },
  ),
)
const key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string

async function setup(
  options: {
    http1Only?: boolean
    token?: string
    intercept?: (request: Http2ServerRequest, response: Http2ServerResponse) => boolean
  } = {},
) {
  const client = fakeClient()
  const server = await startFakeApiServer({ client, refs: [configMaps], key, cert, ...options })
  const address = `https://127.0.0.1:${server.port}`
  const { token } = options
  const transport = httpTransport({ server: address, ca: cert, token, userAgent: 'skiff-test', clock: systemClock })
  const stop = async () => {
    await transport.close()
    await server.stop()
  }
  return { transport, stop, server, fake: client }
}

testTransport('http/2', () => setup())
testTransport('http/1.1', () => setup({ http1Only: true }))

test('the transport says who asks and what with', async () => {
  let seen: Record<string, unknown> = {}
  const { transport, stop } = await setup({
    token: 'secret',
    intercept: (request) => {
      seen = request.headers
      return false
    },
  })
  await createClient(transport).list(configMaps)
  assert.equal(seen.authorization, 'Bearer secret')
  assert.equal(seen['user-agent'], 'skiff-test')
  assert.equal(seen.accept, 'application/json')
  await stop()
})

test('a request that is sent away with Retry-After is repeated', async () => {
  let refusals = 0
  const { transport, stop } = await setup({
    intercept: (_, response) => {
      if (refusals++ >= 2) return false
      response.writeHead(429, { 'retry-after': '0' })
      response.end('slow down')
      return true
    },
  })
  await createClient(transport).list(configMaps)
  assert.equal(refusals, 3)
  await stop()
})

test('an answer without a Status becomes the error that client-go makes of it', async () => {
  const answers: Record<string, [number, string]> = {
    '/a': [404, 'nothing'],
    '/b': [500, 'broken <x>'],
    '/c': [403, 'not you'],
  }
  const { transport, stop } = await setup({
    intercept: (request, response) => {
      const [status, text] = answers[request.url]!
      response.writeHead(status, { 'content-type': 'text/plain' })
      response.end(text)
      return true
    },
  })
  const messageOf = async (path: string) => {
    try {
      await transport.request({ method: 'GET', path })
      return 'no error'
    } catch (error) {
      return error instanceof ApiError ? `${error.reason}: ${error.message}` : 'no ApiError'
    }
  }
  assert.equal(await messageOf('/a'), 'NotFound: the server could not find the requested resource')
  assert.equal(
    await messageOf('/b'),
    'InternalError: an error on the server ("broken <x>") has prevented the request from succeeding',
  )
  assert.equal(await messageOf('/c'), 'Forbidden: not you')
  await stop()
})

test('text answers are strings', async () => {
  const { transport, stop } = await setup({
    intercept: (_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
      response.end('ok')
      return true
    },
  })
  const { body } = await transport.request({ method: 'GET', path: '/healthz' })
  assert.equal(body, 'ok')
  await stop()
})

test('a server that went away is found again', async () => {
  const first = await setup()
  const client = createClient(first.transport)
  await client.list(configMaps)
  await first.server.stop()
  await assert.rejects(client.list(configMaps), (error) => !(error instanceof ApiError))
  await first.stop()
})

test('a server whose certificate is not of the given authority is refused', async () => {
  const { transport, stop, server } = await setup()
  const options = { server: `https://127.0.0.1:${server.port}`, userAgent: 'x', clock: systemClock }
  const strict = httpTransport(options)
  await assert.rejects(createClient(strict).list(configMaps), /self.signed/i)
  const careless = httpTransport({ ...options, insecureSkipTlsVerify: true })
  await createClient(careless).list(configMaps)
  await Promise.all([strict.close(), careless.close(), transport.close()])
  await stop()
})

test('an expired watch arrives as an event', async () => {
  const { transport, stop, fake } = await setup()
  fake.breakWatches({ forget: true })
  const watch = await createClient(transport).watch(configMaps, { resourceVersion: '1' })
  for await (const event of watch) {
    assert.equal(event.type, 'ERROR')
    assert.ok(isReason(new ApiError(event.object as ApiError['status']), 'Expired'))
  }
  await stop()
})

for (const http1Only of [false, true])
  test(`a client certificate that is renewed is shown to new connections, and what is under way goes on (${http1Only ? 'http/1.1' : 'http/2'})`, async () => {
    const seen: (number | undefined)[] = []
    const client = fakeClient()
    const server = await startFakeApiServer({
      client,
      refs: [configMaps],
      key,
      cert,
      http1Only,
      intercept(request) {
        seen.push(request.socket.remotePort)
        return false
      },
    })
    let renew: (next: ShownCertificate) => void = () => {}
    const first = Promise.withResolvers<ShownCertificate>()
    const transport = httpTransport({
      server: `https://127.0.0.1:${server.port}`,
      ca: cert,
      userAgent: 'skiff-test',
      clock: systemClock,
      clientCertificate: {
        available: () => first.promise,
        subscribe(listener) {
          renew = listener
          return () => {}
        },
      },
    })
    const made = createClient(transport)
    const waiting = made.list(configMaps)
    // Nobody is asked without a certificate.
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(seen.length, 0)
    first.resolve({ cert, key })
    await waiting
    const gone = new AbortController()
    const watching = await made.watch(configMaps, { signal: gone.signal })
    const events = watching[Symbol.asyncIterator]()
    renew({ cert, key })
    await made.list(configMaps)
    await made.list(configMaps)
    assert.equal(new Set(seen).size, 2)
    assert.ok(!seen.slice(0, -2).includes(seen.at(-1)))
    assert.equal(seen.at(-1), seen.at(-2))
    // The watch is still told, on the connection that it began on.
    client.seed(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } })
    assert.equal((await events.next()).value?.type, 'ADDED')
    gone.abort()
    await events.return?.()
    await transport.close()
    await server.stop()
  })
