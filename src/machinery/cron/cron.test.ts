import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseCron } from './parse-cron.ts'
import { civilTime, formatZoned, loadTimeZone, utc } from './zoned-time.ts'

const next = (spec: string, from: string) => {
  const moment = parseCron(spec).next(Date.parse(from))
  return moment === undefined ? undefined : new Date(moment).toISOString().replace('.000', '')
}

// From github.com/robfig/cron/v3 spec_test.go.
test('the next time of a schedule', () => {
  const cases: readonly (readonly [spec: string, from: string, next: string | undefined])[] = [
    ['0/15 * * * *', '2012-07-09T14:45:00Z', '2012-07-09T15:00:00Z'],
    ['20-35/15 * * * *', '2012-07-09T14:46:00Z', '2012-07-09T15:20:00Z'],
    ['*/15 * * * *', '2012-07-09T23:46:00Z', '2012-07-10T00:00:00Z'],
    ['0 0 9 Apr-Oct ?', '2012-07-09T23:35:00Z', '2012-08-09T00:00:00Z'],
    ['0 0 */5 Oct Mon', '2012-07-09T23:35:00Z', '2012-10-01T00:00:00Z'],
    ['0 0 29 Feb ?', '2012-07-09T23:35:00Z', '2016-02-29T00:00:00Z'],
    ['0 0 30 Feb ?', '2012-07-09T23:35:00Z', undefined],
    ['0 0 31 Apr ?', '2012-07-09T23:35:00Z', undefined],
    ['0 0 1 Dec *', '2012-07-09T23:35:00Z', '2012-12-01T00:00:00Z'],
    ['0 12 13 * Fri', '2026-01-01T00:00:00Z', '2026-01-02T12:00:00Z'],
    ['59 23 31 12 *', '2026-01-01T00:00:00Z', '2026-12-31T23:59:00Z'],
    ['@hourly', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z'],
    ['@weekly', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00Z'],
    ['@every 90s', '2026-01-01T00:00:00.5Z', '2026-01-01T00:01:30Z'],
    ['TZ=Asia/Tokyo 30 4 * * *', '2026-01-01T00:00:00Z', '2026-01-01T19:30:00Z'],
    // Clocks go forward: 02:30 is skipped; and back: 01:30 comes twice.
    ['TZ=America/New_York 30 2 11 Mar ?', '2012-03-11T05:00:00Z', '2013-03-11T06:30:00Z'],
    ['TZ=America/New_York 0 3 11 Mar ?', '2012-03-11T05:00:00Z', '2012-03-11T07:00:00Z'],
    ['TZ=America/New_York 30 1 4 Nov ?', '2012-11-04T05:00:00Z', '2012-11-04T05:30:00Z'],
    ['TZ=America/New_York 30 1 4 Nov ?', '2012-11-04T05:45:00Z', '2012-11-04T06:30:00Z'],
  ]
  for (const [spec, from, expected] of cases) {
    assert.equal(next(spec, from), expected, spec)
  }
})

test('what is no schedule is refused with the words of the library', () => {
  const refused: Readonly<Record<string, string>> = {
    '': 'empty spec string',
    '* * * *': 'expected exactly 5 fields, found 4: [* * * *]',
    'xyz * * * *': 'failed to parse int from xyz: strconv.Atoi: parsing "xyz": invalid syntax',
    '60 * * * *': 'end of range (60) above maximum (59): 60',
    '* * 0 * *': 'beginning of range (0) below minimum (1): 0',
    '5-2 * * * *': 'beginning of range (5) beyond end of range (2): 5-2',
    '*/0 * * * *': 'step of range should be a positive number: */0',
    '1-2-3 * * * *': 'too many hyphens: 1-2-3',
    '1/2/3 * * * *': 'too many slashes: 1/2/3',
    '@never': 'unrecognized descriptor: @never',
    '@every x': 'failed to parse duration @every x: time: invalid duration "x"',
    'TZ=Nowhere 0 0 * * *': 'provided bad location Nowhere: unknown time zone Nowhere',
  }
  for (const [spec, message] of Object.entries(refused)) assert.throws(() => parseCron(spec), { message })
})

test('a time in a zone is printed with its offset', () => {
  const moment = Date.UTC(2026, 6, 1, 12)
  assert.equal(formatZoned(moment, loadTimeZone('Europe/Berlin')), '2026-07-01T14:00:00+02:00')
  assert.equal(formatZoned(moment, loadTimeZone('America/St_Johns')), '2026-07-01T09:30:00-02:30')
  assert.equal(formatZoned(moment, utc), '2026-07-01T12:00:00Z')
})

test('the next time is later, matches, and none in between does', () => {
  const field = (min: number, max: number) =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min, max }).map(String),
      fc.integer({ min: 1, max: 7 }).map((step) => `*/${step}`),
    )
  const specs = fc.tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6))
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/New_York', 'Asia/Kolkata')
  fc.assert(
    fc.property(specs, zones, fc.nat(400 * 24 * 60), (fields, zone, minute) => {
      const from = Date.UTC(2025, 11, 1) + minute * 60_000
      const schedule = parseCron(`TZ=${zone} ${fields.join(' ')}`)
      const found = schedule.next(from)
      if (found === undefined) return
      assert.ok(found > from)
      const { second, minute: m } = civilTime(found, loadTimeZone(zone))
      assert.equal(second, 0)
      assert.ok(fields[0] === '*' || fields[0].startsWith('*/') || m === Number(fields[0]))
      const half = from + Math.floor((found - from) / 2)
      assert.equal(schedule.next(half), found)
    }),
    { numRuns: 200 },
  )
})
