import type { ServiceSpec } from '../../../types.generated.ts'

/** What follows from a service's type (pkg/api/service, pkg/registry/core/service/strategy.go). */
type Typed = Pick<ServiceSpec, 'type' | 'externalIPs' | 'externalTrafficPolicy' | 'clusterIP'>

export function needsNodePort({ type }: Typed): boolean {
  return type === 'NodePort' || type === 'LoadBalancer'
}

export function needsClusterIp({ type }: Typed): boolean {
  return type !== 'ExternalName'
}

export function needsHealthCheckNodePort({ type, externalTrafficPolicy }: Typed): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local'
}

/** Traffic from outside the cluster can reach it. */
export function isExternallyAccessible(spec: {
  readonly type?: string
  readonly externalIPs?: readonly string[]
}): boolean {
  return (
    spec.type === 'LoadBalancer' ||
    spec.type === 'NodePort' ||
    (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0)
  )
}
