import type { SELinuxOptions } from '../../../../api/types.generated.ts'
import {
  badContainers,
  containersOf,
  containersText,
  inUserNamespace,
  plural,
  type PodCheck,
  quotedList,
  type SecurityCheck,
  settersText,
  sorted,
} from '../check.ts'

/** /proc without its masks. */
const unmasked: PodCheck = (spec) => {
  const mount = (context: { procMount?: string } | undefined | null) => {
    const type = context?.procMount ?? 'Default'
    return type === 'Default' ? [] : [type]
  }
  const bad = badContainers(spec, ({ securityContext }) => mount(securityContext).length > 0)
  if (bad.length === 0) return undefined
  const types = quotedList(sorted(containersOf(spec).flatMap(({ securityContext }) => mount(securityContext))))
  return { reason: 'procMount', detail: `${containersText(bad)} must not set securityContext.procMount to ${types}` }
}

export const procMount: SecurityCheck = {
  id: 'procMount',
  level: 'baseline',
  revisions: [
    [0, unmasked],
    [35, (spec, metadata) => (inUserNamespace(spec) ? undefined : unmasked(spec, metadata))],
  ],
}

export const procMountRestricted: SecurityCheck = {
  id: 'procMount_restricted',
  level: 'restricted',
  overrides: 'procMount',
  revisions: [[35, unmasked]],
}

const seLinuxTypes: readonly string[] = ['', 'container_t', 'container_init_t', 'container_kvm_t']

function seLinux(types: readonly string[]): PodCheck {
  return (spec) => {
    const isBad = (options: SELinuxOptions) =>
      !types.includes(options.type ?? '') || Boolean(options.user) || Boolean(options.role)
    const own = spec.securityContext?.seLinuxOptions
    const pod = Boolean(own && isBad(own))
    const bad = badContainers(spec, ({ securityContext }) => {
      const options = securityContext?.seLinuxOptions
      return Boolean(options && isBad(options))
    })
    if (!pod && bad.length === 0) return undefined
    const all = [own, ...containersOf(spec).map(({ securityContext }) => securityContext?.seLinuxOptions)]
    const badTypes = sorted(all.flatMap((options) => (types.includes(options?.type ?? '') ? [] : [options!.type!])))
    const data = [
      ...(badTypes.length > 0 ? [`${plural('type', 'types', badTypes.length)} ${quotedList(badTypes)}`] : []),
      ...(all.some((options) => options?.user) ? ['user may not be set'] : []),
      ...(all.some((options) => options?.role) ? ['role may not be set'] : []),
    ]
    const detail = `${settersText(pod, bad)} set forbidden securityContext.seLinuxOptions: ${data.join('; ')}`
    return { reason: 'seLinuxOptions', detail }
  }
}

export const seLinuxOptions: SecurityCheck = {
  id: 'seLinuxOptions',
  level: 'baseline',
  revisions: [
    [0, seLinux(seLinuxTypes)],
    [31, seLinux([...seLinuxTypes, 'container_engine_t'])],
  ],
}

/** Settings of the kernel that touch only the pod, by the version that found them to be safe. */
const safeSysctls: readonly (readonly [minor: number, names: readonly string[]])[] = [
  [
    0,
    [
      'kernel.shm_rmid_forced',
      'net.ipv4.ip_local_port_range',
      'net.ipv4.tcp_syncookies',
      'net.ipv4.ping_group_range',
      'net.ipv4.ip_unprivileged_port_start',
    ],
  ],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [
    29,
    [
      'net.ipv4.tcp_keepalive_time',
      'net.ipv4.tcp_fin_timeout',
      'net.ipv4.tcp_keepalive_intvl',
      'net.ipv4.tcp_keepalive_probes',
    ],
  ],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
  [37, ['net.ipv4.tcp_slow_start_after_idle', 'net.ipv4.tcp_notsent_lowat']],
]

export const sysctls: SecurityCheck = {
  id: 'sysctls',
  level: 'baseline',
  revisions: safeSysctls.map(([minor]) => {
    const safe = new Set(safeSysctls.flatMap(([since, names]) => (since <= minor ? names : [])))
    const check: PodCheck = (spec) => {
      const forbidden = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !safe.has(name))
      return forbidden.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: forbidden.join(', ') }
    }
    return [minor, check] as const
  }),
}
