import type { Service } from '../../../api/types.generated.ts'
import { needsHealthCheckNodePort } from '../../../api/core/v1/service/service-type.ts'
import { jsonEqual, type Draft } from '../../../machinery/json.ts'

type Spec = Draft<NonNullable<Service['spec']>>
type OldSpec = NonNullable<Service['spec']>

/** clusterIP and clusterIPs say the same; what an old client leaves out follows (storage.go, normalizeClusterIPs). */
export function linkClusterIps(spec: Spec, old: OldSpec | undefined): void {
  if (old === undefined) {
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP]
    return
  }
  const before = old.clusterIP ?? ''
  const now = spec.clusterIP ?? ''
  if (old.clusterIPs?.length && !spec.clusterIPs?.length && before === now) spec.clusterIPs = [...old.clusterIPs]
  if (before === now || !jsonEqual(old.clusterIPs ?? [], spec.clusterIPs ?? [])) return
  if (before !== '' && now === '') delete spec.clusterIPs
  else spec.clusterIPs = [now]
}

/** What was allocated stays when a client sends the service again without it (storage.go, patchAllocatedValues). */
export function keepAllocated(spec: Spec, old: OldSpec): void {
  if (old.type !== 'ExternalName' && spec.type !== 'ExternalName') {
    spec.clusterIP ||= old.clusterIP
    if (!spec.clusterIPs?.length && old.clusterIPs?.length) spec.clusterIPs = [...old.clusterIPs]
  }
  if (keepsNodePorts(old) && keepsNodePorts(spec)) {
    const portsOf = ({ ports = [] }: OldSpec) => new Set(ports.map(({ nodePort }) => nodePort).filter(Boolean))
    const both = portsOf(old).intersection(portsOf(spec as OldSpec))
    const byName = new Map((old.ports ?? []).map(({ name = '', nodePort }) => [name, nodePort]))
    for (const port of spec.ports ?? []) {
      if (port.nodePort) continue
      const kept = byName.get(port.name ?? '')
      if (kept && !both.has(kept)) port.nodePort = kept
    }
  }
  if (needsHealthCheckNodePort(old) && needsHealthCheckNodePort(spec)) {
    spec.healthCheckNodePort ||= old.healthCheckNodePort
  }
}

function keepsNodePorts({ type, allocateLoadBalancerNodePorts }: OldSpec | Spec): boolean {
  return type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false)
}
