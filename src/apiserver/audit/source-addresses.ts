import { formatIp, parseIp } from '../../machinery/ip.ts'
import type { ServerRequest } from '../request.ts'

/** Where a request says that it comes from, then where it does (apimachinery pkg/util/net SourceIPs). */
export function sourceAddresses({ headers, remoteAddress }: ServerRequest): readonly string[] {
  const address = (text: string | undefined): string[] => {
    const ip = text === undefined ? undefined : parseIp(text.trim())
    return ip === undefined ? [] : [formatIp(ip)]
  }
  const sources = (headers['x-forwarded-for'] ?? '').split(',').flatMap(address)
  for (const real of address(headers['x-real-ip'])) if (!sources.includes(real)) sources.push(real)
  for (const remote of address(remoteAddress)) if (sources.at(-1) !== remote) sources.push(remote)
  return sources
}
