import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openServer, type Body, type OpenServer } from '../../open-server.fixture.ts'

const path = '/api/v1/namespaces/default/services'
const messageOf = (body: Body) => (body as unknown as { message: string }).message
interface Spec {
  readonly clusterIP?: string
  readonly clusterIPs?: readonly string[]
  readonly ipFamilies?: readonly string[]
  readonly ipFamilyPolicy?: string
  readonly ports: readonly { readonly nodePort?: number; readonly port: number }[]
  readonly healthCheckNodePort?: number
}
const specOf = (body: Body) => (body as unknown as { spec: Spec }).spec
const service = (name: string, spec: object = {}) => ({
  kind: 'Service',
  apiVersion: 'v1',
  metadata: { name },
  spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec },
})

async function withRanges(...cidrs: string[]): Promise<OpenServer> {
  const open = await openServer()
  await open.call('POST', '/apis/networking.k8s.io/v1/servicecidrs', {
    metadata: { name: 'kubernetes' },
    spec: { cidrs },
  })
  return open
}
const addresses = async (open: OpenServer) =>
  (await open.call('GET', '/apis/networking.k8s.io/v1/ipaddresses')).body.items.map(({ metadata }) => metadata.name)

test('a service gets an address that is an object, and gives it back when it goes', async () => {
  await using open = await withRanges('10.96.0.0/16')
  const { body } = await open.call('POST', path, service('a'))
  const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy } = specOf(body)
  assert.match(clusterIP!, /^10\.96\.\d+\.\d+$/)
  assert.deepEqual([clusterIPs, ipFamilies, ipFamilyPolicy], [[clusterIP], ['IPv4'], 'SingleStack'])
  const { body: address } = await open.call('GET', `/apis/networking.k8s.io/v1/ipaddresses/${clusterIP}`)
  assert.deepEqual(JSON.parse(JSON.stringify((address as unknown as { spec: object }).spec)), {
    parentRef: { resource: 'services', namespace: 'default', name: 'a' },
  })
  await open.call('DELETE', `${path}/a`)
  assert.deepEqual(await addresses(open), [])
})

test('an address that is asked for is given when it is free and in range', async () => {
  await using open = await withRanges('10.96.0.0/16')
  assert.equal(
    specOf((await open.call('POST', path, service('a', { clusterIP: '10.96.0.10' }))).body).clusterIP,
    '10.96.0.10',
  )
  const refused = async (clusterIP: string) =>
    messageOf((await open.call('POST', path, service('b', { clusterIP }))).body)
  assert.equal(
    await refused('10.96.0.10'),
    'Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated',
  )
  assert.match(
    await refused('10.97.0.1'),
    /failed to allocate IP 10\.97\.0\.1: the provided network does not match the current range$/,
  )
  assert.match(
    await refused('10.96.0.0'),
    /the provided IP \(10\.96\.0\.0\) is not in the valid range\. The range of valid IPs is 10\.96\.0\.0\/16$/,
  )
  assert.deepEqual(await addresses(open), ['10.96.0.10'])
})

test('headless and external services get none', async () => {
  await using open = await withRanges('10.96.0.0/16')
  assert.deepEqual(specOf((await open.call('POST', path, service('a', { clusterIP: 'None' }))).body).clusterIPs, [
    'None',
  ])
  const external = service('b', {
    type: 'ExternalName',
    externalName: 'x.example',
    ports: undefined,
    selector: undefined,
  })
  assert.equal(specOf((await open.call('POST', path, external)).body).clusterIP, undefined)
  assert.deepEqual(await addresses(open), [])
})

test('a full range is an error of the cluster, and nothing is left behind', async () => {
  await using open = await withRanges('10.96.0.0/30')
  assert.equal((await open.call('POST', path, service('a'))).status, 201)
  assert.equal((await open.call('POST', path, service('b'))).status, 201)
  const { status, body } = await open.call('POST', path, service('c'))
  assert.deepEqual(
    [status, messageOf(body)],
    [500, 'Internal error occurred: failed to allocate a serviceIP for Service "c": range is full'],
  )
})

test('a service that is refused takes nothing with it', async () => {
  await using open = await withRanges('10.96.0.0/16')
  assert.equal((await open.call('POST', path, service('Not_A_Name'))).status, 422)
  assert.deepEqual(await addresses(open), [])
  const dry = await open.call('POST', path, service('a', { type: 'NodePort' }), { query: { dryRun: 'All' } })
  assert.equal(dry.status, 201)
  assert.deepEqual(await addresses(open), [])
})

test('node ports are allocated, kept over updates, and free again when their service goes', async () => {
  await using open = await withRanges('10.96.0.0/16')
  const { body } = await open.call('POST', path, service('a', { type: 'NodePort' }))
  const nodePort = specOf(body).ports[0]!.nodePort!
  assert.ok(nodePort >= 30_000 && nodePort <= 32_767)
  const again = await open.call('PUT', `${path}/a`, service('a', { type: 'NodePort' }))
  assert.deepEqual(
    [specOf(again.body).ports[0]!.nodePort, specOf(again.body).clusterIP],
    [nodePort, specOf(body).clusterIP],
  )
  const taken = await open.call('POST', path, service('b', { type: 'NodePort', ports: [{ port: 1, nodePort }] }))
  assert.equal(
    messageOf(taken.body),
    `Service "b" is invalid: spec.ports[0].nodePort: Invalid value: ${nodePort}: provided port is already allocated`,
  )
  const outside = await open.call('POST', path, service('b', { type: 'NodePort', ports: [{ port: 1, nodePort: 80 }] }))
  assert.match(
    messageOf(outside.body),
    /provided port is not in the valid range\. The range of valid ports is 30000-32767$/,
  )
  await open.call('DELETE', `${path}/a`)
  const free = await open.call('POST', path, service('b', { type: 'NodePort', ports: [{ port: 1, nodePort }] }))
  assert.equal(free.status, 201)
})

test('ports of one number share a node port over protocols', async () => {
  await using open = await withRanges('10.96.0.0/16')
  const ports = [
    { name: 'a', port: 53, protocol: 'TCP' },
    { name: 'b', port: 53, protocol: 'UDP' },
  ]
  const { body } = await open.call('POST', path, service('dns', { type: 'NodePort', ports }))
  const [one, two] = specOf(body).ports
  assert.equal(one!.nodePort, two!.nodePort)
})

test('a change of type takes and gives back what the type needs', async () => {
  await using open = await withRanges('10.96.0.0/16')
  const { body: made } = await open.call('POST', path, service('a', { type: 'NodePort' }))
  const toCluster = await open.call(
    'PATCH',
    `${path}/a`,
    { spec: { type: 'ClusterIP' } },
    { contentType: 'application/merge-patch+json' },
  )
  assert.equal(specOf(toCluster.body).clusterIP, specOf(made).clusterIP)
  const spec = { type: 'ExternalName', externalName: 'x.example', clusterIP: null, clusterIPs: null }
  const toExternal = await open.call('PATCH', `${path}/a`, { spec }, { contentType: 'application/merge-patch+json' })
  assert.equal(toExternal.status, 200)
  assert.deepEqual(await addresses(open), [])
})

test('a cluster of two families serves both to those who require it', async () => {
  await using open = await withRanges('10.96.0.0/16', 'fd00:10::/112')
  const { body } = await open.call('POST', path, service('a', { ipFamilyPolicy: 'RequireDualStack' }))
  const { clusterIPs, ipFamilies } = specOf(body)
  assert.deepEqual(ipFamilies, ['IPv4', 'IPv6'])
  assert.match(clusterIPs![1]!, /^fd00:10::/)
  const single = await open.call(
    'PATCH',
    `${path}/a`,
    { spec: { ipFamilyPolicy: 'SingleStack' } },
    { contentType: 'application/merge-patch+json' },
  )
  assert.equal(specOf(single.body).clusterIPs!.length, 1)
  assert.deepEqual(await addresses(open), [clusterIPs![0]])
  await using other = await withRanges('10.96.0.0/16')
  const refused = await other.call('POST', path, service('a', { ipFamilyPolicy: 'RequireDualStack' }))
  assert.match(
    messageOf(refused.body),
    /spec\.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services$/,
  )
})

test('a load balancer that wants local traffic gets a port for its health check', async () => {
  await using open = await withRanges('10.96.0.0/16')
  const { body } = await open.call('POST', path, service('a', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }))
  assert.ok(specOf(body).healthCheckNodePort! >= 30_000)
})

test('a dry run gets the ports after the range, and takes nothing', async () => {
  await using open = await withRanges('10.96.0.0/16')
  const { body } = await open.call('POST', path, service('a', { type: 'NodePort', ports: [{ port: 80 }] }), {
    query: { dryRun: 'All' },
  })
  assert.equal(specOf(body).ports[0]?.nodePort, 32_769)
})

test('addresses and families that make no sense by themselves are told alone', async () => {
  await using open = await withRanges('10.96.0.0/16')
  const { body } = await open.call('POST', path, service('a', { ipFamilies: ['IPv9'], ports: [] }))
  const told = 'spec.ipFamilies[0]: Unsupported value: "IPv9": supported values: "IPv4", "IPv6"'
  assert.equal(messageOf(body), `Service "a" is invalid: ${told}`)
})
