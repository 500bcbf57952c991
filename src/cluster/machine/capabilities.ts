import { readFileSync } from 'node:fs'

/** Bits of capabilities(7). */
const bits = {
  CAP_NET_ADMIN: 12,
  CAP_SYS_CHROOT: 18,
  CAP_SYS_PTRACE: 19,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_RESOURCE: 24,
} as const
export type Capability = keyof typeof bits

/** Those that this process, and so what it starts, lacks, though it may be root. `status`: the text of /proc/self/status. */
export function missingCapabilities(
  wanted: readonly Capability[],
  status = readFileSync('/proc/self/status', 'utf8'),
): Capability[] {
  const mask = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`)
  return wanted.filter((name) => ((mask >> BigInt(bits[name])) & 1n) === 0n)
}
