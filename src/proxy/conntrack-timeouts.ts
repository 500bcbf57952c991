import { writeFileSync } from 'node:fs'
import type { Logger } from '../machinery/log.ts'

/** Seconds for which the kernel remembers idle connections; kube-proxy's defaults (pkg/proxy/apis/config/v1alpha1/defaults.go). */
const timeouts: Readonly<Record<string, number>> = {
  nf_conntrack_tcp_timeout_established: 86_400,
  nf_conntrack_tcp_timeout_close_wait: 3600,
}

/** Sets them for this network namespace; where that is not possible, things work nearly as well. */
export function setConntrackTimeouts(log: Logger, folder = '/proc/sys/net/netfilter'): void {
  for (const [name, seconds] of Object.entries(timeouts)) {
    try {
      writeFileSync(`${folder}/${name}`, String(seconds))
    } catch (error) {
      log.debug('a timeout of connection tracking stays as it is', { name, error })
    }
  }
}
