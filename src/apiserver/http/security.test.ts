import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectHttp2, constants } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
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
/** Requests that are being served. */
const held = new Set<string>()

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
    fairness: {
      admit({ verb, resource }) {
        const seat = `${verb} ${resource}`
        held.add(seat)
        return { release: () => void held.delete(seat) }
      },
      stop() {},
    },
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

test('security.md, transport exhaustion: a list whose reader stands still is cut', async () => {
  const session = connectHttp2(open.server.address, { ca, settings: { initialWindowSize: 0 } })
  session.on('error', () => {})
  const stream = session.request({ ':path': `${configMapsPath}?timeout=100ms`, 'accept-encoding': 'identity' })
  stream.on('error', () => {})
  await new Promise((resolve) => stream.on('close', resolve))
  assert.notEqual(stream.rstCode, constants.NGHTTP2_NO_ERROR)
  session.destroy()
})

test('security.md, transport exhaustion: a body that does not come is not awaited for longer than the request may take', async () => {
  const session = connectHttp2(open.server.address, { ca })
  const stream = session.request({
    ':method': 'POST',
    ':path': `${configMapsPath}?timeout=100ms`,
    'content-type': 'application/json',
    'content-length': '1000',
  })
  stream.write('{')
  const status = await new Promise((resolve) => stream.on('response', (headers) => resolve(headers[':status'])))
  assert.equal(status, 504)
  stream.on('error', () => {})
  session.destroy()
})

test('security.md, transport exhaustion: nobody waits on for a body whose request is over, over HTTP/1.1 either', async () => {
  held.clear()
  const text = `POST ${configMapsPath}?timeout=100ms HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`
  const received = await exchangeRaw('http/1.1', [Buffer.from(text)], (answer) => answer.includes('504'))
  assert.match(received, /^HTTP\/1\.1 504 /)
  for (let turn = 0; turn < 100 && held.size > 0; turn++) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual([...held], [], 'requests that hold their seats')
})

/** What comes back until the server closes the connection, or until it is enough. */
function exchangeRaw(
  protocol: string,
  chunks: Iterable<Uint8Array>,
  enough: (received: string) => boolean = () => false,
): Promise<string> {
  return new Promise((resolve) => {
    const { port } = open.server
    const socket = connectTls({ host: '127.0.0.1', port, ca, ALPNProtocols: [protocol] })
    let received = ''
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
      if (enough(received)) socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(received))
    const pending = chunks[Symbol.iterator]()
    const send = () => {
      for (let next = pending.next(); !next.done; next = pending.next()) {
        if (socket.destroyed) return
        if (!socket.write(next.value)) return void socket.once('drain', send)
      }
    }
    socket.on('secureConnect', send)
  })
}

test('security.md, transport exhaustion: a flood of headers over HTTP/1.1 is refused, and its connection closed', async () => {
  function* flood() {
    yield Buffer.from('GET /version HTTP/1.1\r\nhost: x\r\n')
    for (let header = 0; header < 300; header++) yield Buffer.from(`x-${header}: ${'y'.repeat(8000)}\r\n`)
  }
  assert.match(await exchangeRaw('http/1.1', flood()), /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/)
})

/** HPACK for GET https://x/. */
const getRoot = Buffer.from([0x82, 0x87, 0x84, 0x01, 1, 0x78])

const frame = (type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer => {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** Type and stream of each frame; 1: headers, 3: a reset. */
function framesOf(received: string): string[] {
  const answer = Buffer.from(received, 'latin1')
  const frames: string[] = []
  for (let at = 0; at + 9 <= answer.length; at += 9 + answer.readUIntBE(at, 3)) {
    frames.push(`${answer.readUInt8(at + 3)} on ${answer.readUInt32BE(at + 5)}`)
  }
  return frames
}

test('security.md, transport exhaustion: continued headers without end close an HTTP/2 connection (CVE-2024-27316)', async () => {
  function* flood() {
    yield Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    yield frame(4, 0, 0)
    yield frame(1, 0, 1, getRoot)
    const filler = Buffer.concat([Buffer.from([0x10, 1, 0x78, 0x7f, 0x81, 0x1f]), Buffer.alloc(4096, 'y')])
    for (let count = 0; count < 10_000; count++) yield frame(9, 0, 1, filler)
  }
  const frames = framesOf(await exchangeRaw('h2', flood()))
  assert.ok(!frames.includes('1 on 1'), `it is not answered: ${frames.join()}`)
})

test('security.md, transport exhaustion: a small header block that unfolds to a large one is refused', async () => {
  // HPACK sends a header that it has sent before as one byte: 3,000 bytes become three million.
  const large = Buffer.concat([Buffer.from([0x40, 1, 0x78, 0x7f, 0xb9, 0x16]), Buffer.alloc(3000, 'y')])
  const block = Buffer.concat([getRoot, large, Buffer.alloc(900, 0xbe)])
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  // The next request on the connection is answered.
  const next = frame(1, 5, 3, getRoot)
  const bytes = Buffer.concat([preface, frame(4, 0, 0), frame(1, 5, 1, block), next])
  const answered = (received: string) => framesOf(received).includes('1 on 3')
  const received = await exchangeRaw('h2', [bytes], answered)
  // A status that HPACK has no code for goes as text.
  assert.ok(received.includes('431'), framesOf(received).join())
})

test('security.md, transport exhaustion: who resets a stream that was refused ends no more than that', async () => {
  const large = Buffer.concat([Buffer.from([0x40, 1, 0x78, 0x7f, 0xb9, 0x16]), Buffer.alloc(3000, 'y')])
  const block = Buffer.concat([getRoot, large, Buffer.alloc(900, 0xbe)])
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  const reset = frame(3, 0, 1, Buffer.from([0, 0, 0, 1]))
  const bytes = Buffer.concat([preface, frame(4, 0, 0), frame(1, 4, 1, block), reset, frame(1, 5, 3, getRoot)])
  await exchangeRaw('h2', [bytes], (received) => framesOf(received).includes('1 on 3'))
})

test('security.md, transport exhaustion: floods of small frames take no memory, and others are served meanwhile', async () => {
  const preface = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0)])
  const floods: Readonly<Record<string, Buffer>> = {
    pings: frame(6, 0, 0, Buffer.alloc(8)),
    settings: frame(4, 0, 0, Buffer.from([0, 4, 0, 0, 255, 255])),
    priorities: frame(2, 0, 1, Buffer.from([0, 0, 0, 0, 16])),
    'empty data': frame(0, 0, 1),
    'unknown frames': frame(99, 0, 0, Buffer.alloc(8)),
  }
  function* flood(each: Buffer) {
    yield Buffer.concat([preface, frame(1, 4, 1, getRoot)])
    const many = Buffer.concat(Array.from({ length: 1000 }, () => each))
    for (let count = 0; count < 50; count++) yield many
    // The end of the connection.
    yield frame(7, 0, 1, Buffer.alloc(8))
  }
  const before = process.memoryUsage().rss
  const running = Object.values(floods).map((each) => exchangeRaw('h2', flood(each)))
  const session = connectHttp2(open.server.address, { ca })
  for (let count = 0; count < 20; count++) {
    const stream = session.request({ ':path': '/version' })
    assert.equal(await new Promise((resolve) => stream.on('response', (headers) => resolve(headers[':status']))), 200)
  }
  session.destroy()
  await Promise.all(running)
  assert.ok(process.memoryUsage().rss - before < 200 * 1024 * 1024)
})

test('security.md, transport exhaustion: a thousand streams are served on one connection', async () => {
  const session = connectHttp2(open.server.address, { ca })
  const ask = () => {
    const stream = session.request({ ':path': '/version' })
    stream.resume()
    return new Promise((resolve) => stream.on('response', (headers) => resolve(headers[':status'])))
  }
  const codes = await Promise.all(Array.from({ length: 1000 }, ask))
  assert.deepEqual(new Set(codes), new Set([200]))
  session.destroy()
})

test('a user of many groups may be impersonated', async () => {
  const session = connectHttp2(open.server.address, { ca })
  const groups = Array.from({ length: 400 }, (_, index) => `group-${index}`)
  const stream = session.request({ ':path': '/version', 'impersonate-group': groups, 'impersonate-user': 'x' })
  const status = await new Promise((resolve) => stream.on('response', (headers) => resolve(headers[':status'])))
  assert.equal(status, 200)
  session.destroy()
})
