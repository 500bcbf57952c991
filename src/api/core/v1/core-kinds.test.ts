import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceDefinition } from '../../definition.ts'
import { endpointSlices } from '../../discovery/v1/endpoint-slice.ts'
import { eventsV1Events } from '../../events/v1/event.ts'
import { faultsOf, faultsOfChange, merged, warningsOf, type Loose } from '../../rules.fixture.ts'
import { configMaps } from './config-map.ts'
import { endpoints } from './endpoints.ts'
import { events } from './event.ts'
import { limitRanges } from './limit-range.ts'
import { namespaces } from './namespace.ts'
import { nodes } from './node.ts'
import { persistentVolumeClaims } from './persistent-volume-claim.ts'
import { persistentVolumes } from './persistent-volume.ts'
import { resourceQuotas } from './resource-quota.ts'
import { secrets } from './secret.ts'
import { services } from './service.ts'

const metadata = { name: 'x', namespace: 'default' }
const valid: Readonly<Record<string, [kind: ResourceDefinition, object: Loose]>> = {
  service: [services as never, { metadata, spec: { ports: [{ port: 80 }] } }],
  external: [services as never, { metadata, spec: { type: 'ExternalName', externalName: 'a.b.' } }],
  configMap: [configMaps as never, { metadata, data: { a: 'b' }, binaryData: { c: 'AA==' } }],
  secret: [secrets as never, { metadata, data: { a: 'AA==' } }],
  endpoints: [endpoints as never, { metadata, subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] }],
  slice: [
    endpointSlices as never,
    { metadata, addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ port: 80 }] },
  ],
  node: [
    nodes as never,
    { metadata: { name: 'n' }, spec: { taints: [{ key: 'a', effect: 'NoSchedule' }], podCIDRs: ['10.0.0.0/24'] } },
  ],
  namespace: [namespaces as never, { metadata: { name: 'n' } }],
  event: [events as never, { metadata, involvedObject: { namespace: 'default' } }],
  newEvent: [
    eventsV1Events as never,
    {
      metadata,
      regarding: { namespace: 'default' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'x.io/c',
      reportingInstance: 'i',
      action: 'a',
      reason: 'r',
      type: 'Normal',
    },
  ],
  limits: [
    limitRanges as never,
    { metadata, spec: { limits: [{ type: 'Container', max: { cpu: '2' }, min: { cpu: '1' } }] } },
  ],
  quota: [resourceQuotas as never, { metadata, spec: { hard: { pods: '1', 'requests.cpu': '1' } } }],
  volume: [
    persistentVolumes as never,
    {
      metadata: { name: 'v' },
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/a' } },
    },
  ],
  claim: [
    persistentVolumeClaims as never,
    { metadata, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
  ],
}
for (const [what, [kind, object]] of Object.entries(valid)) {
  test(`a plain ${what} is right`, () => assert.deepEqual(faultsOf(kind, object), []))
}

const faults: readonly [of: keyof typeof valid, change: Loose, ...texts: string[]][] = [
  ['service', { spec: { ports: [] } }, 'spec.ports: Required value'],
  [
    'service',
    { spec: { ports: [{ port: 80 }, { port: 81 }] } },
    'spec.ports[0].name: Required value',
    'spec.ports[1].name: Required value',
  ],
  [
    'service',
    { spec: { ports: [{ port: 0 }] } },
    'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
    'spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive',
  ],
  [
    'service',
    {
      spec: {
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 80 },
        ],
      },
    },
    'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
  ],
  [
    'service',
    { spec: { ports: [{ port: 80, nodePort: 30000 }] } },
    "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
  ],
  [
    'service',
    { spec: { type: 'X' } },
    'spec.type: Unsupported value: "X": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
  ],
  [
    'service',
    { spec: { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } } },
    'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400',
  ],
  [
    'service',
    { spec: { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.2'] } },
    'spec.clusterIPs: Invalid value: ["10.0.0.2"]: first value must match `clusterIP`',
  ],
  [
    'service',
    { spec: { clusterIP: 'None', clusterIPs: ['None'], type: 'NodePort' } },
    'spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services',
  ],
  [
    'service',
    { spec: { externalIPs: ['127.0.0.1'] } },
    'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
  ],
  [
    'service',
    { spec: { externalTrafficPolicy: 'Local' } },
    'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
  ],
  [
    'service',
    { spec: { ipFamilies: ['IPv4', 'IPv4'], ipFamilyPolicy: 'X' } },
    'spec.ipFamilies[1]: Duplicate value: "IPv4"',
    'spec.ipFamilyPolicy: Unsupported value: "X": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
  ],
  [
    'service',
    { spec: { loadBalancerSourceRanges: ['10.0.0.0/33'] } },
    "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
    'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  ],
  ['external', { spec: { externalName: '' } }, 'spec.externalName: Required value'],
  [
    'external',
    { spec: { clusterIP: '1.1.1.1', clusterIPs: ['1.1.1.1'] } },
    'spec.clusterIPs: Forbidden: may not be set for ExternalName services',
  ],
  ['configMap', { data: { c: 'x' } }, 'data[c]: Invalid value: "c": duplicate of key present in binaryData'],
  ['configMap', { data: { '..': 'x' } }, 'data[..]: Invalid value: "..": must not be \'..\''],
  ['secret', { type: 'kubernetes.io/tls' }, 'data[tls.crt]: Required value', 'data[tls.key]: Required value'],
  ['secret', { type: 'kubernetes.io/basic-auth' }, 'data[username]: Required value', 'data[password]: Required value'],
  [
    'secret',
    { type: 'kubernetes.io/service-account-token' },
    'metadata.annotations[kubernetes.io/service-account.name]: Required value',
  ],
  [
    'secret',
    { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'W10=' } },
    'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": json: cannot unmarshal array into Go value of type map[string]interface {}',
  ],
  ['endpoints', { subsets: [{}] }, 'subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
  ['slice', { endpoints: [{ addresses: [] }] }, 'endpoints[0].addresses: Required value'],
  [
    'slice',
    { endpoints: [{ addresses: ['fe80::1'] }] },
    'endpoints[0].addresses: Invalid value: "fe80::1": must be an IPv4 address',
    'endpoints[0].addresses[0]: Invalid value: "fe80::1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
  ],
  ['slice', { addressType: 'X' }, 'addressType: Unsupported value: "X": supported values: "FQDN", "IPv4", "IPv6"'],
  [
    'node',
    {
      spec: {
        taints: [
          { key: 'a', effect: 'NoSchedule' },
          { key: 'a', effect: 'NoSchedule' },
        ],
      },
    },
    'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
  ],
  [
    'node',
    { spec: { podCIDRs: ['10.0.0.0/24', '10.0.1.0/24'] } },
    'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family',
  ],
  [
    'namespace',
    { metadata: { finalizers: ['own'] } },
    'metadata.finalizers[0]: Invalid value: "own": name is neither a standard finalizer name nor is it fully qualified',
  ],
  [
    'event',
    { involvedObject: { namespace: 'other' } },
    'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
  ],
  [
    'event',
    { eventTime: '2026-01-01T00:00:00.000000Z', reportingComponent: 'c' },
    'reportingInstance: Required value',
    'action: Required value',
    'reason: Required value',
  ],
  [
    'newEvent',
    { deprecatedCount: 1, type: 'X' },
    'type: Invalid value: "": has invalid value: X',
    'count: Invalid value: "": needs to be unset',
  ],
  [
    'limits',
    { spec: { limits: [{ type: 'Container', max: { cpu: '1' }, min: { cpu: '2' } }] } },
    'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
    'spec.limits[0].defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1',
    'spec.limits[0].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1',
  ],
  [
    'limits',
    { spec: { limits: [{ type: 'PersistentVolumeClaim' }] } },
    'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
  ],
  [
    'quota',
    { spec: { scopes: ['BestEffort', 'NotBestEffort'], hard: { pods: '1', 'requests.cpu': undefined } } },
    'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes',
  ],
  ['quota', { spec: { hard: { pods: '1500m' } } }, 'spec.hard[pods]: Invalid value: "1500m": must be an integer'],
  ['volume', { spec: { hostPath: undefined } }, 'spec: Required value: must specify a volume type'],
  [
    'volume',
    { spec: { nfs: { server: 's', path: '/' } } },
    'spec.nfs: Forbidden: may not specify more than 1 volume type',
  ],
  [
    'volume',
    { spec: { hostPath: undefined, local: { path: '/a' } } },
    'spec.nodeAffinity: Required value: Local volume requires node affinity',
  ],
  [
    'volume',
    { spec: { accessModes: ['X'], capacity: { storage: '0' } } },
    'spec.accessModes: Unsupported value: "X": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    'spec.capacity[storage]: Invalid value: "0": must be greater than zero',
  ],
  ['claim', { spec: { resources: { requests: undefined } } }, 'spec.resources[storage]: Required value'],
  [
    'claim',
    { spec: { dataSource: { kind: 'X', name: 'n' }, dataSourceRef: { kind: 'X', name: 'n' } } },
    'spec.dataSource: Invalid value: "X": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
    'spec.dataSourceRef: Invalid value: "X": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
  ],
]
for (const [of, change, ...texts] of faults) {
  const [kind, object] = valid[of]!
  test(`a ${of} is refused with ${JSON.stringify(change)}`, () => {
    assert.deepEqual(faultsOf(kind, merged(object, change)), texts)
  })
}

const changes: readonly [of: keyof typeof valid, change: Loose, ...texts: string[]][] = [
  ['service', { spec: { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'] } }],
  ['configMap', { data: { a: 'c' } }],
  ['secret', { type: 'other' }, 'type: Invalid value: "other": field is immutable'],
  ['slice', { addressType: 'IPv6', endpoints: [] }, 'addressType: Invalid value: null: field is immutable'],
  [
    'node',
    { spec: { podCIDR: '10.0.1.0/24' } },
    'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
  ],
  // The one of old has the say.
  ['node', { spec: { podCIDRs: ['10.0.1.0/24'] } }],
  ['quota', { spec: { scopes: ['Terminating'] } }, 'spec.scopes: Invalid value: ["Terminating"]: field is immutable'],
  ['volume', { spec: { volumeMode: 'Block' } }, 'volumeMode: Invalid value: "Block": field is immutable'],
  ['claim', { spec: { volumeName: 'v' } }],
]
for (const [of, change, ...texts] of changes) {
  const [kind, object] = valid[of]!
  test(`a ${of} ${texts.length > 0 ? 'keeps what' : 'may be what'} it becomes by ${JSON.stringify(change)}`, () => {
    assert.deepEqual(faultsOfChange(kind, object, change), texts)
  })
}

test('an immutable ConfigMap is', () => {
  const map = { metadata, immutable: true, data: { a: 'b' } }
  assert.deepEqual(faultsOfChange(configMaps, map, { immutable: undefined, data: { a: 'c' } }), [
    'immutable: Forbidden: field is immutable when `immutable` is set',
    'data: Forbidden: field is immutable when `immutable` is set',
  ])
})

test('a claim grows when it is bound, and shrinks no further than what it has', () => {
  const [, claim] = valid['claim']!
  const size = (storage: string) => ({ spec: { resources: { requests: { storage } } } })
  const [text] = faultsOfChange(persistentVolumeClaims, claim, size('2Gi'))
  assert.match(
    text!,
    /^spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n@@/,
  )
})

test('services say what is of no use', () => {
  assert.deepEqual(
    warningsOf(services, { metadata, spec: { ports: [{ port: 1 }], externalIPs: ['1.2.3.4'], externalName: 'a' } }),
    [
      'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
      'spec.externalName is ignored when spec.type is not "ExternalName"',
    ],
  )
})

test('a TLS secret without PEM is let through with a word', () => {
  assert.deepEqual(
    warningsOf(secrets, { metadata, type: 'kubernetes.io/tls', data: { 'tls.crt': '', 'tls.key': '' } }),
    ['tls: failed to find any PEM data in certificate input'],
  )
})
