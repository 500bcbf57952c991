import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatGoDuration, parseGoDuration } from './go-duration.ts'

test('durations are printed as Go prints them', () => {
  const forms: Record<string, string> = {
    '0': '0s',
    '90s': '1m30s',
    '1.5h': '1h30m0s',
    '1500ms': '1.5s',
    '100us': '100µs',
    '1h2m3.5s': '1h2m3.5s',
    '-2m': '-2m0s',
    '5ns': '5ns',
  }
  for (const [text, printed] of Object.entries(forms))
    assert.equal(formatGoDuration(parseGoDuration(text)), printed, text)
})

test('what is no duration is refused in Go’s words', () => {
  const errors: Record<string, string> = {
    '': 'time: invalid duration ""',
    abc: 'time: invalid duration "abc"',
    '5': 'time: missing unit in duration "5"',
    '5x': 'time: unknown unit "x" in duration "5x"',
  }
  for (const [text, message] of Object.entries(errors)) assert.throws(() => parseGoDuration(text), { message }, text)
})

test('property: a printed duration is read as it was', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e15, max: 1e15 }), (nanos) => {
      assert.equal(parseGoDuration(formatGoDuration(nanos)), nanos)
    }),
  )
})
