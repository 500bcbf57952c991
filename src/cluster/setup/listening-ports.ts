import { readFileSync } from 'node:fs'

const listening = '0A'

/** The TCP ports on which somebody listens, by the text of /proc/net/tcp or tcp6 (proc_net_tcp(5)). */
export function portsIn(text: string): number[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => state === listening)
    .map(([, local = '']) => Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16))
}

/** Of this host; none where there is no /proc. */
export function listeningPorts(): Set<number> {
  return new Set(
    ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => {
      try {
        return portsIn(readFileSync(file, 'utf8'))
      } catch {
        return []
      }
    }),
  )
}
