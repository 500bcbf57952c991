import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { formatLabelSelector } from '../../../machinery/labels/index.ts'
import { cidrWarnings } from '../../../machinery/validation/ip-fields.ts'
import { countsGeneration } from '../../object-metadata.ts'
import type { NetworkPolicy, NetworkPolicyPeer } from '../../types.generated.ts'
import { validateNetworkPolicy } from './network-policy-validation.ts'

function peerWarnings(peers: readonly NetworkPolicyPeer[] | undefined, field: string): string[] {
  return (peers ?? []).flatMap(({ ipBlock }, index) => {
    if (ipBlock === undefined) return []
    const at = `${field}[${index}].ipBlock`
    return [
      ...cidrWarnings(`${at}.cidr`, ipBlock.cidr),
      ...(ipBlock.except ?? []).flatMap((cidr, k) => cidrWarnings(`${at}.except[${k}]`, cidr)),
    ]
  })
}

export const networkPolicies = defineKind<NetworkPolicy>(
  { group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy' },
  {
    ...countsGeneration<NetworkPolicy>('spec'),
    allowUnconditionalUpdate: true,
    validate: (policy) => validateNetworkPolicy(policy),
    validateUpdate: validateNetworkPolicy,
    setDefaults({ spec }) {
      if (spec === undefined) return
      for (const { ports } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
        for (const port of ports ?? []) port.protocol ??= 'TCP'
      }
      if ((spec.policyTypes ?? []).length > 0) return
      spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress']
    },
    warnings: ({ spec }) => [
      ...(spec?.ingress ?? []).flatMap(({ from }, index) => peerWarnings(from, `spec.ingress[${index}].from`)),
      ...(spec?.egress ?? []).flatMap(({ to }, index) => peerWarnings(to, `spec.egress[${index}].to`)),
    ],
    columns: [
      nameColumn,
      column('Pod-Selector', 'string', ({ spec }) => formatLabelSelector(spec?.podSelector ?? {})),
      ageColumn,
    ],
  },
)
