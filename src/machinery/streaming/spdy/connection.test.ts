import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { createDeflate, constants } from 'node:zlib'
import { SpdyConnection, type SpdyStream } from './connection.ts'
import { headerDictionary } from './dictionary.ts'
import { dataFrame, FrameReader, rstStatus, rstStreamFrame, synReplyFrame, synStreamFrame } from './frame.ts'
import { HeaderReader, HeaderWriter } from './header-block.ts'

/** Reads to the end; unlike `for await` over the stream it leaves the other direction open. */
async function text(stream: SpdyStream): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

test('the header dictionary has the length that SPDY/3 fixes', () => {
  assert.equal(headerDictionary.length, 1423)
})

test('header blocks survive the way there, several on one zlib stream', async () => {
  const writer = new HeaderWriter()
  const reader = new HeaderReader()
  for (const headers of [
    new Map([
      ['streamtype', 'stdin'],
      ['port', '80'],
    ]),
    new Map(),
    new Map([['streamtype', 'error']]),
  ]) {
    assert.deepEqual(await reader.decode(writer.encode(headers)), headers)
  }
  reader.close()
})

test('header blocks of a peer that compresses are read', async () => {
  const deflate = createDeflate({ dictionary: headerDictionary, flush: constants.Z_SYNC_FLUSH })
  const compressed: Buffer[] = []
  deflate.on('data', (bytes: Buffer) => compressed.push(bytes))
  const plain = Buffer.from('\0\0\0\x01\0\0\0\x0astreamtype\0\0\0\x06stdout', 'latin1')
  await new Promise((resolve) => deflate.write(plain, resolve))
  const reader = new HeaderReader()
  assert.deepEqual(await reader.decode(Buffer.concat(compressed)), new Map([['streamtype', 'stdout']]))
  reader.close()
  deflate.destroy()
})

test('frames are cut out of any chunking', () => {
  const bytes = Buffer.concat([
    synStreamFrame(1, false, Buffer.from('block')),
    synStreamFrame(3, true, Buffer.alloc(0)),
  ])
  const reader = new FrameReader()
  const frames = [...bytes].flatMap((byte) => reader.push(Buffer.from([byte])))
  assert.deepEqual(
    frames.map((frame) => frame.type === 'synStream' && [frame.streamId, frame.fin, frame.block.toString()]),
    [
      [1, false, 'block'],
      [3, true, ''],
    ],
  )
})

test('what is no SPDY/3 frame is refused', () => {
  assert.throws(() => new FrameReader().push(Buffer.from('\x80\x02\0\x01\0\0\0\0', 'latin1')), /not a SPDY\/3 frame/)
})

test('a stream carries bytes both ways and each side ends by itself', async () => {
  const [left, right] = duplexPair()
  const accepted = Promise.withResolvers<SpdyStream>()
  const server = new SpdyConnection(right, { role: 'server', onStream: accepted.resolve })
  const client = new SpdyConnection(left, { role: 'client' })
  const mine = await client.createStream(new Map([['streamtype', 'data']]))
  const theirs = await accepted.promise
  assert.equal(theirs.headers.get('streamtype'), 'data')
  mine.end('question')
  assert.equal(await text(theirs), 'question')
  theirs.end('answer')
  assert.equal(await text(mine), 'answer')
  client.close()
  await server.closed
})

test('a reader that lags holds the sender back, and nothing is lost', async () => {
  const [left, right] = duplexPair()
  const accepted = Promise.withResolvers<SpdyStream>()
  const server = new SpdyConnection(right, { role: 'server', onStream: accepted.resolve })
  const client = new SpdyConnection(left, { role: 'client' })
  const mine = await client.createStream(new Map())
  const theirs = await accepted.promise
  const big = Buffer.alloc(3_000_000, 'x')
  mine.end(big)
  let received = 0
  for await (const chunk of theirs as AsyncIterable<Buffer>) {
    received += chunk.length
    if (received < 500_000) await new Promise((resolve) => setImmediate(resolve))
  }
  assert.equal(received, big.length)
  client.close()
  await server.closed
})

test('when the connection breaks, streams end after what came before', async () => {
  const [left, right] = duplexPair()
  const accepted = Promise.withResolvers<SpdyStream>()
  const server = new SpdyConnection(right, { role: 'server', onStream: accepted.resolve })
  const client = new SpdyConnection(left, { role: 'client' })
  const mine = await client.createStream(new Map())
  const theirs = await accepted.promise
  await new Promise((resolve) => mine.write('last words', resolve))
  left.destroy()
  await client.closed
  right.destroy()
  await server.closed
  assert.equal(await text(theirs), 'last words')
  assert.ok(await new Promise((resolve) => theirs.write('too late', resolve)))
})

test('a stream that is reset right after its last words still gives them', async () => {
  const [left, right] = duplexPair()
  const server = new SpdyConnection(right, {
    role: 'server',
    onStream: (stream) => stream.write('last words', () => server.send(rstStreamFrame(stream.id, rstStatus.cancel))),
  })
  const client = new SpdyConnection(left, { role: 'client' })
  assert.equal(await text(await client.createStream(new Map())), 'last words')
  client.close()
  await server.closed
})

test('a stream that is granted, served and closed in one breath gives all that came', async () => {
  const [near, far] = duplexPair()
  const client = new SpdyConnection(near, { role: 'client' })
  far.once('data', () => {
    const granted = synReplyFrame(1, false, new HeaderWriter().encode(new Map()))
    far.end(
      Buffer.concat([granted, dataFrame(1, false, Buffer.from('last words')), dataFrame(1, true, Buffer.alloc(0))]),
    )
    near.once('end', () => near.destroy())
  })
  const stream = await client.createStream(new Map([['streamtype', 'stdout']]))
  assert.equal(await text(stream), 'last words')
  await client.closed
})

test('a reader that lags does not keep a connection that is gone', async () => {
  const [near, far] = duplexPair()
  const streams: SpdyStream[] = []
  const server = new SpdyConnection(far, { role: 'server', onStream: (stream) => streams.push(stream) })
  const client = new SpdyConnection(near, { role: 'client' })
  const stream = await client.createStream(new Map())
  stream.on('error', () => {})
  stream.write(Buffer.alloc(1_000_000))
  await new Promise((resolve) => streams[0]!.once('readable', resolve))
  far.destroy()
  await server.closed
})
