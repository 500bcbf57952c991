import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../../machinery/clock.ts'
import { systemRandom } from '../../../machinery/random.ts'
import { createServerLister } from '../../server-lister.ts'
import { createPki } from '../../pki/pki.ts'
import { openService } from '../../webhook/service.fixture.ts'
import { createWebhookClient } from './webhook-client.ts'

test('a webhook hears which trace the request belongs to', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-trace-'))
  const pki = createPki({ folder, clock: systemClock })
  const serving = pki.kubeletServing('hook', ['127.0.0.1'])
  const heard: IncomingHttpHeaders[] = []
  const server = createServer({ key: serving.privateKeyPem, cert: serving.certificatePem }, (request, response) => {
    heard.push(request.headers)
    request.resume()
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = createWebhookClient({ lister: createServerLister(), clock: systemClock, random: systemRandom })
  try {
    const config = {
      url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      caBundle: Buffer.from(pki.clusterAuthority.certificatePem).toString('base64'),
    }
    const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'a=b' }
    await client.post(config, {}, 5, trace)
    await client.post(config, {}, 5)
    assert.deepEqual(
      heard.map(({ traceparent, tracestate }) => [traceparent, tracestate]),
      [
        [trace.traceparent, 'a=b'],
        [undefined, undefined],
      ],
    )
  } finally {
    client.close()
    server.closeAllConnections()
    server.close()
    await pki.serviceAccountKeys
    rmSync(folder, { recursive: true })
  }
})

test('a bundle may be the server’s own certificate, as envtest’s webhooks have it', async () => {
  await using service = await openService(() => ({ told: true }))
  const client = createWebhookClient({ lister: createServerLister(), clock: systemClock, random: systemRandom })
  try {
    const caBundle = Buffer.from(service.servingPem).toString('base64')
    assert.deepEqual(await client.post({ url: `${service.url}/`, caBundle }, {}, 5), { told: true })
  } finally {
    client.close()
  }
})

test('paths are asked for as upstream joins them', async () => {
  await using service = await openService(() => ({}))
  const client = createWebhookClient({ lister: createServerLister(), clock: systemClock, random: systemRandom })
  try {
    const caBundle = Buffer.from(service.caPem).toString('base64')
    for (const path of ['//failing', '/a/b/', '', '/', '/a//b/../c'])
      await client.post({ url: service.url + path, caBundle }, {}, 5)
    assert.deepEqual(
      service.asked.map(({ path }) => path),
      ['/failing', '/a/b', '/', '/', '/a/c'].map((path) => `${path}?timeout=5s`),
    )
  } finally {
    client.close()
  }
})
