import { parseGoDuration } from '../go-duration.ts'
import { everySchedule, type Field, fieldSchedule, type Schedule } from './schedule.ts'
import { loadTimeZone, type TimeZone, utc } from './zoned-time.ts'

interface Bounds {
  readonly min: number
  readonly max: number
  readonly names?: Readonly<Record<string, number>>
}

const minutes: Bounds = { min: 0, max: 59 }
const hours: Bounds = { min: 0, max: 23 }
const days: Bounds = { min: 1, max: 31 }
const monthNames = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const months: Bounds = { min: 1, max: 12, names: Object.fromEntries(monthNames.map((name, at) => [name, at + 1])) }
const weekdayNames = 'sun mon tue wed thu fri sat'.split(' ')
const weekdays: Bounds = { min: 0, max: 6, names: Object.fromEntries(weekdayNames.map((name, at) => [name, at])) }

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/**
 * A schedule of five fields, `@daily` and the like, or `@every 1h`, after `TZ=Zone ` if need be
 * (github.com/robfig/cron/v3 ParseStandard). `local`: the zone of those that name none. Throws its errors.
 */
export function parseCron(text: string, local: TimeZone = utc): Schedule {
  if (text === '') throw new Error('empty spec string')
  let spec = text
  let zone = local
  if (spec.startsWith('TZ=') || spec.startsWith('CRON_TZ=')) {
    const space = spec.indexOf(' ')
    if (space < 0) throw new Error('invalid schedule format: runtime error: slice bounds out of range [:-1]')
    const name = spec.slice(spec.indexOf('=') + 1, space)
    try {
      zone = loadTimeZone(name)
    } catch (error) {
      throw new Error(`provided bad location ${name}: ${(error as Error).message}`, { cause: error })
    }
    spec = spec.slice(space).trim()
  }
  if (spec.startsWith('@')) return parseDescriptor(spec, zone)
  const fields = spec.split(/\s+/).filter((field) => field !== '')
  if (fields.length !== 5) {
    throw new Error(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`)
  }
  return ofFields(fields, zone)
}

function ofFields([minute, hour, day, month, weekday]: readonly string[], zone: TimeZone): Schedule {
  return fieldSchedule(
    {
      minute: parseField(minute!, minutes),
      hour: parseField(hour!, hours),
      day: parseField(day!, days),
      month: parseField(month!, months),
      weekday: parseField(weekday!, weekdays),
    },
    zone,
  )
}

function parseDescriptor(text: string, zone: TimeZone): Schedule {
  if (Object.hasOwn(descriptors, text)) return ofFields(descriptors[text]!.split(' '), zone)
  if (!text.startsWith('@every ')) throw new Error(`unrecognized descriptor: ${text}`)
  try {
    return everySchedule(parseGoDuration(text.slice('@every '.length)) / 1e6)
  } catch (error) {
    throw new Error(`failed to parse duration ${text}: ${(error as Error).message}`, { cause: error })
  }
}

function parseField(text: string, bounds: Bounds): Field {
  const values = new Set<number>()
  let star = false
  for (const part of text.split(',').filter((part) => part !== '')) {
    const range = parseRange(part, bounds)
    star ||= range.star
    for (let value = range.start; value <= range.end; value += range.step) values.add(value)
  }
  return { values, star }
}

function parseRange(text: string, { min, max, names }: Bounds) {
  const [range = '', stepText, ...moreSteps] = text.split('/')
  const [low = '', high, ...moreHigh] = range.split('-')
  let [start, end, step] = [min, max, 1]
  let star = low === '*' || low === '?'
  if (!star) {
    start = parseNumber(low, names)
    end = start
    if (moreHigh.length > 0) throw new Error(`too many hyphens: ${text}`)
    if (high !== undefined) end = parseNumber(high, names)
  }
  if (moreSteps.length > 0) throw new Error(`too many slashes: ${text}`)
  if (stepText !== undefined) {
    step = parseNumber(stepText)
    // `N/step` goes to the end.
    if (high === undefined) end = max
    if (step > 1) star = false
  }
  if (start < min) throw new Error(`beginning of range (${start}) below minimum (${min}): ${text}`)
  if (end > max) throw new Error(`end of range (${end}) above maximum (${max}): ${text}`)
  if (start > end) throw new Error(`beginning of range (${start}) beyond end of range (${end}): ${text}`)
  if (step === 0) throw new Error(`step of range should be a positive number: ${text}`)
  return { start, end, step, star }
}

function parseNumber(text: string, names?: Readonly<Record<string, number>>): number {
  const lower = text.toLowerCase()
  if (names !== undefined && Object.hasOwn(names, lower)) return names[lower]!
  if (!/^[+-]?[0-9]+$/.test(text)) {
    throw new Error(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  const value = Number(text)
  if (value < 0) throw new Error(`negative number (${value}) not allowed: ${text}`)
  return value
}
