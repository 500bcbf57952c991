import type { LifecycleHandler, Probe } from '../../../../api/types.generated.ts'
import {
  badContainers,
  containersOf,
  containersText,
  plural,
  quotedList,
  type SecurityCheck,
  settersText,
  sorted,
} from '../check.ts'

/** Network, processes and IPC of the node. */
export const hostNamespaces: SecurityCheck = {
  id: 'hostNamespaces',
  level: 'baseline',
  revisions: [
    [
      0,
      (spec) => {
        const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true)
        if (shared.length === 0) return undefined
        return { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') }
      },
    ],
  ],
}

export const hostPorts: SecurityCheck = {
  id: 'hostPorts',
  level: 'baseline',
  revisions: [
    [
      0,
      (spec) => {
        const bad = badContainers(spec, ({ ports }) => (ports ?? []).some(({ hostPort }) => hostPort))
        if (bad.length === 0) return undefined
        const ports = sorted(
          containersOf(spec).flatMap(({ ports }) =>
            (ports ?? []).flatMap(({ hostPort }) => (hostPort ? [String(hostPort)] : [])),
          ),
        )
        const uses = `${plural('uses', 'use', bad.length)} ${plural('hostPort', 'hostPorts', ports.length)}`
        return { reason: 'hostPort', detail: `${containersText(bad)} ${uses} ${ports.join(', ')}` }
      },
    ],
  ],
}

/** The kubelet calls what probes and hooks name: with a host of their choice it would call anything the node reaches. */
export const hostProbes: SecurityCheck = {
  id: 'hostProbesAndHostLifecycle',
  level: 'baseline',
  revisions: [
    [
      34,
      (spec) => {
        const bad: string[] = []
        const hosts: string[] = []
        for (const { name, livenessProbe, readinessProbe, startupProbe, lifecycle } of containersOf(spec)) {
          const callers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop]
          const named = callers.flatMap(hostsOf)
          if (named.length > 0) bad.push(name)
          hosts.push(...named)
        }
        if (bad.length === 0) return undefined
        const forbidden = sorted(hosts)
        const uses = plural('uses', 'use', bad.length)
        const what = plural('probe or lifecycle host', 'probe or lifecycle hosts', forbidden.length)
        const detail = `${containersText(sorted(bad))} ${uses} ${what} ${quotedList(forbidden)}`
        return { reason: 'probe or lifecycle host', detail }
      },
    ],
  ],
}

function hostsOf(caller: Probe | LifecycleHandler | undefined | null): string[] {
  return [caller?.httpGet?.host, caller?.tcpSocket?.host].flatMap((host) => (host ? [host] : []))
}

export const windowsHostProcess: SecurityCheck = {
  id: 'windowsHostProcess',
  level: 'baseline',
  revisions: [
    [
      0,
      (spec) => {
        const bad = badContainers(spec, (container) => container.securityContext?.windowsOptions?.hostProcess === true)
        const pod = spec.securityContext?.windowsOptions?.hostProcess === true
        if (!pod && bad.length === 0) return undefined
        const detail = `${settersText(pod, bad)} must not set securityContext.windowsOptions.hostProcess=true`
        return { reason: 'hostProcess', detail }
      },
    ],
  ],
}
