import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import protobufjs from 'protobufjs'
import { DecodeError } from '../decode-error.ts'
import { isProtobuf, openProtobuf } from './envelope.ts'
import { WireReader } from './reader.ts'
import { decodeWatchEvent, encodeWatchFrame } from './watch-event.ts'
import { BackwardWriter } from './writer.ts'

test('property: what is written backwards is what protobufjs writes', () => {
  const part = fc.record({
    text: fc.string({ unit: 'grapheme', maxLength: 200 }),
    int: fc.maxSafeInteger(),
    double: fc.double({ noNaN: true }),
  })
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
      const ours = new BackwardWriter()
      for (const { text, int, double } of [...parts].reverse()) {
        ours.double(double)
        ours.varint(int)
        ours.string(text)
      }
      const theirs = protobufjs.Writer.create()
      for (const { text, int, double } of parts) theirs.string(text).int64(int).double(double)
      const bytes = ours.take()
      assert.deepEqual([...bytes], [...theirs.finish()])
      const reader = new WireReader(bytes)
      for (const { text, int, double } of parts) {
        assert.equal(reader.string(), text)
        assert.equal(reader.signed(), int)
        assert.equal(reader.double(), double)
      }
      assert.ok(reader.done)
    }),
  )
})

test('property: no bytes make the reader read beyond their end, or forever', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const reader = new WireReader(Buffer.from(bytes))
      try {
        while (!reader.done) reader.skip(reader.unsigned() & 7)
      } catch (error) {
        assert.ok(error instanceof DecodeError)
      }
      assert.ok(reader.at <= bytes.length + 8)
    }),
  )
})

test('what is no envelope is refused in upstream’s words', () => {
  assert.throws(() => openProtobuf(Buffer.alloc(0)), { message: 'empty data' })
  assert.throws(() => openProtobuf(Buffer.from('k8s\0')), { message: 'empty body' })
  assert.throws(() => openProtobuf(Buffer.from('{"kind":"Pod"}')), {
    message: 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
  })
  assert.throws(() => openProtobuf(Buffer.from('k8s\0\x0a\xff', 'latin1')), { message: 'unexpected EOF' })
  assert.equal(isProtobuf(Buffer.from('k8')), false)
})

test('a watch event is framed by its length', () => {
  const object = Buffer.from('k8s\0object')
  const frame = encodeWatchFrame('ADDED', object)
  assert.equal(frame.readUInt32BE(0), frame.length - 4)
  assert.deepEqual(decodeWatchEvent(frame.subarray(4)), { type: 'ADDED', object })
})
