import { isIP } from 'node:net'
import { goQuote } from '../../machinery/field-error.ts'
import { parseGoDuration } from '../../machinery/go-duration.ts'

/** Values of flags as Go's programs read them, and what they say of others (strconv, time, pflag). */

export function goBool(text: string): boolean {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true
  if (/^(?:0|f|F|FALSE|false|False)$/.test(text)) return false
  throw new Error(`strconv.ParseBool: parsing ${goQuote(text)}: invalid syntax`)
}

export function goInt(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`strconv.ParseInt: parsing ${goQuote(text)}: invalid syntax`)
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`strconv.ParseInt: parsing ${goQuote(text)}: value out of range`)
  return value
}

export function goUint(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`strconv.ParseUint: parsing ${goQuote(text)}: invalid syntax`)
  return Number(text)
}

export function goFloat(text: string): number {
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text))
    throw new Error(`strconv.ParseFloat: parsing ${goQuote(text)}: invalid syntax`)
  return Number(text)
}

/** In seconds. */
export function goSeconds(text: string): number {
  return parseGoDuration(text) / 1e9
}

export function goAddress(text: string): string {
  if (isIP(text.trim()) === 0) throw new Error(`failed to parse IP: ${goQuote(text)}`)
  return text.trim()
}
