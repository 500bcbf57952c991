import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectPlain } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { after, before, test } from 'node:test'
import { systemClock } from '../../machinery/clock.ts'
import { openServer, type OpenServer } from '../open-server.fixture.ts'
import { createPki } from '../pki/pki.ts'

const folder = mkdtempSync(join(tmpdir(), 'skiff-smuggling-'))
let open: OpenServer
let ca: string
/** As whom /version is asked for. */
let onVersion: (user: string) => void = () => {}

before(async () => {
  const pki = createPki({ folder, clock: systemClock })
  ca = pki.clusterAuthority.certificatePem
  const { certificatePem: cert, privateKeyPem: key } = pki.apiServer(['127.0.0.1'])
  open = await openServer({
    listen: { addresses: ['127.0.0.1'], port: 0 },
    tls: { cert, key },
    authorizer: {
      authorize({ path, user, verb }) {
        if (path === '/version' && verb === 'get') onVersion(user.name)
        return { decision: 'allow', reason: '' }
      },
    },
    shutdownGraceMs: 100,
  })
})
after(async () => {
  await open[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

/** All that comes back until the server closes the connection. */
function exchange(text: string): Promise<string> {
  return new Promise((resolve) => {
    const { port } = open.server
    const socket = connectTls({ host: '127.0.0.1', port, ca, ALPNProtocols: ['http/1.1'] })
    let received = ''
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => resolve(received))
    socket.on('secureConnect', () => socket.write(Buffer.from(text, 'latin1')))
  })
}
const statuses = (received: string) => [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, code]) => Number(code))
const hidden = 'GET /version HTTP/1.1\r\nHost: x\r\n\r\n'

test('security.md, request smuggling: a body that ends in two ways is refused, and nothing behind it is read (CVE-2022-1705)', async () => {
  const chunks = '0\r\n\r\n'
  for (const [head, code] of [
    ['Content-Length: 5\r\nContent-Length: 6\r\n', 400],
    ['Content-Length: 5, 5\r\n', 400],
    ['Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', 400],
    ['Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n', 501],
    ['Transfer-Encoding: gzip, chunked\r\n', 501],
    ['Transfer-Encoding: xchunked\r\n', 501],
    ['Transfer-Encoding : chunked\r\n', 400],
  ] as const) {
    const received = await exchange(`POST /version HTTP/1.1\r\nHost: x\r\n${head}\r\n${chunks}${hidden}`)
    assert.deepEqual(statuses(received), [code], head)
  }
  assert.deepEqual(
    statuses(await exchange(`POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}${hidden}`)),
    [400],
  )
})

test('security.md, request smuggling: chunks have their lines end by CR LF, whatever else they hold (CVE-2025-22871)', async () => {
  for (const chunk of ['1\nx\r\n', '1;a\nb\r\nx\r\n', '1\r\nx\n', '1;\nx\r\n', '0x1\r\nx\r\n', '-1\r\nx\r\n']) {
    const head = 'POST /version HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'
    const received = statuses(await exchange(`${head}${chunk}0\r\n\r\n${hidden}`))
    assert.ok(received.filter((code) => code === 200).length < 2, `${JSON.stringify(chunk)}: ${received.join()}`)
  }
})

test('security.md, request smuggling: a request names one host, by bytes that hosts have', async () => {
  for (const hosts of [
    '',
    'Host: x\r\nHost: y\r\n',
    'Host: x\r\nHost: x\r\n',
    'Host: a/b\r\n',
    'Host: x@y\r\n',
    'Host: a b\r\n',
  ]) {
    assert.deepEqual(statuses(await exchange(`GET /version HTTP/1.1\r\n${hosts}\r\n${hidden}`)), [400], hosts)
  }
})

/** HTTP/2 by hand, for the client of Node.js checks what it sends: a request for /version with one header more. */
function requestWith(name: string, value: string): Buffer {
  const text = (part: string) => Buffer.concat([Buffer.from([Buffer.byteLength(part)]), Buffer.from(part)])
  // GET, https and a path of the static table, then literals.
  const block = [Buffer.from([0x82, 0x87, 0x04]), text('/version'), Buffer.from([0x01]), text('x')]
  const header = Buffer.concat([...block, Buffer.from([0x00]), text(name), text(value)])
  const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])
  const head = Buffer.from([0, 0, header.length, 1, 5, 0, 0, 0, 1])
  return Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), settings, head, header])
}

test('security.md, request smuggling: whom to impersonate is not dropped for the spaces around it', async () => {
  for (const name of [' bob', 'bob ', '\tbob', 'böb']) {
    const socket = connectTls({ host: '127.0.0.1', port: open.server.port, ca, ALPNProtocols: ['h2'] })
    socket.on('error', () => {})
    socket.on('data', () => {})
    const decided = new Promise((resolve) => (onVersion = resolve))
    socket.write(requestWith('impersonate-user', name))
    assert.equal(await decided, name)
    socket.destroy()
  }
})

test('a client that forgets TLS is told so', async () => {
  const socket = connectPlain({ host: '127.0.0.1', port: open.server.port })
  socket.write(hidden)
  let received = ''
  for await (const chunk of socket) received += String(chunk)
  assert.equal(received, 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n')
})

test('what comes behind the answer to a request that is well is refused after it', async () => {
  assert.deepEqual(statuses(await exchange(`${hidden}nonsense\r\n\r\n`)), [200, 400])
})
