import { defaultFeatureGates } from '../../../api/features/feature-gates.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodes } from '../../../api/core/v1/node.ts'
import type { ResourceDefinition } from '../../../api/definition.ts'
import type { Schema } from '../../../machinery/schema/schema.ts'
import { admin, openServer } from '../../open-server.fixture.ts'
import { createMemoryLister } from '../../memory-lister.ts'
import { testAttributes } from '../test-attributes.ts'
import { createNodeRestriction } from './plugin.ts'

const kubelet = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] }
const plugin = createNodeRestriction({
  enabled: defaultFeatureGates.enabled,
  lister: createMemoryLister(),
  authorizer: { authorize: () => ({ decision: 'noOpinion', reason: '' }) },
})

/** A value of each field of a Node, so that one that comes with a later version is decided about here. */
const values: Readonly<Record<string, unknown>> = {
  'metadata.annotations': { a: 'b' },
  'metadata.creationTimestamp': '2026-01-01T00:00:00Z',
  'metadata.deletionGracePeriodSeconds': 1,
  'metadata.deletionTimestamp': '2026-01-01T00:00:00Z',
  'metadata.finalizers': ['example.com/f'],
  'metadata.generateName': 'n',
  'metadata.generation': 2,
  'metadata.labels': { 'node-restriction.kubernetes.io/a': 'b' },
  'metadata.managedFields': [{ manager: 'm' }],
  'metadata.name': 'n2',
  'metadata.namespace': 'default',
  'metadata.ownerReferences': [{ apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'y' }],
  'metadata.resourceVersion': '7',
  'metadata.selfLink': '/x',
  'metadata.uid': 'other',
  'spec.configSource': { configMap: { name: 'c', namespace: 'n', kubeletConfigKey: 'k' } },
  'spec.externalID': 'x',
  'spec.podCIDR': '10.0.0.0/24',
  'spec.podCIDRs': ['10.0.0.0/24'],
  'spec.podPreemptionPolicy': 'Never',
  'spec.providerID': 'x://y',
  'spec.taints': [{ key: 'a', effect: 'NoSchedule' }],
  'spec.unschedulable': true,
  'status.addresses': [{ type: 'InternalIP', address: '10.0.0.1' }],
  'status.allocatable': { cpu: '1' },
  'status.capacity': { cpu: '1' },
  'status.conditions': [{ type: 'Ready', status: 'True' }],
  'status.config': {},
  'status.daemonEndpoints': { kubeletEndpoint: { Port: 1 } },
  'status.declaredFeatures': ['A'],
  'status.features': { supplementalGroupsPolicy: true },
  'status.images': [],
  'status.nodeInfo': { machineID: 'x' },
  'status.phase': 'Running',
  'status.runtimeHandlers': [],
  'status.volumesAttached': [],
  'status.volumesInUse': [],
}
/** What a node may not say of itself when it registers, nor change afterwards (noderestriction/admission.go admitNode). */
const refusedOnCreate = ['metadata.labels', 'metadata.name', 'spec.configSource']
const refusedOnUpdate = ['metadata.labels', 'metadata.ownerReferences', 'spec.configSource', 'spec.taints']

const fields = ['metadata', 'spec', 'status'].flatMap((part) => {
  const { properties } = (nodes.schema as Schema).properties!.get(part)!.schema
  return [...properties!.keys()].map((name) => `${part}.${name}`)
})
const base = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', uid: 'u' }, spec: {}, status: {} }
function withField(field: string): Record<string, unknown> {
  const [part = '', name = ''] = field.split('.')
  const members = (base as unknown as Record<string, object>)[part]
  return { ...base, [part]: { ...members, [name]: values[field] } }
}
async function refusal(operation: 'CREATE' | 'UPDATE', object: object, subresource = '', name = 'n1') {
  const attributes = testAttributes(nodes as unknown as ResourceDefinition, {
    operation,
    object,
    ...(operation === 'UPDATE' && { oldObject: base }),
    name,
    subresource,
    user: kubelet,
  })
  try {
    await plugin.mutate!(attributes)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

test('security.md, node identity: every field of a Node is decided about, for each verb (CVE-2025-5187)', async () => {
  assert.deepEqual(fields.toSorted(), Object.keys(values).toSorted())
  for (const field of fields) {
    const object = withField(field)
    const created = await refusal('CREATE', object, '', field === 'metadata.name' ? '' : 'n1')
    assert.equal(created !== undefined, refusedOnCreate.includes(field), `create ${field}: ${created}`)
    for (const subresource of ['', 'status']) {
      const updated = await refusal('UPDATE', object, subresource)
      assert.equal(updated !== undefined, refusedOnUpdate.includes(field), `update ${subresource} ${field}: ${updated}`)
    }
    // The same of another node is refused, whatever it is.
    for (const subresource of ['', 'status'])
      assert.match((await refusal('UPDATE', object, subresource, 'n2')) ?? '', /not allowed to modify node "n2"/)
  }
})

test('security.md, node identity: what plugins compare with is what is stored, not what the request says (CVE-2021-25735)', async () => {
  const seen: unknown[] = []
  await using open = await openServer({
    admission: [
      {
        name: 'Spy',
        handles: (operation) => operation === 'UPDATE',
        validate({ definition, oldObject, object }) {
          if (definition.kind !== 'Node') return
          seen.push([oldObject?.metadata.labels, object?.metadata.labels])
          assert.throws(() => Object.assign(oldObject!.metadata, { labels: {} }), TypeError)
        },
      },
    ],
  })
  const path = '/api/v1/nodes/n1'
  await open.call('POST', '/api/v1/nodes', { metadata: { name: 'n1', labels: { changeAllowed: 'false' } } })
  const changed = { metadata: { name: 'n1', labels: { changeAllowed: 'true' } } }
  await open.call('PATCH', path, changed, { contentType: 'application/merge-patch+json' })
  await open.call('PUT', `${path}/status`, {
    ...changed,
    metadata: { ...changed.metadata, labels: { changeAllowed: 'maybe' } },
  })
  await open.call('PUT', path, { ...changed, metadata: { ...changed.metadata, labels: {} } })
  assert.deepEqual(seen, [
    [{ changeAllowed: 'false' }, { changeAllowed: 'true' }],
    [{ changeAllowed: 'true' }, { changeAllowed: 'maybe' }],
    [{ changeAllowed: 'maybe' }, undefined],
  ])
  assert.ok(admin.groups.includes('system:masters'))
})
