import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../machinery/clock.ts'
import {
  configMap,
  configMapsPath,
  openServer,
  pod,
  podsPath,
  type Body,
  type OpenServer,
} from '../open-server.fixture.ts'

async function withObjects(names: readonly string[], more: (name: string) => object = () => ({})): Promise<OpenServer> {
  const open = await openServer()
  for (const name of names) await open.call('POST', configMapsPath, configMap(name, more(name)))
  return open
}
const namesOf = (list: Body) => list.items.map(({ metadata }) => metadata.name)
const letters = ['a', 'b', 'c', 'd', 'e']

test('a list answers with the revision of the store, not with that of its newest item', async () => {
  await using open = await withObjects(['a'])
  await open.call('POST', '/api/v1/namespaces', { metadata: { name: 'other' } })
  const { body } = await open.call('GET', configMapsPath)
  assert.equal(body.metadata.resourceVersion, String(await open.store.revision()))
  assert.equal(body.kind, 'ConfigMapList')
  assert.deepEqual(namesOf(body), ['a'])
})

test('pages have one revision, though objects come and go meanwhile', async () => {
  await using open = await withObjects(letters)
  const first = await open.call('GET', configMapsPath, undefined, { query: { limit: '2' } })
  assert.deepEqual(namesOf(first.body), ['a', 'b'])
  const { continue: next, remainingItemCount } = first.body.metadata as {
    continue?: string
    remainingItemCount?: number
  }
  assert.equal(remainingItemCount, 3)
  await open.call('DELETE', `${configMapsPath}/c`)
  await open.call('POST', configMapsPath, configMap('cc'))
  const second = await open.call('GET', configMapsPath, undefined, { query: { limit: '2', continue: next! } })
  assert.deepEqual(namesOf(second.body), ['c', 'd'])
  assert.equal(second.body.metadata.resourceVersion, first.body.metadata.resourceVersion)
  const rest = second.body.metadata as { continue?: string }
  const last = await open.call('GET', configMapsPath, undefined, { query: { limit: '2', continue: rest.continue! } })
  assert.deepEqual(namesOf(last.body), ['e'])
  assert.equal('continue' in last.body.metadata, false)
  assert.equal('remainingItemCount' in last.body.metadata, false)
})

test('a page whose history was compacted is refused with a token that goes on inconsistently', async () => {
  await using open = await withObjects(letters)
  const first = await open.call('GET', configMapsPath, undefined, { query: { limit: '2' } })
  const { continue: next } = first.body.metadata as { continue?: string }
  await open.call('DELETE', `${configMapsPath}/d`)
  await open.store.compact(await open.store.revision())
  const gone = await open.call('GET', configMapsPath, undefined, { query: { limit: '2', continue: next! } })
  assert.equal(gone.status, 410)
  const { reason, metadata } = gone.body as unknown as { reason: string; metadata: { continue: string } }
  assert.equal(reason, 'Expired')
  const second = await open.call('GET', configMapsPath, undefined, {
    query: { limit: '9', continue: metadata.continue },
  })
  assert.deepEqual(namesOf(second.body), ['c', 'e'])
})

test('an exact version shows the past; one not older than asked shows the present', async () => {
  await using open = await withObjects(['a', 'b'])
  const { body: before } = await open.call('GET', configMapsPath)
  const resourceVersion = before.metadata.resourceVersion!
  await open.call('DELETE', `${configMapsPath}/a`)
  const exact = { resourceVersion, resourceVersionMatch: 'Exact' }
  const past = await open.call('GET', configMapsPath, undefined, { query: exact })
  assert.deepEqual(namesOf(past.body), ['a', 'b'])
  assert.equal(past.body.metadata.resourceVersion, resourceVersion)
  const newer = { resourceVersion, resourceVersionMatch: 'NotOlderThan' }
  assert.deepEqual(namesOf((await open.call('GET', configMapsPath, undefined, { query: newer })).body), ['b'])
  assert.deepEqual(
    namesOf((await open.call('GET', configMapsPath, undefined, { query: { resourceVersion: '0' } })).body),
    ['b'],
  )
  assert.deepEqual(
    namesOf((await open.call('GET', configMapsPath, undefined, { query: { resourceVersion, limit: '5' } })).body),
    ['a', 'b'],
  )
})

test('combinations of versions that make no sense are refused in upstream’s words', async () => {
  await using open = await openServer()
  const refused = async (query: Record<string, string>) =>
    (await open.call('GET', configMapsPath, undefined, { query })).body as unknown as { message: string; code: number }
  assert.equal(
    (await refused({ resourceVersionMatch: 'Exact' })).message,
    'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
  )
  assert.equal(
    (await refused({ resourceVersionMatch: 'Exact', resourceVersion: '0' })).message,
    'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
  )
  assert.equal(
    (await refused({ resourceVersion: 'x' })).message,
    'invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
  )
  const tokens: readonly (readonly [string, string])[] = [
    ['!!!', 'illegal base64 data at input byte 0'],
    ['nonsense', "invalid character '\\u009e' looking for beginning of value"],
    ['WzFd', 'json: cannot unmarshal array into Go value of type storage.continueToken'],
    ['eyJ2IjoxfQ', 'json: cannot unmarshal number into Go struct field continueToken.v of type string'],
    ['e30', 'server does not recognize this encoded version '],
  ]
  for (const [token, why] of tokens) {
    const { code, message } = await refused({ continue: token })
    assert.deepEqual([code, message], [400, `invalid continue token: continue key is not valid: ${why}`])
  }
  assert.equal(
    (await refused({ fieldSelector: 'spec.x=y' })).message,
    '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
  )
})

test('a version that the server has not reached is waited for, and then refused', async () => {
  const clock = new VirtualClock()
  await using open = await openServer({ clock })
  for (const path of [configMapsPath, '/api/v1/namespaces/default']) {
    const waiting = open.call('GET', path, undefined, { query: { resourceVersion: '9999999' } })
    await clock.advance(3000)
    const { body } = await waiting
    const status = body as unknown as { code: number; message: string; details: { causes: { reason: string }[] } }
    assert.equal(status.code, 504)
    assert.match(status.message, /^Timeout: Too large resource version: 9999999, current: \d+$/)
    assert.equal(status.details.causes[0]!.reason, 'ResourceVersionTooLarge')
  }
})

test('labels and fields select; pages of a selection count nothing that remains', async () => {
  await using open = await withObjects(letters, (name) => ({
    labels: { even: String(letters.indexOf(name) % 2 === 0) },
  }))
  const list = async (query: Record<string, string>) =>
    (await open.call('GET', configMapsPath, undefined, { query })).body
  assert.deepEqual(namesOf(await list({ labelSelector: 'even=true' })), ['a', 'c', 'e'])
  assert.deepEqual(namesOf(await list({ labelSelector: 'even notin (true)' })), ['b', 'd'])
  assert.deepEqual(namesOf(await list({ fieldSelector: 'metadata.name=b' })), ['b'])
  assert.deepEqual(namesOf(await list({ fieldSelector: 'metadata.name!=b,metadata.namespace=default' })), [
    'a',
    'c',
    'd',
    'e',
  ])
  assert.deepEqual(namesOf(await list({ fieldSelector: 'metadata.namespace=other' })), [])
  const page = await list({ labelSelector: 'even=true', limit: '2' })
  assert.deepEqual(namesOf(page), ['a', 'c'])
  assert.equal((page.metadata as { remainingItemCount?: number }).remainingItemCount, undefined)
  const next = (page.metadata as { continue?: string }).continue!
  assert.deepEqual(namesOf(await list({ labelSelector: 'even=true', limit: '2', continue: next })), ['e'])
})

test('lists of all namespaces are in the order of the store', async () => {
  await using open = await openServer()
  for (const namespace of ['a', 'a-b']) {
    await open.call('POST', '/api/v1/namespaces', { metadata: { name: namespace } })
    await open.call('POST', `/api/v1/namespaces/${namespace}/configmaps`, configMap('x'))
  }
  const { body } = await open.call('GET', '/api/v1/configmaps')
  assert.deepEqual(
    body.items.map(({ metadata }) => metadata.namespace),
    ['a-b', 'a'],
  )
})

test('a Table has the columns of the kind and what of the objects was asked for', async () => {
  await using open = await withObjects(['a'])
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
  const table = async (query: Record<string, string>) =>
    (await open.call('GET', configMapsPath, undefined, { accept, query })).body as unknown as {
      kind: string
      columnDefinitions: { name: string }[]
      rows: { cells: unknown[]; object: { kind: string } | null }[]
    }
  const made = await table({})
  assert.equal(made.kind, 'Table')
  assert.deepEqual(
    made.columnDefinitions.map(({ name }) => name),
    ['Name', 'Data', 'Age'],
  )
  assert.deepEqual(made.rows[0]!.cells.slice(0, 2), ['a', 0])
  assert.equal(made.rows[0]!.object!.kind, 'PartialObjectMetadata')
  assert.equal((await table({ includeObject: 'Object' })).rows[0]!.object!.kind, 'ConfigMap')
  assert.equal((await table({ includeObject: 'None' })).rows[0]!.object, null)
})

test('a Table without rows says so as upstream’s code for the kind does', async () => {
  await using open = await openServer()
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
  const rows = async (path: string) =>
    ((await open.call('GET', path, undefined, { accept })).body as unknown as { rows: unknown }).rows
  assert.deepEqual(await rows(configMapsPath), [])
  // Without columns of its own, and with columns from apiextensions.
  assert.equal(await rows('/api/v1/limitranges'), null)
  assert.equal(await rows('/apis/apiextensions.k8s.io/v1/customresourcedefinitions'), null)
})

test('a Table of flow schemas has them in the order in which they are tried', async () => {
  await using open = await openServer()
  const path = '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas'
  for (const [name, matchingPrecedence] of [
    ['a', 900],
    ['b', 100],
    ['c', 100],
  ] as const) {
    const spec = { matchingPrecedence, priorityLevelConfiguration: { name: 'x' } }
    assert.equal((await open.call('POST', path, { metadata: { name }, spec })).status, 201)
  }
  const { body } = await open.call('GET', path, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
  const { rows } = body as unknown as { rows: { cells: unknown[] }[] }
  assert.deepEqual(
    rows.map(({ cells }) => cells[0]),
    ['b', 'c', 'a'],
  )
})

test('metadata alone is listed for those who want no more', async () => {
  await using open = await withObjects(['a'])
  const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
  const { body } = await open.call('GET', configMapsPath, undefined, { accept })
  assert.equal(body.kind, 'PartialObjectMetadataList')
  assert.deepEqual(Object.keys(body.items[0]!), ['kind', 'apiVersion', 'metadata'])
  const wrong = await open.call('GET', configMapsPath, undefined, {
    accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  })
  assert.equal(wrong.status, 406)
})

test('the pods of a node are found by index, and the index follows them', async () => {
  await using open = await openServer()
  const query = { fieldSelector: 'spec.nodeName=n1' }
  const names = async () => namesOf((await open.call('GET', '/api/v1/pods', undefined, { query })).body)
  assert.deepEqual(await names(), [])
  for (const name of ['b', 'a', 'c']) {
    await open.call('POST', podsPath, pod(name, {}, { nodeName: name === 'c' ? 'n2' : 'n1' }))
  }
  assert.deepEqual(await names(), ['a', 'b'])
  await open.call('DELETE', `${podsPath}/a`, { gracePeriodSeconds: 0 })
  assert.deepEqual(await names(), ['b'])
})

test('a table and metadata alone are of the object as it is stored, whatever version is asked for', async () => {
  await using open = await openServer()
  const metric = (name: string, averageUtilization: number) => ({
    type: 'Resource',
    resource: { name, target: { type: 'Utilization', averageUtilization } },
  })
  const path = '/namespaces/default/horizontalpodautoscalers'
  await open.call('POST', `/apis/autoscaling/v2${path}`, {
    metadata: { name: 'a' },
    spec: {
      scaleTargetRef: { apiVersion: 'example.com/v1', kind: 'B', name: 'b' },
      maxReplicas: 3,
      metrics: [metric('cpu', 50), metric('memory', 60)],
    },
  })
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
  const { body } = await open.call('GET', `/apis/autoscaling/v1${path}/a`, undefined, { accept })
  const [row] = (body as unknown as { rows: { cells: unknown[]; object: { metadata: object } }[] }).rows
  assert.equal(row?.cells[2], 'cpu: <unknown>/50%, memory: <unknown>/60%')
  assert.equal(Object.hasOwn(row.object.metadata, 'annotations'), false)
})

test('events are read as from etcd: with pages at version 0, and no waiting for a version to come', async () => {
  await using open = await openServer()
  const path = '/api/v1/namespaces/default/events'
  for (const name of ['a', 'b']) {
    await open.call('POST', path, { metadata: { name }, involvedObject: { namespace: 'default' } })
  }
  const page = await open.call('GET', path, undefined, { query: { limit: '1', resourceVersion: '0' } })
  assert.equal(page.body.items.length, 1)
  const future = await open.call('GET', path, undefined, { query: { resourceVersion: '99999' } })
  assert.equal(future.status, 504)
  assert.equal(Object.hasOwn((future.body as unknown as { details: object }).details, 'retryAfterSeconds'), false)
  assert.equal((await open.call('GET', `${path}/a`, undefined, { query: { resourceVersion: 'x' } })).status, 400)
})
