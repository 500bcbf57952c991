import { jsonEqual, type Draft } from '../../../../machinery/json.ts'
import type { Service, ServiceSpec } from '../../../types.generated.ts'
import { isExternallyAccessible, needsClusterIp, needsHealthCheckNodePort, needsNodePort } from './service-type.ts'

/**
 * Clears what the old type needed and the new one does not, unless the client changed it too: for clients that change
 * only the type (pkg/registry/core/service/strategy.go dropTypeDependentFields).
 */
export function dropTypeDependentFields(draft: Draft<Service>, { spec: before }: Service): void {
  const spec = draft.spec as Draft<ServiceSpec>
  const same = (...members: (keyof ServiceSpec)[]) => members.every((member) => jsonEqual(spec[member], before[member]))
  if (needsClusterIp(before) && !needsClusterIp(spec)) {
    if (same('clusterIP', 'clusterIPs')) {
      delete spec.clusterIP
      delete spec.clusterIPs
    }
    if (same('ipFamilies')) delete spec.ipFamilies
    if (same('ipFamilyPolicy')) delete spec.ipFamilyPolicy
  }
  if (needsNodePort(before) && !needsNodePort(spec)) {
    const old = new Set((before.ports ?? []).map(({ nodePort }) => nodePort))
    const ports = spec.ports ?? []
    if (ports.every(({ nodePort }) => !nodePort || old.has(nodePort))) for (const port of ports) delete port.nodePort
  }
  if (needsHealthCheckNodePort(before) && !needsHealthCheckNodePort(spec) && same('healthCheckNodePort')) {
    delete spec.healthCheckNodePort
  }
  if (before.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (same('allocateLoadBalancerNodePorts')) delete spec.allocateLoadBalancerNodePorts
    if (same('loadBalancerClass')) delete spec.loadBalancerClass
  }
  if (isExternallyAccessible(before) && !isExternallyAccessible(spec) && same('externalTrafficPolicy')) {
    delete spec.externalTrafficPolicy
  }
  // A status without a load balancer that could have given it is of no more use.
  if (spec.type !== 'LoadBalancer') draft.status = { ...draft.status, loadBalancer: {} }
}
