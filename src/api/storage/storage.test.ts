import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceDefinition } from '../definition.ts'
import { faultsOf, faultsOfChange, merged, warningsOf, type Loose } from '../rules.fixture.ts'
import { csiDrivers } from './v1/csi-driver.ts'
import { csiNodes } from './v1/csi-node.ts'
import { csiStorageCapacities } from './v1/csi-storage-capacity.ts'
import { storageClasses } from './v1/storage-class.ts'
import { volumeAttachments } from './v1/volume-attachment.ts'
import { volumeAttributesClasses } from './v1/volume-attributes-class.ts'

const metadata = { name: 'x' }
const inline = {
  attacher: 'D.csi.io',
  nodeName: 'n',
  source: {
    inlineVolumeSpec: { accessModes: ['ReadWriteOnce'], csi: { driver: 'd.csi.io', volumeHandle: 'h' } },
  },
}
const valid = {
  class: [
    storageClasses as never,
    {
      metadata,
      provisioner: 'kubernetes.io/Host-Path',
      parameters: { a: 'b' },
      allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['a', 'b'] }] }],
    },
  ],
  attachment: [
    volumeAttachments as never,
    { metadata, spec: { attacher: 'd.csi.io', nodeName: 'n', source: { persistentVolumeName: 'v' } } },
  ],
  inline: [volumeAttachments as never, { metadata, spec: inline }],
  node: [csiNodes as never, { metadata, spec: { drivers: [{ name: 'd', nodeID: 'i', topologyKeys: ['a/b'] }] } }],
  driver: [csiDrivers as never, { metadata, spec: { tokenRequests: [{ audience: 'a', expirationSeconds: 600 }] } }],
  capacity: [csiStorageCapacities as never, { metadata, storageClassName: 'c', nodeTopology: {}, capacity: '1Gi' }],
  attributes: [volumeAttributesClasses as never, { metadata, driverName: 'd', parameters: { a: 'b' } }],
} satisfies Record<string, [ResourceDefinition, Loose]>
type Kind = keyof typeof valid

test('what is right is taken', () => {
  for (const [kind, [definition, object]] of Object.entries(valid)) {
    assert.deepEqual([kind, ...faultsOf(definition, object)], [kind])
  }
})

const term = { matchLabelExpressions: [{ key: 'a', values: ['b'] }] }
const cases: readonly [kind: Kind, change: Loose, ...faults: string[]][] = [
  ['class', { provisioner: undefined }, 'provisioner: Required value'],
  [
    'class',
    { reclaimPolicy: 'Recycle' },
    'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
  ],
  [
    'class',
    { volumeBindingMode: '' },
    'volumeBindingMode: Unsupported value: "": supported values: "Immediate", "WaitForFirstConsumer"',
  ],
  ['class', { allowedTopologies: [term, term] }, 'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""'],
  ['class', { allowedTopologies: [{}] }, 'allowedTopologies[0].matchLabelExpressions: Duplicate value: ""'],
  [
    'class',
    { allowedTopologies: [{ matchLabelExpressions: [{ key: 'a', values: ['b', 'b'] }, { key: 'a' }] }] },
    'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "b"',
    'allowedTopologies[0].matchLabelExpressions[1].values: Required value',
    'allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "a"',
  ],
  ['class', { parameters: { '': 'a' } }, 'parameters: Invalid value: "": field can not be empty.'],
  [
    'attachment',
    { spec: { attacher: 'a'.repeat(64), source: undefined } },
    'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
    'spec.attacher: Too long: may not be more than 63 characters',
  ],
  [
    'attachment',
    { spec: { source: { persistentVolumeName: '' } } },
    'spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName',
    `spec.source.persistentVolumeName: Invalid value: "": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
  ],
  [
    'attachment',
    { status: { attachError: { message: 'a'.repeat(1025), errorCode: -1 } } },
    'status.attachError.message: Too long: may not be more than 1024 bytes',
    'status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ],
  [
    'inline',
    {
      spec: {
        source: {
          inlineVolumeSpec: { csi: undefined, capacity: { storage: '1' }, storageClassName: 'c', volumeMode: 'Block' },
        },
      },
    },
    'spec.source.inlineVolumeSpec.capacity: Forbidden: may not be specified in the context of inline volumes',
    'spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes',
    'spec.source.inlineVolumeSpec: Required value: must specify a volume type',
    'spec.source.inlineVolumeSpec.storageClassName: Forbidden: may not be specified in the context of inline volumes',
    'spec.source.inlineVolumeSpec.volumeMode: Forbidden: may not specify volumeMode other than Filesystem in the context of inline volumes',
  ],
  [
    'node',
    { spec: { drivers: [{ name: 'd', nodeID: '', topologyKeys: ['a', 'a'], allocatable: { count: -1 } }] } },
    'spec.drivers[0].nodeID: Required value',
    'spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
    'spec.drivers[0]: Duplicate value: "a"',
  ],
  [
    'driver',
    { spec: { fsGroupPolicy: 'A', volumeLifecycleModes: ['B'], nodeAllocatableUpdatePeriodSeconds: 9 } },
    'spec.fsGroupPolicy: Unsupported value: "A": supported values: "File", "None", "ReadWriteOnceWithFSType"',
    'spec.volumeLifecycleModes: Unsupported value: "B": supported values: "Persistent", "Ephemeral"',
    'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds',
  ],
  [
    'driver',
    { spec: { tokenRequests: [{ audience: 'a', expirationSeconds: 1 }, { audience: 'a' }] } },
    'spec.tokenRequests[0].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes',
    'spec.tokenRequests[1].audience: Duplicate value: "a"',
  ],
  ['capacity', { capacity: '-1' }, 'capacity: Invalid value: "-1": must be greater than or equal to 0'],
  [
    'attributes',
    { driverName: '', parameters: undefined },
    'driverName: Required value',
    'parameters: Required value: must contain at least one key/value pair',
  ],
]

test('what is wrong is told as upstream tells it', () => {
  for (const [kind, change, ...faults] of cases) {
    const [definition, object] = valid[kind] as [ResourceDefinition, Loose]
    assert.deepEqual(faultsOf(definition, merged(object, change)), faults)
  }
})

const changes: readonly [kind: Kind, change: Loose, subresource: string, ...faults: string[]][] = [
  [
    'class',
    { provisioner: 'b', parameters: { a: 'c' }, reclaimPolicy: 'Retain', volumeBindingMode: 'WaitForFirstConsumer' },
    '',
    'provisioner: Invalid value: null: field is immutable',
    'parameters: Invalid value: null: field is immutable',
    'reclaimPolicy: Invalid value: null: field is immutable',
    'volumeBindingMode: Invalid value: null: field is immutable',
  ],
  ['attachment', { spec: { nodeName: 'm' } }, '', 'spec: Invalid value: null: field is immutable'],
  [
    'node',
    { spec: { drivers: [{ name: 'd', nodeID: 'j' }] } },
    '',
    'spec.drivers: Invalid value: {"Name":"d","NodeID":"j","TopologyKeys":null,"Allocatable":null}: field is immutable',
  ],
  ['node', { spec: { drivers: [{ name: 'd', nodeID: 'i', topologyKeys: ['a/b'], allocatable: { count: 1 } }] } }, ''],
  [
    'driver',
    { spec: { attachRequired: false } },
    '',
    'spec.attachedRequired: Invalid value: false: field is immutable',
  ],
  ['capacity', { storageClassName: 'd' }, '', 'storageClassName: Invalid value: "d": field is immutable'],
  ['attributes', { driverName: 'e' }, '', 'driverName: Forbidden: updates to driverName are forbidden.'],
]

test('a change that is not allowed is told as upstream tells it', () => {
  for (const [kind, change, subresource, ...faults] of changes) {
    const [definition, object] = valid[kind] as [ResourceDefinition, Loose]
    assert.deepEqual(faultsOfChange(definition, object, change, subresource), faults)
  }
})

test('old labels of nodes in topologies are warned about', () => {
  const [definition, object] = valid.class
  const key = 'failure-domain.beta.kubernetes.io/zone'
  const topologies = [{ matchLabelExpressions: [{ key, values: ['a'] }] }]
  assert.deepEqual(warningsOf(definition, merged(object, { allowedTopologies: topologies })), [
    'allowedTopologies[0].matchLabelExpressions[0].key: deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  ])
})
