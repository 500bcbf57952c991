import type { Pod } from '../../api/types.generated.ts'
import { initContainers, isSidecar } from '../pods/containers.ts'

interface HostPort {
  readonly ip: string
  readonly port: number
  readonly protocol: string
}

/** Ports of the node that a pod takes (upstream: framework HostPortInfo). */
export function hostPorts(pod: Pod): readonly HostPort[] {
  return [...pod.spec.containers, ...initContainers(pod).filter(isSidecar)].flatMap(({ ports = [] }) =>
    ports
      .filter(({ hostPort = 0 }) => hostPort > 0)
      .map(({ hostPort = 0, hostIP = '', protocol = 'TCP' }) => ({
        ip: hostIP || '0.0.0.0',
        port: hostPort,
        protocol,
      })),
  )
}

/** The same port and protocol at the same address; all addresses meet every one. */
export function portsConflict(pod: Pod, others: readonly Pod[]): boolean {
  const wanted = hostPorts(pod)
  if (wanted.length === 0) return false
  return others
    .flatMap(hostPorts)
    .some((taken) =>
      wanted.some(
        (one) =>
          one.port === taken.port &&
          one.protocol === taken.protocol &&
          (one.ip === taken.ip || one.ip === '0.0.0.0' || taken.ip === '0.0.0.0'),
      ),
    )
}
