import { goQuote } from './field-error.ts'

/**
 * The times of the API (apimachinery pkg/apis/meta/v1 Time and MicroTime): RFC 3339 in any zone is read, UTC is written.
 * Errors are those of Go's time.Parse.
 */
export type TimeForm = 'time' | 'microTime'

export class TimeError extends Error {
  override readonly name = 'TimeError'
}

const layouts: Record<TimeForm, string> = {
  time: '2006-01-02T15:04:05Z07:00',
  microTime: '2006-01-02T15:04:05.000000Z07:00',
}

/** Milliseconds since the epoch (microTime: with a fraction). Throws TimeError. */
export function parseTime(text: string, form: TimeForm = 'time'): number {
  if (form === 'time' && plainTime.test(text) && plausible(text)) {
    const year = two(text, 0) * 100 + two(text, 2)
    // Date.UTC takes years below 100 for those of the last century.
    if (year >= 100) {
      return Date.UTC(year, two(text, 5) - 1, two(text, 8), two(text, 11), two(text, 14), two(text, 17))
    }
  }
  return new TimeReader(text, form).read()
}

/** The form that upstream writes: UTC, whole seconds or six digits; null for Go's zero time. Throws TimeError. */
export function canonicalTime(text: string, form: TimeForm): string | null {
  if (form === 'time' && plainTime.test(text) && plausible(text)) return text === zeroTime ? null : text
  const ms = parseTime(text, form)
  if (ms === zeroMs) return null
  if (form === 'time') return `${iso(Math.floor(ms / 1000) * 1000)}Z`
  // The fraction is taken from the text, since a double does not hold it to the microsecond for all years.
  const seconds = Math.floor(Math.round(ms * 1000) / 1e6)
  return `${iso(seconds * 1000)}.${/\.(\d{6})/.exec(text)?.[1] ?? '000000'}Z`
}

const plainTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const zeroTime = '0001-01-01T00:00:00Z'
const zeroMs = -62135596800000

/** Whether a text of the plain form names a day and time that exist in every month. */
function plausible(text: string): boolean {
  const month = two(text, 5)
  const day = two(text, 8)
  return (
    month >= 1 && month <= 12 && day >= 1 && day <= 28 && two(text, 11) < 24 && two(text, 14) < 60 && two(text, 17) < 60
  )
}

const two = (text: string, at: number): number => (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48

function iso(ms: number): string {
  const text = new Date(ms).toISOString()
  return text.slice(0, text.length - 5)
}

/** Go's time.Parse for the two layouts, element by element, so that it stops where Go stops. */
class TimeReader {
  readonly #text: string
  readonly #form: TimeForm
  #rest: string

  constructor(text: string, form: TimeForm) {
    this.#text = text
    this.#form = form
    this.#rest = text
  }

  read(): number {
    const year = this.#number('2006', 4)
    this.#literal('-')
    const month = this.#number('01', 2)
    if (month < 1 || month > 12) this.#outOfRange('month')
    this.#literal('-')
    const day = this.#number('02', 2)
    this.#literal('T')
    const hour = this.#hour()
    this.#literal(':')
    const minute = this.#number('04', 2)
    if (minute > 59) this.#outOfRange('minute')
    this.#literal(':')
    const second = this.#number('05', 2)
    if (second > 59) this.#outOfRange('second')
    const fraction = this.#fraction()
    const offsetSeconds = this.#zone()
    if (this.#rest !== '') this.#fail('', `: extra text: ${goQuote(this.#rest)}`)
    if (day < 1 || day > daysIn(month, year)) this.#fail('', ': day out of range')
    const date = new Date(0)
    date.setUTCFullYear(year, month - 1, day)
    date.setUTCHours(hour, minute, second)
    return date.getTime() - offsetSeconds * 1000 + fraction * 1000
  }

  #number(element: string, digits: number): number {
    const match = new RegExp(`^\\d{${digits}}`).exec(this.#rest)
    if (!match) return this.#fail(element)
    this.#rest = this.#rest.slice(digits)
    return Number(match[0])
  }

  /** Go's layout takes one digit for the hour, too. */
  #hour(): number {
    const match = /^\d\d?/.exec(this.#rest)
    if (!match) return this.#fail('15')
    this.#rest = this.#rest.slice(match[0].length)
    if (Number(match[0]) > 23) this.#outOfRange('hour')
    return Number(match[0])
  }

  /** In seconds; a fraction that the layout does not name is read nevertheless. */
  #fraction(): number {
    const match = this.#form === 'time' ? /^[.,]\d+/.exec(this.#rest) : /^[.,]\d{6}/.exec(this.#rest)
    if (!match) return this.#form === 'time' ? 0 : this.#fail('.000000')
    this.#rest = this.#rest.slice(match[0].length)
    return Number(`0.${match[0].slice(1)}`)
  }

  #zone(): number {
    if (this.#rest.startsWith('Z')) {
      this.#rest = this.#rest.slice(1)
      return 0
    }
    const match = /^([+-])(\d\d):(\d\d)/.exec(this.#rest)
    if (!match) return this.#fail('Z07:00')
    const [all, sign, hours, minutes] = match
    if (Number(hours) > 24) this.#outOfRange('time zone offset hour')
    if (Number(minutes) > 60) this.#outOfRange('time zone offset minute')
    this.#rest = this.#rest.slice(all.length)
    return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60)
  }

  #literal(char: string): void {
    if (!this.#rest.startsWith(char)) this.#fail(char)
    this.#rest = this.#rest.slice(1)
  }

  #outOfRange(what: string): never {
    return this.#fail('', `: ${what} out of range`)
  }

  #fail(element: string, message?: string): never {
    const value = goQuote(this.#text)
    if (message !== undefined) throw new TimeError(`parsing time ${value}${message}`)
    const layout = goQuote(layouts[this.#form])
    throw new TimeError(
      `parsing time ${value} as ${layout}: cannot parse ${goQuote(this.#rest)} as ${goQuote(element)}`,
    )
  }
}

function daysIn(month: number, year: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}
