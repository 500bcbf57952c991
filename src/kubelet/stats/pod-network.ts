import { readFile } from 'node:fs/promises'
import type { NetworkInterfaceUsage } from '../runtimes/types.ts'

/** An interface of a pod, as the kernel counts it. */
export interface InterfaceUse extends NetworkInterfaceUsage {
  readonly rxPackets?: number
  readonly rxDropped?: number
  readonly txPackets?: number
  readonly txDropped?: number
}

/** The interfaces of the network in which a process is, without the loopback; none: it is gone. */
export async function interfacesOf(pid: number): Promise<readonly InterfaceUse[]> {
  const text = await readFile(`/proc/${pid}/net/dev`, 'utf8').catch(() => '')
  return parseInterfaces(text)
}

/** `/proc/net/dev`: two lines of titles, then `name: ` with eight numbers received and eight sent. */
export function parseInterfaces(text: string): readonly InterfaceUse[] {
  return text
    .split('\n')
    .slice(2)
    .flatMap((line) => {
      const [name = '', rest = ''] = line.split(':')
      const [rxBytes, rxPackets, rxErrors, rxDropped, , , , , txBytes, txPackets, txErrors, txDropped] = rest
        .trim()
        .split(/\s+/)
        .map(Number)
      if (name.trim() === 'lo' || txDropped === undefined) return []
      return [{ name: name.trim(), rxBytes, rxPackets, rxErrors, rxDropped, txBytes, txPackets, txErrors, txDropped }]
    })
}
