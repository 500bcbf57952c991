import { ageColumn, column, nameColumn } from '../../columns.ts'
import { loadBalancerCell } from '../../core/v1/service/columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { Ingress } from '../../types.generated.ts'
import { validateIngress, validateIngressStatus, validateIngressUpdate } from './ingress/validation.ts'

const shown = 3
const classAnnotation = 'kubernetes.io/ingress.class'

function hostsCell({ spec }: Ingress): string {
  const rules = spec?.rules ?? []
  const hosts: string[] = []
  let more = false
  for (const { host } of rules) {
    if (hosts.length === shown) more = true
    if (!more && host) hosts.push(host)
  }
  if (hosts.length === 0) return '*'
  return more ? `${hosts.join(',')} + ${rules.length - shown} more...` : hosts.join(',')
}

export const ingresses = defineKind<Ingress>(
  { group: 'networking.k8s.io', version: 'v1', kind: 'Ingress' },
  {
    allowUnconditionalUpdate: true,
    validate: validateIngress,
    validateUpdate: validateIngressUpdate,
    subresources: { status: { validateUpdate: validateIngressStatus } },
    warnings({ metadata, spec }, old) {
      if (
        old !== undefined ||
        metadata.annotations?.[classAnnotation] === undefined ||
        spec?.ingressClassName !== undefined
      ) {
        return []
      }
      return [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
    },
    columns: [
      nameColumn,
      column('Class', 'string', ({ spec }) => spec?.ingressClassName ?? '<none>'),
      column('Hosts', 'string', hostsCell),
      column('Address', 'string', ({ status }) => loadBalancerCell(status?.loadBalancer)),
      column('Ports', 'string', ({ spec }) => ((spec?.tls ?? []).length > 0 ? '80, 443' : '80')),
      ageColumn,
    ],
  },
)
