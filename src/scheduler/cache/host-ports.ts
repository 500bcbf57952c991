import type { Pod } from '../../api/types.generated.ts'

export interface HostPort {
  readonly ip: string
  readonly protocol: string
  readonly port: number
}

const anyAddress = '0.0.0.0'

/** The ports of the node that the pod takes, those of sidecars too. */
export function hostPortsOf(pod: Pod): readonly HostPort[] {
  const containers = pod.spec?.containers ?? []
  const initContainers = pod.spec?.initContainers ?? []
  const ports: HostPort[] = []
  for (const container of [...containers, ...initContainers.filter((init) => init.restartPolicy === 'Always')]) {
    for (const { hostPort, hostIP, protocol } of container.ports ?? []) {
      if (hostPort) ports.push({ ip: hostIP || anyAddress, protocol: protocol || 'TCP', port: hostPort })
    }
  }
  return ports
}

/** Whether two pods cannot have these ports on one node: an address for all conflicts with each. */
export function portsConflict(a: HostPort, b: HostPort): boolean {
  return a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === anyAddress || b.ip === anyAddress)
}
