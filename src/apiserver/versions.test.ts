import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openServer, type Body } from './open-server.fixture.ts'
import { enabledKinds } from './options/enabled-kinds.ts'

const everything = await enabledKinds({
  'runtime-config': ['api/all=true'],
  'feature-gates': ['AllAlpha=true', 'AllBeta=true'],
})
const names = (body: Body) =>
  (body.items as unknown as { metadata: { name: string } }[]).map((each) => each.metadata.name)
const resource = '/apis/resource.k8s.io'

test('what is off is not found', async () => {
  const usual = await enabledKinds({})
  assert.ok(usual.kinds.every(({ version }) => /^v\d+$/.test(version)))
  await using open = await openServer(usual)
  assert.equal((await open.call('GET', `${resource}/v1beta1/deviceclasses`)).status, 404)
})

test('a version that is turned off is not found, while the server itself still uses it', async () => {
  const chosen = await enabledKinds({ 'runtime-config': ['networking.k8s.io/v1/ipaddresses=false'] })
  await using open = await openServer(chosen)
  assert.equal((await open.call('GET', '/apis/networking.k8s.io/v1/ipaddresses')).status, 404)
  assert.equal((await open.call('GET', '/apis/networking.k8s.io/v1/ingresses')).status, 200)
  assert.ok(open.server.served.registryOf('ipaddresses.networking.k8s.io'))
})

test('a kind needs its feature besides its version', async () => {
  const { kinds, isServed } = await enabledKinds({
    'runtime-config': ['api/alpha=true', 'api/beta=true'],
    'feature-gates': ['GenericWorkload=true'],
  })
  const served = kinds.filter(isServed).filter(({ group }) => /scheduling|lifecycle/.test(group))
  assert.deepEqual(
    served.map(({ version, resource: name }) => `${version} ${name}`),
    ['v1 priorityclasses', 'v1beta1 podgroups', 'v1beta1 workloads', 'v1alpha3 podgroups', 'v1alpha3 workloads'],
  )
})

test('flags that are wrong are named', async () => {
  await assert.rejects(enabledKinds({ 'runtime-config': ['x.io/v1=true'] }), {
    message: 'unknown api groups x.io/v1',
  })
  await assert.rejects(enabledKinds({ 'feature-gates': ['X=true'] }), {
    message: 'unrecognized feature gate: X',
  })
})

test('an object is the same in every version: read, listed, patched, applied, watched and told to be deprecated', async () => {
  await using open = await openServer(everything)
  const request = { name: 'one', deviceClassName: 'gpu' }
  const created = await open.call('POST', `${resource}/v1beta1/namespaces/default/resourceclaims`, {
    metadata: { name: 'c' },
    spec: { devices: { requests: [request] } },
  })
  assert.equal(created.status, 201)
  assert.match(
    created.warnings,
    /resource\.k8s\.io\/v1beta1 ResourceClaim is deprecated in v1\.35\+, unavailable in v1\.38\+/,
  )
  const inV1 = await open.call('GET', `${resource}/v1/namespaces/default/resourceclaims/c`)
  const spec = inV1.body['spec'] as unknown as { devices: { requests: { exactly: { count: number } }[] } }
  assert.equal(spec.devices.requests[0]?.exactly.count, 1)
  const patched = await open.call(
    'PATCH',
    `${resource}/v1beta2/namespaces/default/resourceclaims/c`,
    { metadata: { labels: { a: 'b' } } },
    { contentType: 'application/merge-patch+json' },
  )
  assert.equal(patched.body.apiVersion, 'resource.k8s.io/v1beta2')
  const applied = await open.call(
    'PATCH',
    `${resource}/v1/namespaces/default/resourceclaims/c`,
    { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', metadata: { labels: { c: 'd' } } },
    { contentType: 'application/apply-patch+yaml', query: { fieldManager: 'me' } },
  )
  assert.equal(applied.status, 200)
  const owners = applied.body.metadata.managedFields!.map(({ apiVersion, operation }) => `${operation} ${apiVersion}`)
  assert.deepEqual(owners, [
    'Apply resource.k8s.io/v1',
    'Update resource.k8s.io/v1beta1',
    'Update resource.k8s.io/v1beta2',
  ])
  assert.deepEqual(names((await open.call('GET', `${resource}/v1beta1/resourceclaims`)).body), ['c'])
  const { value } = (await open.store.list('/registry/resourceclaims/')).entries[0]!
  assert.equal(JSON.parse(Buffer.from(value).toString()).apiVersion, 'resource.k8s.io/v1')
})

test('a kind lies in the version that upstream stores, whichever version it came in', async () => {
  await using open = await openServer(everything)
  const stored = async (prefix: string) =>
    (await open.store.list(`/registry/${prefix}/`)).entries.map(
      ({ value }) => JSON.parse(Buffer.from(value).toString()).apiVersion as string,
    )
  const spec = { taint: { key: 'example.com/x', effect: 'NoSchedule' } }
  for (const version of ['v1', 'v1beta2', 'v1alpha3']) {
    await open.call('POST', `${resource}/${version}/devicetaintrules`, { metadata: { name: `in-${version}` }, spec })
  }
  assert.deepEqual(new Set(await stored('devicetaintrules')), new Set(['resource.k8s.io/v1beta2']))
  const list = await open.call('GET', `${resource}/v1alpha3/devicetaintrules`)
  assert.deepEqual(names(list.body), ['in-v1', 'in-v1alpha3', 'in-v1beta2'])
  const group = { spec: { schedulingPolicy: { basic: {} } } }
  const path = '/apis/scheduling.k8s.io/v1alpha3/namespaces/default/podgroups'
  assert.equal((await open.call('POST', path, { metadata: { name: 'g' }, ...group })).status, 201)
  assert.deepEqual(await stored('podgroups'), ['scheduling.k8s.io/v1beta1'])
})

test('an older version answers a deletion as it always did', async () => {
  await using open = await openServer(everything)
  const spec = { taint: { key: 'example.com/x', effect: 'NoSchedule' } }
  const kindOf = async (version: string) => {
    await open.call('POST', `${resource}/${version}/devicetaintrules`, { metadata: { name: 'r' }, spec })
    return (await open.call('DELETE', `${resource}/${version}/devicetaintrules/r`)).body.kind
  }
  assert.deepEqual([await kindOf('v1'), await kindOf('v1beta2')], ['Status', 'DeviceTaintRule'])
})
