import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openProtobuf } from '../../machinery/codec/protobuf/envelope.ts'
import { PageNotFound } from '../../machinery/errors.ts'
import { Query } from '../routing/query.ts'
import { defaultFeatureGates } from '../../api/features/feature-gates.ts'
import { kinds } from '../../api/kinds.ts'
import type { ResourceDefinition } from '../../api/definition.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import type { RawAnswer } from '../answer.ts'
import { PathRouter } from '../routing/path-router.ts'
import { ResourceMap, type Route } from '../routing/resource-map.ts'
import type { RequestContext } from '../request-context.ts'
import { addDiscovery } from './discovery.ts'
import { addOpenApi } from './openapi.ts'

const route = (definition: ResourceDefinition): Route => ({ definition }) as Route
const leases = kinds.find(({ kind }) => kind === 'Lease')!
const cronTabs: ResourceDefinition = {
  ...leases,
  group: 'stable.example.com',
  kind: 'CronTab',
  listKind: 'CronTabList',
  resource: 'crontabs',
  openApi: { schema: { type: 'object' } },
}

function served(): { map: ResourceMap; get: (url: string, headers?: Record<string, string>) => Promise<RawAnswer> } {
  const map = new ResourceMap()
  for (const definition of kinds) map.add(route(definition))
  const router = new PathRouter()
  addDiscovery(router, map, () => '10.0.0.1:6443', defaultFeatureGates)
  addOpenApi(router, map, new VirtualClock(), defaultFeatureGates)
  const get = async (url: string, headers: Record<string, string> = {}) => {
    const [path = '', query = ''] = url.split('?')
    const segments = path.split('/').filter((segment) => segment !== '')
    const request = { method: 'GET', segments, query: Query.parse(query), headers }
    const handler = router.find(segments)!
    return (await handler({ request } as unknown as RequestContext)) as RawAnswer
  }
  return { map, get }
}
const json = (answer: RawAnswer) => JSON.parse(Buffer.from(answer.body as Uint8Array).toString())
const aggregated = (version: string, type = 'application/json') =>
  `${type};g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`

test('discovery is aggregated for who asks for it, and plain for others', async () => {
  const { get } = served()
  const accept = `application/json,${aggregated('v2')}`
  const answer = await get('/apis', { accept })
  assert.equal(answer.contentType, aggregated('v2'))
  assert.equal(json(answer).kind, 'APIGroupDiscoveryList')
  const core = json(await get('/api', { accept: aggregated('v2') }))
  assert.equal(core.apiVersion, 'apidiscovery.k8s.io/v2')
  assert.deepEqual(core.items.length, 1)
  const plain = (await get('/apis', { accept: `application/json,${aggregated('v2beta1')}` })) as unknown as {
    object: { kind: string }
  }
  assert.equal(plain.object.kind, 'APIGroupList')
})

test('aggregated discovery comes as protobuf, too', async () => {
  const { get } = served()
  const answer = await get('/apis', { accept: aggregated('v2', 'application/vnd.kubernetes.protobuf') })
  const { gvk } = openProtobuf(Buffer.from(answer.body as Uint8Array))
  assert.deepEqual(gvk, { group: 'apidiscovery.k8s.io', version: 'v2', kind: 'APIGroupDiscoveryList' })
})

test('a client that has a document already is told so, until what is served changes', async () => {
  const { map, get } = served()
  for (const [url, accept] of [
    ['/apis', aggregated('v2')],
    ['/openapi/v2', 'application/json'],
  ] as const) {
    const first = await get(url, { accept })
    const etag = first.headers!['etag'] as string
    assert.equal((await get(url, { accept, 'if-none-match': etag })).code, 304, url)
    map.add(route(cronTabs))
    assert.equal((await get(url, { accept, 'if-none-match': etag })).code, 200, url)
    map.remove(cronTabs)
    assert.equal((await get(url, { accept, 'if-none-match': etag })).code, 304, url)
  }
})

test('the index of OpenAPI v3 names each document by its hash, by which it may be kept for ever', async () => {
  const { get } = served()
  const { paths } = json(await get('/openapi/v3'))
  const url: string = paths['apis/apps/v1'].serverRelativeURL
  assert.match(url, /^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{128}$/)
  const answer = await get(url)
  assert.equal(answer.headers!['cache-control'], 'public, immutable')
  assert.ok(json(answer).components.schemas['io.k8s.api.apps.v1.DeploymentSpec'])
  const stale = await get('/openapi/v3/apis/apps/v1?hash=OLD')
  assert.deepEqual([stale.code, stale.headers!.location], [301, url])
})

test('a custom resource changes the document of its own group only', async () => {
  const { map, get } = served()
  const before = json(await get('/openapi/v3')).paths
  map.add(route(cronTabs))
  const { 'apis/stable.example.com/v1': added, ...others } = json(await get('/openapi/v3')).paths
  assert.ok(added)
  assert.deepEqual(others, before)
})

test('OpenAPI comes as gnostic’s protobuf under both of its names', async () => {
  const { get } = served()
  for (const accept of [
    'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
    'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
  ]) {
    const answer = await get('/openapi/v2', { accept })
    assert.equal(answer.contentType, 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf')
    assert.equal((answer.body as Uint8Array)[0], 0x0a)
  }
  assert.equal((await get('/openapi/v2', { accept: 'text/html' })).code, 406)
})

test('paths that name nothing are not found', async () => {
  const { get } = served()
  for (const url of ['/api/v2', '/apis/nothing', '/apis/apps/v9', '/apis/apps/v1/x/y']) {
    await assert.rejects(get(url), { message: 'the server could not find the requested resource' }, url)
  }
  assert.equal((await get('/openapi/v3/apis/nothing/v1')).code, 404)
})

test('a group of custom resources alone knows no path beyond what it serves, as where no API server listens', async () => {
  const { map, get } = served()
  map.add(route(cronTabs))
  const group = `/apis/${cronTabs.group}`
  for (const url of [`${group}/v9`, `${group}/v9/things`, `${group}/${cronTabs.version}/namespaces/default/things`])
    await assert.rejects(get(url), (error) => error instanceof PageNotFound, url)
  await assert.rejects(get('/apis/apps/v9'), (error) => !(error instanceof PageNotFound))
})
