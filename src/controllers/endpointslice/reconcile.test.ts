import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { endpoints } from '../../api/core/v1/endpoints.ts'
import { nodes } from '../../api/core/v1/node.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { services } from '../../api/core/v1/service.ts'
import { endpointSlices } from '../../api/discovery/v1/endpoint-slice.ts'
import type { Endpoint, EndpointSlice, Service } from '../../api/types.generated.ts'
import { deepFreeze } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { endpointController } from '../endpoint/controller.ts'
import { endpointSliceMirroringController } from '../endpointslicemirroring/controller.ts'
import { startHarness } from '../runtime/harness.ts'
import { endpointSliceController } from './controller.ts'
import { endpointKey } from './desired.ts'
import { distribute, maxEndpointsPerSlice, type SliceDraft } from './distribute.ts'

const namespace = 'default'
const service = (more: Record<string, unknown> = {}): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace, labels: { team: 'a' } },
    spec: {
      selector: { app: 'web' },
      clusterIP: '10.0.0.1',
      ipFamilies: ['IPv4'],
      ports: [
        { name: 'http', port: 80, targetPort: 'web', protocol: 'TCP' },
        { name: '', port: 90, targetPort: 9090, protocol: 'TCP' },
      ],
      ...more,
    },
  }) as KubeObject
const pod = (
  name: string,
  ip: string,
  more: { ready?: boolean; labels?: Record<string, string>; port?: number } = {},
) =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: more.labels ?? { app: 'web' } },
    spec: { nodeName: 'n1', containers: [{ name: 'c', ports: [{ name: 'web', containerPort: more.port ?? 8080 }] }] },
    status: {
      phase: 'Running',
      podIP: ip,
      podIPs: [{ ip }],
      conditions: [{ type: 'Ready', status: more.ready === false ? 'False' : 'True' }],
    },
  }) as unknown as KubeObject
const node = (name: string, zone: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } },
})
const start = (more?: Record<string, unknown>) =>
  startHarness({
    controllers: [endpointSliceController, endpointController, endpointSliceMirroringController],
    prepare: (client) => {
      client.seed(nodes, node('n1', 'z1'))
      client.seed(services, service(more))
      client.seed(pods, pod('a', '10.1.0.1'), pod('b', '10.1.0.2', { ready: false }))
    },
  })
const ips = (slice: EndpointSlice) => (slice.endpoints ?? []).flatMap(({ addresses }) => addresses).sort()

test('a service has slices and Endpoints of its pods, with ports, conditions, zones and labels', async () => {
  const harness = start()
  await harness.settle()
  const [slice, ...others] = harness.client.objects(endpointSlices)
  assert.equal(others.length, 0)
  assert.match(slice!.metadata.name!, /^web-\w{5}$/)
  assert.deepEqual(slice!.metadata.labels, {
    team: 'a',
    'kubernetes.io/service-name': 'web',
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
  })
  assert.deepEqual(slice!.ports, [
    { name: 'http', port: 8080, protocol: 'TCP' },
    { name: '', port: 9090, protocol: 'TCP' },
  ])
  const [a, b] = slice!.endpoints!
  assert.deepEqual(a!.conditions, { ready: true, serving: true, terminating: false })
  assert.deepEqual([b!.conditions?.ready, a!.zone, a!.nodeName, a!.targetRef?.name], [false, 'z1', 'n1', 'a'])
  const [old] = harness.client.objects(endpoints)
  assert.deepEqual(old!.metadata.labels, { team: 'a', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' })
  const [subset] = old!.subsets!
  assert.deepEqual(
    subset!.addresses?.map(({ ip }) => ip),
    ['10.1.0.1'],
  )
  assert.deepEqual(
    subset!.notReadyAddresses?.map(({ ip }) => ip),
    ['10.1.0.2'],
  )
  assert.deepEqual(
    subset!.ports?.map(({ port }) => port),
    [9090, 8080],
  )
  const writes = harness.client.writes().length
  await harness.advance(60_000)
  assert.equal(harness.client.writes().length, writes, 'nothing is written when nothing changes')
  await harness.stop()
})

test('endpoints follow their pods', async () => {
  const harness = start()
  const { client } = harness
  await harness.settle()
  const a = { namespace, name: 'a' }
  await client.delete(pods, a)
  await harness.settle()
  const slice = () => client.objects(endpointSlices)[0]!
  const terminating = slice().endpoints!.find(({ targetRef }) => targetRef?.name === 'a')
  assert.deepEqual(terminating?.conditions, { ready: false, serving: true, terminating: true })
  assert.equal(client.objects(endpoints)[0]!.subsets?.[0]?.addresses, undefined)
  await client.delete(pods, a, { gracePeriodSeconds: 0 })
  await client.patch(pods, { namespace, name: 'b' }, 'merge', { metadata: { labels: { app: 'other' } } })
  await harness.settle()
  assert.deepEqual(slice().endpoints, [])
  assert.deepEqual(slice().ports ?? [], [])
  client.seed(pods, pod('c', '10.1.0.3'))
  await harness.settle()
  assert.deepEqual(ips(slice()), ['10.1.0.3'])
  assert.equal(client.objects(endpointSlices).length, 1)
  await client.delete(services, { namespace, name: 'web' })
  await harness.settle()
  assert.deepEqual(client.objects(endpoints), [])
  await harness.stop()
})

test('pods whose named port has another number are in a slice of their own', async () => {
  const harness = start()
  harness.client.seed(pods, pod('c', '10.1.0.3', { port: 8888 }))
  await harness.settle()
  const byPort = harness.client.objects(endpointSlices).map((slice) => [slice.ports?.[0]?.port, ips(slice)])
  assert.deepEqual(byPort, [
    [8080, ['10.1.0.1', '10.1.0.2']],
    [8888, ['10.1.0.3']],
  ])
  await harness.stop()
})

test('traffic that should stay close gets hints, and loses them again', async () => {
  const harness = start({ trafficDistribution: 'PreferSameNode' })
  await harness.settle()
  const hints = () => harness.client.objects(endpointSlices)[0]!.endpoints!.map((endpoint) => endpoint.hints)
  assert.deepEqual(hints(), [{ forZones: [{ name: 'z1' }], forNodes: [{ name: 'n1' }] }, undefined])
  await harness.client.patch(services, { namespace, name: 'web' }, 'merge', { spec: { trafficDistribution: null } })
  await harness.settle()
  assert.deepEqual(hints(), [undefined, undefined])
  await harness.stop()
})

test('a pod on a node that is not known yet is published as soon as it is', async () => {
  const harness = start()
  const stray = pod('c', '10.1.0.3') as KubeObject & { spec: object }
  harness.client.seed(pods, { ...stray, spec: { ...stray.spec, nodeName: 'n2' } } as KubeObject)
  await harness.settle()
  assert.deepEqual(ips(harness.client.objects(endpointSlices)[0]!), ['10.1.0.1', '10.1.0.2'])
  harness.client.seed(nodes, node('n2', 'z2'))
  await harness.settle()
  assert.deepEqual(ips(harness.client.objects(endpointSlices)[0]!), ['10.1.0.1', '10.1.0.2', '10.1.0.3'])
  await harness.stop()
})

test('Endpoints that a user made for a service without a selector are mirrored', async () => {
  const harness = start()
  const { client } = harness
  const metadata = { name: 'outside', namespace, labels: { x: 'y' } }
  client.seed(services, { ...service({ selector: undefined }), metadata } as KubeObject)
  client.seed(endpoints, {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata,
    subsets: [{ addresses: [{ ip: '1.2.3.4' }, { ip: 'fd00::1' }, { ip: 'bad' }], ports: [{ port: 80 }] }],
  } as KubeObject)
  await harness.settle()
  const mirrored = () =>
    client
      .objects(endpointSlices)
      .filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === 'outside')
  assert.deepEqual(
    mirrored().map((slice) => [slice.addressType, ips(slice)]),
    [
      ['IPv4', ['1.2.3.4']],
      ['IPv6', ['fd00::1']],
    ],
  )
  assert.ok(
    harness.events.includes('Warning InvalidIPAddress Skipped 1 invalid IP addresses when mirroring to EndpointSlices'),
  )
  await client.patch(endpoints, { namespace, name: 'outside' }, 'merge', {
    subsets: [{ addresses: [{ ip: '1.2.3.5' }], ports: [{ port: 80 }] }],
  })
  await harness.settle()
  assert.deepEqual(mirrored().map(ips), [['1.2.3.5']])
  await client.delete(endpoints, { namespace, name: 'outside' })
  await harness.settle()
  assert.deepEqual(mirrored(), [])
  await harness.stop()
})

test('wherever endpoints come from and go to, each is in one slice, none is too full, and what stays does not move', () => {
  const endpoint = (id: number): Endpoint => ({
    addresses: [`10.0.${id >> 8}.${id & 255}`],
    conditions: { ready: true },
  })
  const keyed = (ids: readonly number[]) => new Map(ids.map((id) => [endpointKey(endpoint(id)), endpoint(id)]))
  const sets = fc.uniqueArray(fc.nat(600), { maxLength: 400 })
  fc.assert(
    fc.property(fc.array(sets, { minLength: 1, maxLength: 4 }), (rounds) => {
      const of = service() as Service
      let slices: EndpointSlice[] = []
      let count = 0
      const draft = (): SliceDraft => ({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { labels: { ...of.metadata.labels } },
        addressType: 'IPv4',
        endpoints: [],
      })
      for (const ids of rounds) {
        const homes = new Map(slices.flatMap((slice) => ips(slice).map((ip) => [ip, slice.metadata.name])))
        const changes = distribute(of, deepFreeze(slices), { ports: [], endpoints: keyed(ids) }, draft)
        const touched = new Set([...changes.update, ...changes.delete].map(({ metadata }) => metadata.name))
        const created = changes.create.map((slice) => ({
          ...slice,
          metadata: { ...slice.metadata, name: `s${count++}` },
        }))
        slices = [...slices.filter(({ metadata }) => !touched.has(metadata.name)), ...changes.update, ...created]
        assert.deepEqual(
          slices.flatMap(ips).sort(),
          [...keyed(ids).values()].flatMap(({ addresses }) => addresses).sort(),
        )
        for (const slice of slices) {
          assert.ok(slice.endpoints!.length <= maxEndpointsPerSlice && slice.endpoints!.length > 0)
          for (const ip of ips(slice)) assert.equal(homes.get(ip) ?? slice.metadata.name, slice.metadata.name)
        }
      }
    }),
    { numRuns: 60 },
  )
})
