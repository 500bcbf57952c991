import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatMicroTime, formatTime } from './clock.ts'
import { canonicalTime, parseTime } from './time.ts'

test('times are written in UTC, with whole seconds or six digits', () => {
  assert.equal(canonicalTime('2026-01-02T03:04:05Z', 'time'), '2026-01-02T03:04:05Z')
  assert.equal(canonicalTime('2026-01-02T03:04:05.999Z', 'time'), '2026-01-02T03:04:05Z')
  assert.equal(canonicalTime('2026-01-02T01:04:05+02:00', 'time'), '2026-01-01T23:04:05Z')
  assert.equal(canonicalTime('2026-01-31T00:00:00Z', 'time'), '2026-01-31T00:00:00Z')
  assert.equal(canonicalTime('2026-01-02T03:04:05.123456-01:30', 'microTime'), '2026-01-02T04:34:05.123456Z')
  assert.equal(canonicalTime('0001-01-01T00:00:00Z', 'time'), null)
})

test('errors are those of Go’s time.Parse', () => {
  const errors: [string, 'time' | 'microTime', string][] = [
    ['abc', 'time', 'parsing time "abc" as "2006-01-02T15:04:05Z07:00": cannot parse "abc" as "2006"'],
    ['', 'time', 'parsing time "" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "2006"'],
    ['2026-13-01T00:00:00Z', 'time', 'parsing time "2026-13-01T00:00:00Z": month out of range'],
    ['2026-02-29T00:00:00Z', 'time', 'parsing time "2026-02-29T00:00:00Z": day out of range'],
    ['2026-01-01T25:00:00Z', 'time', 'parsing time "2026-01-01T25:00:00Z": hour out of range'],
    ['2026-01-01', 'time', 'parsing time "2026-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'],
    ['2026-01-01T00:00:00Zx', 'time', 'parsing time "2026-01-01T00:00:00Zx": extra text: "x"'],
    [
      '2026-01-01T00:00:00Z',
      'microTime',
      'parsing time "2026-01-01T00:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
    ],
  ]
  for (const [text, form, message] of errors) assert.throws(() => parseTime(text, form), { message }, text)
})

test('property: what the clock writes is read as it was', () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_000_000_000, max: 250_000_000_000 }), (seconds) => {
      const ms = seconds * 1000
      assert.equal(parseTime(formatTime(ms)), ms)
      assert.equal(canonicalTime(formatTime(ms), 'time'), formatTime(ms))
      assert.equal(canonicalTime(formatMicroTime(ms), 'microTime'), formatMicroTime(ms))
    }),
  )
})
