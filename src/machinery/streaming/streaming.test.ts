import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { duplexPair, type Duplex } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { systemClock } from '../clock.ts'
import { acceptWebSocket } from './channel-socket.ts'
import { dialUpgrade, UpgradeRefused } from './dial-upgrade.ts'
import { servePortForward, spdyPortDialer, type PortDialer } from './port-forward.ts'
import { exitStatus, ResizeDecoder, type RemoteCommandOptions, type RemoteCommandSession } from './remote-command.ts'
import { forwardCommand } from './remote-command-client.ts'
import { acceptSpdyCommand } from './remote-command-spdy.ts'
import { acceptWebSocketCommand } from './remote-command-websocket.ts'
import { SpdyConnection, type SpdyStream } from './spdy/connection.ts'
import type { UpgradeRequest } from './upgrade.ts'
import { webSocketBytes } from './websocket-bytes.ts'

async function listen(t: TestContext, onUpgrade: (upgrade: UpgradeRequest) => void): Promise<URL> {
  const server: Server = createServer((_request, response) => response.end('no upgrade'))
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => onUpgrade({ request, socket, head }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/exec`)
}

/** A program that shouts back what it reads, says its terminal size on stderr, and ends with 3. */
async function shout(session: RemoteCommandSession): Promise<void> {
  session.onResize(({ width, height }) => session.stderr?.write(`${width}x${height};`))
  for await (const chunk of session.stdin!.iterator({ destroyOnReturn: false }))
    session.stdout!.write((chunk as Buffer).toString().toUpperCase())
  await session.finish(exitStatus(3))
}

const options: RemoteCommandOptions = { stdin: true, stdout: true, stderr: true, tty: true }

test('a command forwarded over SPDY keeps its streams, its terminal size and its exit code', async (t) => {
  const url = await listen(
    t,
    (upgrade) => void acceptSpdyCommand(upgrade, options, systemClock).then((session) => shout(session!)),
  )
  const [stdin, stdinFar] = duplexPair()
  const [stdout, stdoutFar] = duplexPair()
  const [stderr, stderrFar] = duplexPair()
  let out = ''
  let err = ''
  stdoutFar.on('data', (bytes: Buffer) => (out += bytes.toString()))
  stderrFar.on('data', (bytes: Buffer) => (err += bytes.toString()))
  const session: RemoteCommandSession = {
    stdin,
    stdout,
    stderr,
    onResize: (callback) => callback({ width: 80, height: 24 }),
    finish: async () => {},
    closed: new Promise(() => {}),
  }
  stdinFar.end('hello')
  const status = await forwardCommand(session, { url }, options)
  assert.equal(out, 'HELLO')
  assert.equal(err, '80x24;')
  assert.deepEqual(status, exitStatus(3))
})

test('a WebSocket v5 client may close stdin and still gets output and status', async (t) => {
  const url = await listen(
    t,
    (upgrade) => void acceptWebSocketCommand(upgrade, { ...options, tty: false }).then((session) => shout(session!)),
  )
  const socket = new WebSocket(url.href.replace('http', 'ws'), ['v5.channel.k8s.io', 'v4.channel.k8s.io'])
  const messages: [number, string][] = []
  socket.on('message', (data: Buffer) => messages.push([data[0]!, data.subarray(1).toString()]))
  await new Promise((resolve) => socket.once('open', resolve))
  assert.equal(socket.protocol, 'v5.channel.k8s.io')
  socket.send(Buffer.from('\x00hello'))
  socket.send(Buffer.from([255, 0]))
  await new Promise((resolve) => socket.once('close', resolve))
  assert.deepEqual(messages, [
    [1, ''],
    [1, 'HELLO'],
    [3, JSON.stringify(exitStatus(3))],
  ])
})

test('a WebSocket client may speak base64', async (t) => {
  const url = await listen(
    t,
    (upgrade) =>
      void acceptWebSocketCommand(upgrade, { ...options, stdin: false }).then(async (session) => {
        session!.stdout!.write('hi')
        await session!.finish(exitStatus(0))
      }),
  )
  const socket = new WebSocket(url.href.replace('http', 'ws'), ['v4.base64.channel.k8s.io'])
  const messages: string[] = []
  socket.on('message', (data: Buffer) => messages.push(data.toString()))
  await new Promise((resolve) => socket.once('close', resolve))
  assert.deepEqual(messages, ['1', `1${btoa('hi')}`, `3${btoa(JSON.stringify(exitStatus(0)))}`])
})

test('a WebSocket client with unknown protocols is refused', async (t) => {
  const url = await listen(t, (upgrade) => void acceptWebSocketCommand(upgrade, options))
  const socket = new WebSocket(url.href.replace('http', 'ws'), ['v9.channel.k8s.io'])
  const error = await new Promise<Error>((resolve) => socket.once('error', resolve))
  assert.match(error.message, /403/)
})

test('a server that does not switch protocols is an error, and its connection is closed', async (t) => {
  const server = createServer((_request, response) => response.writeHead(200).end('hello'))
  const connectionClosed = new Promise((resolve) =>
    server.once('connection', (socket) => socket.once('close', resolve)),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  await assert.rejects(
    dialUpgrade({ url }, { upgrade: 'SPDY/3.1' }),
    (error) => error instanceof UpgradeRefused && error.status === 200 && error.body === 'hello',
  )
  await connectionClosed
})

const echo: PortDialer = async (port, data) => {
  if (port === 81) throw new Error('connection refused')
  for await (const chunk of data.iterator({ destroyOnReturn: false }))
    data.write(`${port}:${(chunk as Buffer).toString()}`)
}

test('port-forward carries several connections over one SPDY connection and reports a failed one', async (t) => {
  const url = await listen(t, (upgrade) => void servePortForward(upgrade, [], 'p', echo))
  const { dial, close } = await spdyPortDialer({ url })
  const talk = async (port: number) => {
    const [near, far] = duplexPair()
    let got = ''
    far.on('data', (bytes: Buffer) => (got += bytes.toString()))
    far.end('x')
    await dial(port, near)
    return got
  }
  assert.deepEqual(await Promise.all([talk(80), talk(8080)]), ['80:x', '8080:x'])
  await assert.rejects(talk(81), /^Error: connection refused$/)
  close()
})

test('port-forward accepts the SPDY tunnel under its own name, slash and all', async (t) => {
  const url = await listen(t, (upgrade) => void servePortForward(upgrade, [], 'p', echo))
  const { socket, headers } = await dialUpgrade(
    { url },
    {
      upgrade: 'websocket',
      method: 'GET',
      headers: {
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Protocol': 'SPDY/3.1+portforward.k8s.io',
      },
    },
  )
  assert.equal(headers['sec-websocket-protocol'], 'SPDY/3.1+portforward.k8s.io')
  socket.destroy()
})

test('a WebSocket carries SPDY as plain bytes', async (t) => {
  const accepted = Promise.withResolvers<SpdyStream>()
  const url = await listen(
    t,
    (upgrade) =>
      void acceptWebSocket(upgrade, ['']).then(
        (far) => new SpdyConnection(webSocketBytes(far!.socket), { role: 'server', onStream: accepted.resolve }),
      ),
  )
  const socket = new WebSocket(url.href.replace('http', 'ws'))
  await new Promise((resolve) => socket.once('open', resolve))
  const client = new SpdyConnection(webSocketBytes(socket), { role: 'client' })
  const stream = await client.createStream(new Map([['streamtype', 'data']]))
  stream.end('through the tunnel')
  let got = ''
  for await (const chunk of (await accepted.promise).iterator({ destroyOnReturn: false }))
    got += (chunk as Buffer).toString()
  assert.equal(got, 'through the tunnel')
  client.close()
  await client.closed
})

test('the plain WebSocket form of port-forward begins each channel with its port', async (t) => {
  const url = await listen(t, (upgrade) => void servePortForward(upgrade, [8080], 'p', echo))
  const socket = new WebSocket(url.href.replace('http', 'ws'), ['v4.channel.k8s.io'])
  const messages: Buffer[] = []
  socket.on('message', (data: Buffer) => messages.push(data))
  await new Promise((resolve) => socket.once('open', resolve))
  socket.send(Buffer.from('\x00hi'))
  while (messages.length < 3) await new Promise((resolve) => socket.once('message', resolve))
  assert.deepEqual(messages, [Buffer.from([0, 0x90, 0x1f]), Buffer.from([1, 0x90, 0x1f]), Buffer.from('\x008080:hi')])
  socket.close()
})

test('terminal sizes are read from any chunking', () => {
  const decoder = new ResizeDecoder()
  assert.deepEqual(decoder.push(Buffer.from('{"Width":80,"He')), [])
  assert.deepEqual(decoder.push(Buffer.from('ight":24}\n{"Width":1,"Height":2}')), [
    { width: 80, height: 24 },
    { width: 1, height: 2 },
  ])
})
