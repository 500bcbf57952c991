import type { Pod } from '../../api/types.generated.ts'

/** Kernel settings of a pod that harm nobody else (upstream: pkg/kubelet/sysctl). All need Linux 6.0 at most but the last. */
const safe = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
  'net.ipv4.tcp_slow_start_after_idle',
  'net.ipv4.tcp_notsent_lowat',
]

/** Names may be written with slashes; then dots belong to a part of the name. Runtimes want dots. */
export function dottedSysctl(name: string): string {
  const slash = name.indexOf('/')
  const dot = name.indexOf('.')
  if (slash < 0 || (dot >= 0 && dot < slash)) return name
  return [...name].map((character) => (character === '/' ? '.' : character === '.' ? '/' : character)).join('')
}

export function podSysctls(pod: Pod): Record<string, string> {
  const asked = pod.spec.securityContext?.sysctls ?? []
  return Object.fromEntries(asked.map(({ name, value }) => [dottedSysctl(name), value]))
}

/** Why a pod's settings are refused, or undefined. `unsafe`: names, or prefixes that end with `*`, which the node allows too. */
export function forbiddenSysctl(pod: Pod, unsafe: readonly string[] = []): string | undefined {
  for (const { name: written } of pod.spec.securityContext?.sysctls ?? []) {
    const name = dottedSysctl(written)
    const allowed = [...safe, ...unsafe].some((pattern) =>
      pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
    )
    if (!allowed) return `forbidden sysctl: ${JSON.stringify(name)} not allowlisted`
    const namespace = name.startsWith('net.') ? 'net' : name.startsWith('user.') ? 'user' : 'ipc'
    const shared = { net: pod.spec.hostNetwork, ipc: pod.spec.hostIPC, user: pod.spec.hostUsers !== false }[namespace]
    if (shared === true) return `forbidden sysctl: ${JSON.stringify(name)} not allowed with host ${namespace} enabled`
  }
  return undefined
}
