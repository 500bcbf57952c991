import { goQuote } from '../../machinery/field-error.ts'
import type { PortRange } from '../registry/service/port-allocator.ts'

/** `FROM-TO`, `FROM+COUNT` or one port (apimachinery util/net PortRange). Throws an Error in upstream's words. */
export function portRange(text: string): PortRange {
  const value = text.trim()
  const [, base = '', sign, more = ''] = /^([^-+]*)(?:([-+])(.*))?$/s.exec(value) ?? []
  if (/-.*\+|\+.*-/.test(value)) throw new Error(`unable to parse port range: ${value}`)
  const first = number(base)
  const last = sign === '-' ? number(more) : sign === '+' ? first + number(more) : first
  if (first > 65535 || last > 65535) throw new Error(`the port range cannot be greater than 65535: ${value}`)
  if (last < first) throw new Error(`end port cannot be less than start port: ${value}`)
  return { first, last }
}

function number(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`strconv.Atoi: parsing ${goQuote(text)}: invalid syntax`)
  return Number(text)
}
