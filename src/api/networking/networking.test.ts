import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceDefinition } from '../definition.ts'
import { faultsOf, faultsOfChange, merged, warningsOf, type Loose } from '../rules.fixture.ts'
import { ingressClasses } from './v1/ingress-class.ts'
import { ingresses } from './v1/ingress.ts'
import { ipAddresses } from './v1/ip-address.ts'
import { networkPolicies } from './v1/network-policy.ts'
import { serviceCidrs } from './v1/service-cidr.ts'

const metadata = { name: 'x', namespace: 'default' }
const service = { service: { name: 's', port: { number: 80 } } }
const path = { path: '/', pathType: 'Prefix', backend: service }
const valid = {
  ingress: [
    ingresses as never,
    {
      metadata,
      spec: { ingressClassName: 'c', rules: [{ host: '*.a.b', http: { paths: [path] } }], tls: [{ hosts: ['a.b'] }] },
    },
  ],
  class: [
    ingressClasses as never,
    { metadata: { name: 'c' }, spec: { controller: 'a.io/c', parameters: { kind: 'K', name: 'n' } } },
  ],
  policy: [
    networkPolicies as never,
    {
      metadata,
      spec: {
        podSelector: {},
        ingress: [{ ports: [{ port: 80, endPort: 90 }], from: [{ podSelector: {}, namespaceSelector: {} }] }],
        egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] }],
      },
    },
  ],
  address: [
    ipAddresses as never,
    { metadata: { name: '10.0.0.1' }, spec: { parentRef: { resource: 'services', name: 's', namespace: 'default' } } },
  ],
  cidr: [serviceCidrs as never, { metadata: { name: 'c' }, spec: { cidrs: ['10.0.0.0/24', 'fd00::/108'] } }],
} satisfies Record<string, [ResourceDefinition, Loose]>
type Kind = keyof typeof valid

test('what is right is taken', () => {
  for (const [kind, [definition, object]] of Object.entries(valid)) {
    assert.deepEqual([kind, ...faultsOf(definition, object)], [kind])
  }
})

const rule = (change: Loose) => ({ spec: { rules: [{ http: { paths: [{ ...path, ...change }] } }] } })
const at = 'spec.rules[0].http.paths[0]'
const block = (ipBlock: Loose) => ({ spec: { egress: [{ to: [{ ipBlock }] }] } })
const blockAt = 'spec.egress[0].to[0].ipBlock'
const cases: readonly [kind: Kind, change: Loose, ...faults: string[]][] = [
  [
    'ingress',
    { spec: { rules: undefined } },
    'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified',
  ],
  ['ingress', rule({ pathType: undefined }), `${at}.pathType: Required value: pathType must be specified`],
  [
    'ingress',
    rule({ pathType: 'Some' }),
    `${at}.pathType: Unsupported value: "Some": supported values: "Exact", "ImplementationSpecific", "Prefix"`,
  ],
  [
    'ingress',
    rule({ path: 'a//b/..' }),
    `${at}.path: Invalid value: "a//b/..": must be an absolute path`,
    `${at}.path: Invalid value: "a//b/..": must not contain '//'`,
    `${at}.path: Invalid value: "a//b/..": cannot end with '/..'`,
  ],
  ['ingress', rule({ backend: {} }), `${at}.backend: Invalid value: "": resource or service backend is required`],
  [
    'ingress',
    rule({ backend: { service: { name: 's', port: { name: 'p', number: 1 } } } }),
    `${at}.backend: Invalid value: "": cannot set both port name & port number`,
  ],
  [
    'ingress',
    rule({ backend: { service: { name: '' } } }),
    `${at}.backend.service.name: Required value`,
    `${at}.backend: Required value: port name or number is required`,
  ],
  ['ingress', { spec: { rules: [{ http: {} }] } }, 'spec.rules[0].http.paths: Required value'],
  [
    'ingress',
    { spec: { rules: [{ host: '10.0.0.1' }] } },
    'spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
  ],
  [
    'ingress',
    { metadata: { annotations: { 'kubernetes.io/ingress.class': 'd' } } },
    'annotations.kubernetes.io/ingress.class: Invalid value: "d": must match `ingressClassName` when both are specified',
  ],
  [
    'class',
    { spec: { controller: 'c', parameters: { kind: undefined, scope: 'Namespace' } } },
    'spec.controller: Invalid value: "c": must be a domain-prefixed path (such as "acme.io/foo")',
    "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
    'spec.parameters.kind: Required value',
  ],
  [
    'class',
    { spec: { parameters: { namespace: 'n' } } },
    "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'",
  ],
  [
    'policy',
    { spec: { ingress: [{ ports: [{ protocol: 'tcp', endPort: 1 }], from: [{}] }] } },
    'spec.ingress[0].ports[0].protocol: Unsupported value: "tcp": supported values: "TCP", "UDP", "SCTP"',
    'spec.ingress[0].ports[0].endPort: Invalid value: 1: may not be specified when `port` is not specified',
    'spec.ingress[0].from[0]: Required value: must specify a peer',
  ],
  [
    'policy',
    { spec: { ingress: [{ ports: [{ port: 9, endPort: 1 }] }] } },
    'spec.ingress[0].ports[0].endPort: Invalid value: 1: must be greater than or equal to `port`',
  ],
  [
    'policy',
    { spec: { policyTypes: ['A'] } },
    'spec.policyTypes[0]: Unsupported value: "A": supported values: "Ingress", "Egress"',
  ],
  [
    'policy',
    block({ cidr: '10.0.0.0/8', except: ['11.0.0.0/16', '10.0.0.0/8'] }),
    `${blockAt}.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of \`cidr\``,
    `${blockAt}.except[1]: Invalid value: "10.0.0.0/8": must be a strict subset of \`cidr\``,
  ],
  ['policy', block({ cidr: '' }), `${blockAt}.cidr: Required value`],
  ['address', { spec: { parentRef: undefined } }, 'spec.parentRef: Required value'],
  [
    'address',
    { spec: { parentRef: { resource: 'a/b', name: '' } } },
    `spec.parentRef.resource: Invalid value: "a/b": may not contain '/'`,
    'spec.parentRef.name: Required value',
  ],
  ['cidr', { spec: { cidrs: [] } }, 'spec.cidrs: Required value: at least one CIDR required'],
  [
    'cidr',
    { spec: { cidrs: ['10.0.0.0/24', '10.1.0.0/24'] } },
    'spec.cidrs: Invalid value: ["10.0.0.0/24","10.1.0.0/24"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
  ],
  [
    'cidr',
    { spec: { cidrs: ['a', 'b', 'c'] } },
    'spec.cidrs: Invalid value: {"CIDRs":["a","b","c"]}: may only hold up to 2 values',
  ],
]

test('what is wrong is told as upstream tells it', () => {
  for (const [kind, change, ...faults] of cases) {
    const [definition, object] = valid[kind] as [ResourceDefinition, Loose]
    assert.deepEqual(faultsOf(definition, merged(object, change)), faults)
  }
})

const changes: readonly [kind: Kind, change: Loose, subresource: string, ...faults: string[]][] = [
  ['class', { spec: { controller: 'b.io/c' } }, '', 'spec.controller: Invalid value: "b.io/c": field is immutable'],
  ['address', { spec: { parentRef: { name: 't' } } }, '', 'spec.parentRef: Invalid value: null: field is immutable'],
  ['cidr', { spec: { cidrs: ['10.0.0.0/24'] } }, '', 'spec.cidrs: Invalid value: ["10.0.0.0/24"]: field is immutable'],
  [
    'cidr',
    { spec: { cidrs: ['10.1.0.0/24', 'fd00::/108'] } },
    '',
    'spec.cidrs[0]: Invalid value: "10.1.0.0/24": field is immutable',
  ],
  [
    'ingress',
    { status: { loadBalancer: { ingress: [{ hostname: '10.0.0.1' }] } } },
    'status',
    'status.loadBalancer.ingress[0].hostname: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
  ],
]

test('a change that is not allowed is told as upstream tells it', () => {
  for (const [kind, change, subresource, ...faults] of changes) {
    const [definition, object] = valid[kind] as [ResourceDefinition, Loose]
    assert.deepEqual(faultsOfChange(definition, object, change, subresource), faults)
  }
})

test('a second family may be added to a ServiceCIDR', () => {
  const old = { metadata: { name: 'c' }, spec: { cidrs: ['10.0.0.0/24'] } }
  assert.deepEqual(faultsOfChange(serviceCidrs as never, old, { spec: { cidrs: ['10.0.0.0/24', 'fd00::/108'] } }), [])
})

test('a network policy that masks host bits is warned about', () => {
  const [definition, object] = valid.policy
  assert.deepEqual(warningsOf(definition, merged(object, block({ cidr: '10.0.0.1/8' }))), [
    `${blockAt}.cidr: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)`,
  ])
})
