import { formatIp, mustParseCidr, mustParseIp, nthAddress, sizeOf } from '../../../machinery/ip.ts'

/** Addresses of a range, each given once until it comes back. */
export interface Addresses {
  take(): string
  release(address: string): void
}

/** `cidr`: such as `10.244.3.0/24`; its first address is the network's own, the second the node's, the last is not given. */
export function addressesOf(text: string): Addresses {
  const cidr = mustParseCidr(text)
  const last = Number(sizeOf(cidr) > 2n ** 24n ? 2n ** 24n : sizeOf(cidr)) - 2
  const base = nthAddress(cidr, 0).value
  const taken = new Set<number>()
  let next = 2
  const follow = (offset: number) => (offset >= last ? 2 : offset + 1)
  return {
    take() {
      if (taken.size >= last - 1) throw new Error(`no addresses left in ${text}`)
      while (taken.has(next)) next = follow(next)
      const offset = next
      taken.add(offset)
      next = follow(next)
      return formatIp(nthAddress(cidr, offset))
    },
    release: (address) => void taken.delete(Number(mustParseIp(address).value - base)),
  }
}
