import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kinds } from '../../../api/kinds.ts'
import { createClient } from '../../../client/create-client.ts'
import { VirtualClock } from '../../../machinery/clock.ts'
import { silentLogger } from '../../../machinery/log.ts'
import { createMemoryStore } from '../../../store/memory/store.ts'
import { openServer, type OpenServer } from '../../open-server.fixture.ts'
import { createServerLister } from '../../server-lister.ts'
import { kubernetesService } from './kubernetes-service.ts'

async function withService(clock: VirtualClock, advertiseAddress: string, store?: OpenServer['store']) {
  const lister = createServerLister()
  const open = await openServer({ clock, lister, ...(store === undefined ? {} : { store }) })
  await lister.connect(open.server.resources, kinds)
  const component = kubernetesService({
    store: open.store,
    lister,
    writer: createClient(open.transport),
    clock,
    log: silentLogger,
    serviceRanges: ['10.96.0.0/16'],
    advertiseAddress,
    keepsEndpoints: true,
    port: () => 6443,
  })
  await component.start()
  return { open, component }
}
const get = async (open: OpenServer, path: string) =>
  JSON.parse(JSON.stringify((await open.call('GET', path)).body)) as Record<string, never>
const addressesOf = async (open: OpenServer) => {
  const { subsets } = (await get(open, '/api/v1/namespaces/default/endpoints/kubernetes')) as {
    subsets?: { addresses: { ip: string }[] }[]
  }
  return (subsets ?? []).flatMap(({ addresses }) => addresses.map(({ ip }) => ip))
}

test('a new cluster gets its range of services, the service kubernetes and the endpoints behind it', async () => {
  const clock = new VirtualClock()
  const { open, component } = await withService(clock, '192.0.2.1')
  const { spec, status } = (await get(open, '/apis/networking.k8s.io/v1/servicecidrs/kubernetes')) as never as {
    spec: object
    status: { conditions: { type: string; status: string }[] }
  }
  assert.deepEqual(spec, { cidrs: ['10.96.0.0/16'] })
  assert.deepEqual(
    status.conditions.map(({ type, status: value }) => [type, value]),
    [['Ready', 'True']],
  )
  const service = (await get(open, '/api/v1/namespaces/default/services/kubernetes')) as never as {
    spec: { clusterIP: string; ports: object[] }
  }
  assert.equal(service.spec.clusterIP, '10.96.0.1')
  assert.deepEqual(service.spec.ports, [{ name: 'https', protocol: 'TCP', port: 443, targetPort: 6443 }])
  assert.deepEqual(await addressesOf(open), ['192.0.2.1'])
  const slice = (await get(
    open,
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes',
  )) as never as {
    endpoints: object[]
    metadata: { labels: object }
  }
  assert.deepEqual(slice.endpoints, [{ addresses: ['192.0.2.1'], conditions: { ready: true } }])
  assert.deepEqual(slice.metadata.labels, { 'kubernetes.io/service-name': 'kubernetes' })
  const before = await open.store.revision()
  await clock.advance(60_000)
  assert.equal(await open.store.revision(), before, 'nothing is written while nothing changes')
  await component.stop()
  assert.deepEqual(await addressesOf(open), [])
  await open[Symbol.asyncDispose]()
})

test('servers of one store are endpoints side by side, until one of them leaves', async () => {
  const clock = new VirtualClock()
  const one = await withService(clock, '192.0.2.1', { ...createMemoryStore({ clock }), shared: true })
  const two = await withService(clock, '192.0.2.2', one.open.store)
  assert.deepEqual(await addressesOf(one.open), ['192.0.2.1', '192.0.2.2'])
  await two.component.stop()
  assert.deepEqual(await addressesOf(one.open), ['192.0.2.1'])
  await two.open.server.stop()
  await one.component.stop()
  await one.open[Symbol.asyncDispose]()
})

test('addresses and services are put in order after a crash between their writes', async () => {
  const clock = new VirtualClock()
  const { open, component } = await withService(clock, '192.0.2.1')
  const addresses = '/apis/networking.k8s.io/v1/ipaddresses'
  await open.call('POST', addresses, {
    metadata: { name: '10.96.9.9', labels: { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' } },
    spec: { parentRef: { resource: 'services', namespace: 'default', name: 'gone' } },
  })
  await open.call('DELETE', `${addresses}/10.96.0.1`)
  for (let round = 0; round < 20; round++) await clock.advance(10_000)
  const { body } = await open.call('GET', addresses)
  assert.deepEqual(
    body.items.map(({ metadata }) => metadata.name),
    ['10.96.0.1'],
  )
  await component.stop()
  await open[Symbol.asyncDispose]()
})
