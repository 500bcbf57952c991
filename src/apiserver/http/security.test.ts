import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectHttp2, constants } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { systemClock } from '../../machinery/clock.ts'
import type { AuthorizationAttributes } from '../authorization/authorizer.ts'
import { configMap, configMapsPath, openServer, type OpenServer } from '../open-server.fixture.ts'
import { createPki } from '../pki/pki.ts'
import { parseTarget } from '../routing/path.ts'

const folder = mkdtempSync(join(tmpdir(), 'skiff-security-'))
let open: OpenServer
let ca: string
let asked: AuthorizationAttributes | undefined

before(async () => {
  const pki = createPki({ folder, clock: systemClock })
  ca = pki.clusterAuthority.certificatePem
  const serving = pki.apiServer(['127.0.0.1'])
  open = await openServer({
    listen: { addresses: ['127.0.0.1'], port: 0 },
    tls: { key: serving.privateKeyPem, cert: serving.certificatePem },
    authorizer: {
      authorize(attributes) {
        asked = attributes
        return { decision: 'allow', reason: '' }
      },
    },
    admission: [
      {
        name: 'hang',
        handles: (operation) => operation === 'CREATE',
        mutate: ({ name }) => (name === 'hang' ? new Promise(() => {}) : undefined),
      },
    ],
    shutdownGraceMs: 100,
  })
})
after(async () => {
  await open[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

test('security.md, wrong scope or kind: what is authorized is what is read (CVE-2019-11247, CVE-2022-3162)', async () => {
  const part = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
    fc.constantFrom(
      '..',
      '.',
      'a/b',
      'a%2fb',
      'a%00',
      'watch',
      'proxy',
      'status',
      'finalize',
      'namespaces',
      'kube-system',
    ),
  )
  await fc.assert(
    fc.asyncProperty(part, part, fc.boolean(), async (namespace, name, raw) => {
      const write = raw ? (text: string) => text.replace(/[?#\s]/g, '') || 'x' : encodeURIComponent
      asked = undefined
      const { status, body } = await open
        .call('GET', `/api/v1/namespaces/${write(namespace)}/configmaps/${write(name)}`)
        .catch((error: Error) => ({ status: 400, body: { message: error.message } as never }))
      if (status === 400 || status === 405) return
      const seen = asked as AuthorizationAttributes | undefined
      assert.ok(seen !== undefined)
      if (seen.resource !== 'configmaps' || seen.subresource !== '') return
      // The answer names the object that was looked for: it is the one that was asked leave for.
      const { message } = body as unknown as { message: string }
      if (status === 404 && seen.verb === 'get')
        assert.ok(message.includes('configmaps') && message.endsWith('not found'))
      const target = parseTarget(`/api/v1/namespaces/${write(namespace)}/configmaps/${write(name)}`)
      assert.equal(seen.namespace, target.segments[3])
      assert.equal(seen.name, target.segments[5])
      assert.ok(!/[/\0]/.test(seen.namespace + seen.name))
    }),
    { numRuns: 300 },
  )
})

test('security.md, transport exhaustion: who opens and resets streams in a row is cut off (CVE-2023-44487)', async () => {
  const session = connectHttp2(open.server.address, { ca })
  session.on('error', () => {})
  const closed = new Promise<void>((resolve) => session.on('close', resolve))
  for (let burst = 0; burst < 60 && !session.destroyed; burst++) {
    for (let i = 0; i < 100 && !session.destroyed; i++) {
      const stream = session.request({ ':path': '/version' })
      stream.on('error', () => {})
      stream.close(constants.NGHTTP2_CANCEL)
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  await closed
  assert.ok(session.destroyed)
})

test('a request that takes longer than its time is answered with 504', async () => {
  const session = connectHttp2(open.server.address, { ca })
  const stream = session.request({
    ':method': 'POST',
    ':path': `${configMapsPath}?timeout=100ms`,
    'content-type': 'application/json',
  })
  stream.end(JSON.stringify(configMap('hang')))
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise((resolve) => stream.on('end', resolve))
  const status = JSON.parse(Buffer.concat(chunks).toString())
  assert.deepEqual(
    [status.code, status.reason, status.message],
    [504, 'Timeout', 'Timeout: request did not complete within the allotted timeout'],
  )
  session.destroy()
})

test('security.md, transport exhaustion: a watch whose reader stands still is cut', async () => {
  const session = connectHttp2(open.server.address, { ca, settings: { initialWindowSize: 0 } })
  const stream = session.request({
    ':path': `${configMapsPath}?watch=true&resourceVersion=${await open.store.revision()}`,
  })
  await new Promise((resolve) => stream.on('response', resolve))
  const watchers = () => open.server.feed.filled('configmaps')!.listeners
  assert.equal(watchers(), 1)
  const data = { x: 'y'.repeat(900_000) }
  for (let i = 0; i < 30; i++) await open.call('POST', configMapsPath, configMap(`large${i}`, {}, data))
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(watchers(), 0)
  session.destroy()
})
