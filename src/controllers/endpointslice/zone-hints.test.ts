import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nodes } from '../../api/core/v1/node.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { services } from '../../api/core/v1/service.ts'
import { endpointSlices } from '../../api/discovery/v1/endpoint-slice.ts'
import type { Endpoint } from '../../api/types.generated.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { startHarness } from '../runtime/harness.ts'
import { endpointSliceController } from './controller.ts'
import type { SliceDraft } from './distribute.ts'
import { dealOut } from './zone-hints.ts'

const draft = (zones: readonly (string | undefined)[]): SliceDraft =>
  ({
    metadata: { name: 's' },
    addressType: 'IPv4',
    endpoints: zones.map((zone, index) => ({ addresses: [`10.0.0.${index}`], zone, conditions: { ready: true } })),
  }) as unknown as SliceDraft
const hinted = (endpoints: readonly Endpoint[]) =>
  endpoints.map(({ hints }) => hints?.forZones?.map(({ name }) => name).join())
const shares = new Map([
  ['a', 0.5],
  ['b', 0.5],
])

test('endpoints are for their own zone, and some for a zone that has too few', () => {
  const slice = draft(['a', 'a', 'a', 'a', 'b', 'b'])
  assert.deepEqual(dealOut([slice], [], shares), { more: [] })
  assert.deepEqual(hinted(slice.endpoints), ['b', 'a', 'a', 'a', 'b', 'b'])
})

test('without zones, CPUs or enough endpoints there are no hints', () => {
  const problem = (slice: SliceDraft, given: ReadonlyMap<string, number> | undefined) => {
    const dealt = dealOut([slice], [], given)
    return 'problem' in dealt ? dealt.problem : undefined
  }
  assert.equal(problem(draft(['a', undefined]), shares), 'One or more endpoints do not have a zone specified')
  assert.match(problem(draft(['a', 'b']), undefined)!, /^Insufficient Node information/)
  assert.equal(problem(draft(['a']), shares), 'Insufficient number of endpoints (1 endpoints, 2 zones)')
})

test('every ready endpoint gets one zone, and no zone less than its share allows', () => {
  const zone = fc.constantFrom('a', 'b', 'c')
  fc.assert(
    fc.property(
      fc.array(zone, { minLength: 3, maxLength: 30 }),
      fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
      (zones, cpus) => {
        const total = cpus[0] + cpus[1] + cpus[2]
        const given = new Map(['a', 'b', 'c'].map((name, index) => [name, cpus[index]! / total]))
        const slice = draft(zones)
        const dealt = dealOut([slice], [], given)
        if ('problem' in dealt) return
        for (const [name, share] of given) {
          const count = hinted(slice.endpoints).filter((hint) => hint === name).length
          assert.ok(count >= Math.ceil((share * zones.length) / 1.2) - 1, `${name} has ${count} of ${zones.length}`)
        }
        assert.ok(hinted(slice.endpoints).every((hint) => hint !== undefined))
      },
    ),
  )
})

test('hints come with the annotation and the zones, and go with them', async () => {
  const harness = startHarness({ controllers: [endpointSliceController] })
  const node = (name: string, zone: string) =>
    ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } },
      status: { allocatable: { cpu: '4' }, conditions: [{ type: 'Ready', status: 'True' }] },
    }) as unknown as KubeObject
  harness.client.seed(nodes, node('n1', 'z1'), node('n2', 'z2'))
  for (const index of [1, 2])
    harness.client.seed(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `p${index}`, namespace: 'default', labels: { app: 'web' } },
      spec: { nodeName: `n${index}`, containers: [] },
      status: {
        phase: 'Running',
        podIP: `10.0.0.${index}`,
        podIPs: [{ ip: `10.0.0.${index}` }],
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    } as unknown as KubeObject)
  harness.client.seed(services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default', annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } },
    spec: {
      selector: { app: 'web' },
      clusterIP: '10.1.0.1',
      ipFamilies: ['IPv4'],
      ports: [{ port: 80, protocol: 'TCP' }],
    },
  } as unknown as KubeObject)
  await harness.settle()
  const hints = () => hinted(harness.client.objects(endpointSlices)[0]!.endpoints ?? []).sort()
  assert.deepEqual(hints(), ['z1', 'z2'])
  assert.deepEqual(harness.events, [
    'Normal TopologyAwareHintsEnabled Topology Aware Hints has been enabled, addressType: IPv4',
  ])
  const before = harness.client.writes().length
  await harness.client.delete(nodes, { name: 'n2' })
  await harness.advance(1000)
  assert.deepEqual(hints(), [undefined, undefined].slice(0, hints().length))
  assert.ok(harness.client.writes().length > before)
  await harness.stop()
})
