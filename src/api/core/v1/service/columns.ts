import { ageColumn, column, labelsCell, nameColumn } from '../../../columns.ts'
import type { Column } from '../../../definition.ts'
import type { Service } from '../../../types.generated.ts'

/** pkg/printers/internalversion/printers.go printService. */
interface Balancer {
  readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[]
}

export function loadBalancerCell(status: Balancer | undefined): string {
  const addresses = (status?.ingress ?? [])
    .map(({ ip, hostname }) => ip || hostname || '')
    .filter((text) => text !== '')
  return [...new Set(addresses)].sort().join(',')
}

function externalIpCell({ spec, status }: Service): string {
  const own = spec?.externalIPs ?? []
  switch (spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return own.join(',') || '<none>'
    case 'LoadBalancer': {
      const balanced = loadBalancerCell(status?.loadBalancer)
      if (own.length > 0) return [...(balanced === '' ? [] : [balanced]), ...own].join(',')
      return balanced || '<pending>'
    }
    case 'ExternalName':
      return spec.externalName ?? ''
    default:
      return '<unknown>'
  }
}

function portsCell({ spec }: Service): string {
  const ports = (spec?.ports ?? []).map(
    ({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`,
  )
  return ports.join(',') || '<none>'
}

export const serviceColumns: readonly Column<Service>[] = [
  nameColumn,
  column('Type', 'string', ({ spec }) => spec?.type ?? ''),
  column('Cluster-IP', 'string', ({ spec }) => spec?.clusterIPs?.[0] ?? '<none>'),
  column('External-IP', 'string', externalIpCell),
  column('Port(s)', 'string', portsCell),
  ageColumn,
  column('Selector', 'string', ({ spec }) => labelsCell(spec?.selector), { wide: true }),
]
