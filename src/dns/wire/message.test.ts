import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode, encode } from 'dns-packet'
import fc from 'fast-check'
import { jsonClone } from '../../machinery/json.ts'
import { decodeMessage } from './decode.ts'
import { encodeMessage } from './encode.ts'
import { MalformedMessage, type Message, recordType, type ResourceRecord } from './message.ts'
import { isInZone, readName, splitName } from './name.ts'

const base: Message = {
  id: 4711,
  response: true,
  opcode: 0,
  authoritative: true,
  truncated: false,
  recursionDesired: true,
  recursionAvailable: true,
  rcode: 0,
  questions: [{ name: 'Web.default.svc.cluster.local', type: recordType.A, class: 1 }],
  answers: [],
  authority: [],
  additional: [],
}
const label = fc.stringMatching(/^[a-z0-9_-]{1,20}$/)
const name = fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join('.'))
const ttl = fc.nat(86_400)
const record: fc.Arbitrary<ResourceRecord> = fc.oneof(
  fc.record({ name, ttl, type: fc.constant(recordType.A), address: fc.ipV4() }),
  fc.record({
    name,
    ttl,
    type: fc.constant(recordType.AAAA),
    address: fc.constantFrom('fd00::1', '2001:db8::ff00:42:8329', '::'),
  }),
  fc.record({ name, ttl, type: fc.constantFrom(recordType.CNAME, recordType.PTR, recordType.NS), target: name }),
  fc.record({
    name,
    ttl,
    type: fc.constant(recordType.SRV),
    priority: fc.nat(65535),
    weight: fc.nat(65535),
    port: fc.nat(65535),
    target: name,
  }),
  fc.record({
    name,
    ttl,
    type: fc.constant(recordType.TXT),
    texts: fc.array(fc.stringMatching(/^[ -~]{0,60}$/), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    name,
    ttl,
    type: fc.constant(recordType.SOA),
    primary: name,
    mailbox: name,
    serial: fc.nat(),
    refresh: fc.nat(),
    retry: fc.nat(),
    expire: fc.nat(),
    minimum: fc.nat(),
  }),
)
const message = fc.record({
  answers: fc.array(record, { maxLength: 6 }),
  authority: fc.array(record, { maxLength: 2 }),
  additional: fc.array(record, { maxLength: 4 }),
  rcode: fc.constantFrom(0, 2, 3, 5),
  edns: fc.option(fc.constant({ udpSize: 1232, version: 0, dnssecOk: true }), { nil: undefined }),
})

test('what is written is read again', () => {
  fc.assert(
    fc.property(message, (parts) => {
      const whole = jsonClone({ ...base, ...parts }) as Message
      assert.deepEqual(decodeMessage(encodeMessage(whole)), whole)
    }),
  )
})

test('another implementation reads the same', () => {
  fc.assert(
    fc.property(message, (parts) => {
      const bytes = encodeMessage({ ...base, ...parts })
      const read = decode(bytes)
      assert.equal(read.answers!.length, parts.answers.length)
      for (const [i, expected] of parts.answers.entries()) {
        const actual = read.answers![i]!
        assert.deepEqual([actual.name, actual.ttl], [expected.name, expected.ttl])
        if ('port' in expected) {
          const { priority, weight, port, target } = expected
          assert.deepEqual(actual.data, { priority, weight, port, target })
        } else if ('target' in expected) assert.equal(actual.data, expected.target)
        else if ('texts' in expected) assert.deepEqual((actual.data as Buffer[]).map(String), expected.texts)
        else if ('address' in expected && expected.type === recordType.A) assert.equal(actual.data, expected.address)
      }
      assert.equal(read.additionals!.length, parts.additional.length + (parts.edns ? 1 : 0))
      // And what it writes we read.
      if (parts.edns === undefined) assert.equal(decodeMessage(encode(read)).answers.length, parts.answers.length)
    }),
  )
})

test('names are not repeated, and keep the spelling of the question', () => {
  const answers = Array.from(
    { length: 20 },
    (_, i): ResourceRecord => ({
      name: 'web.default.svc.cluster.local',
      ttl: 30,
      type: recordType.A,
      address: `10.0.0.${i}`,
    }),
  )
  const bytes = encodeMessage({ ...base, answers })
  assert.equal(bytes.length, 12 + 31 + 4 + 20 * 16)
  assert.equal(decodeMessage(bytes).answers[0]!.name, 'Web.default.svc.cluster.local')
})

test('an answer that is too long loses its additions first, then its end, and says so', () => {
  const answers = Array.from(
    { length: 60 },
    (_, i): ResourceRecord => ({
      name: base.questions[0]!.name,
      ttl: 30,
      type: recordType.A,
      address: `10.0.0.${i}`,
    }),
  )
  const additional = answers.slice(0, 20)
  const short = decodeMessage(encodeMessage({ ...base, answers: answers.slice(0, 20), additional }, 512))
  assert.deepEqual([short.answers.length, short.additional.length, short.truncated], [20, 0, false])
  const cut = encodeMessage({ ...base, answers, additional, edns: { udpSize: 512, version: 0, dnssecOk: false } }, 512)
  assert.ok(cut.length <= 512 && cut.length > 480)
  assert.equal(decodeMessage(cut).truncated, true)
})

test('odd labels survive, and are split as they are', () => {
  const bytes = encodeMessage({ ...base, questions: [{ name: 'a\\.b.c\\\\d.local', type: 1, class: 1 }] })
  assert.equal(decodeMessage(bytes).questions[0]!.name, 'a\\.b.c\\\\d.local')
  assert.deepEqual(splitName('a\\.b.c\\\\d.local'), ['a.b', 'c\\d', 'local'])
  assert.deepEqual([isInZone('a.b', 'b'), isInZone('ab', 'b'), isInZone('b', 'b')], [true, false, true])
})

test('damaged messages are refused, and nothing makes the reader run for ever', () => {
  assert.throws(() => readName(Buffer.from([0xc0, 0x00]), 0), MalformedMessage)
  assert.throws(() => readName(Buffer.from([1, 97, 0xc0, 0x00]), 0).name, MalformedMessage)
  const good = encodeMessage({
    ...base,
    answers: [{ name: 'x.y', ttl: 1, type: recordType.SRV, priority: 1, weight: 1, port: 1, target: 'z.y' }],
  })
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, value, length) => {
      const bytes = Buffer.from(good)
      bytes[at] = value
      try {
        decodeMessage(bytes.subarray(0, length))
      } catch (error) {
        assert.ok(error instanceof MalformedMessage, String(error))
      }
    }),
    { numRuns: 2000 },
  )
})
