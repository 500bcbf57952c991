import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CustomResourceDefinition } from '../../api/types.generated.ts'
import { isObject } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { seededRandom } from '../../machinery/random.ts'
import { openServer, type OpenServer } from '../open-server.fixture.ts'
import { conversionWebhook } from './conversion-webhook.ts'
import { customKinds } from './custom-resource.ts'

const group = 'stable.example.com'
const property = (name: string) => ({
  properties: { spec: { type: 'object', properties: { [name]: { type: 'string' } } } },
})
const crdOf = (storage: 'v1' | 'v2', strategy: 'None' | 'Webhook', defaults: object = {}) =>
  ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `tabs.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'tabs', singular: 'tab', kind: 'Tab', listKind: 'TabList' },
      conversion: {
        strategy,
        webhook: { clientConfig: { url: 'https://c' }, conversionReviewVersions: ['v9', 'v1'] },
      },
      versions: [
        { ...versionOf('v1', 'host', storage, defaults), selectableFields: [{ jsonPath: '.spec.host' }] },
        versionOf('v2', strategy === 'None' ? 'host' : 'hostName', storage, {}),
      ],
    },
  }) as unknown as CustomResourceDefinition

const versionOf = (name: string, field: string, storage: string, defaults: object) => ({
  name,
  served: true,
  storage: name === storage,
  schema: { openAPIV3Schema: { type: 'object', properties: { ...property(field).properties, ...defaults } } },
})

/** A webhook that renames spec.host to spec.hostName and back. */
function renamingWebhook() {
  const asked: { readonly apiVersion: string; readonly names: readonly (string | undefined)[] }[] = []
  const client = {
    async post(_: unknown, review: object): Promise<unknown> {
      const { request } = review as {
        request: { uid: string; desiredAPIVersion: string; objects: (KubeObject & { spec: Record<string, string> })[] }
      }
      asked.push({ apiVersion: request.desiredAPIVersion, names: request.objects.map(({ metadata }) => metadata.name) })
      const convertedObjects = request.objects.map((object) => {
        assert.equal(object.metadata.resourceVersion, undefined)
        const value = object.spec['host'] ?? object.spec['hostName'] ?? ''
        const spec = request.desiredAPIVersion.endsWith('v2') ? { hostName: value } : { host: value }
        return { ...object, apiVersion: request.desiredAPIVersion, spec }
      })
      return {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'ConversionReview',
        response: { uid: request.uid, result: { status: 'Success' }, convertedObjects },
      }
    },
  }
  return { asked, convert: conversionWebhook({ client, random: seededRandom(1) }) }
}

function serve(open: OpenServer, crd: CustomResourceDefinition, convert?: ReturnType<typeof conversionWebhook>): void {
  const kinds = customKinds(crd, convert)
  for (const kind of kinds) open.server.served.serve(kind, kinds)
}
const path = (version: string, name = '') => `/apis/${group}/${version}/namespaces/default/tabs${name && `/${name}`}`
const tab = (version: string, name: string, spec: object) => ({
  apiVersion: `${group}/${version}`,
  kind: 'Tab',
  metadata: { name },
  spec,
})
const specOf = (body: unknown) => (isObject(body) ? body['spec'] : undefined)

test('without a webhook another version is the same object under another apiVersion', async () => {
  await using open = await openServer()
  serve(open, crdOf('v1', 'None'))
  const made = await open.call('POST', path('v2'), tab('v2', 'a', { host: 'x' }))
  assert.equal(made.status, 201)
  assert.equal(made.body.apiVersion, `${group}/v2`)
  const [entry] = (await open.store.list(`/registry/${group}/tabs/`, {})).entries
  assert.match(Buffer.from(entry!.value).toString(), /"apiVersion":"stable.example.com\/v1"/)
  const read = await open.call('GET', path('v1', 'a'))
  assert.deepEqual([read.body.apiVersion, specOf(read.body)], [`${group}/v1`, { host: 'x' }])
})

test('objects that were stored before a default was declared are read with it', async () => {
  await using open = await openServer()
  serve(open, crdOf('v1', 'None'))
  await open.call('POST', path('v1'), tab('v1', 'a', { host: 'x' }))
  serve(open, crdOf('v1', 'None', { more: { type: 'string', default: 'here' } }))
  const read = await open.call('GET', path('v1', 'a'))
  assert.equal(read.body['more'], 'here')
  const list = await open.call('GET', path('v1'))
  assert.equal(list.body.items[0]!['more'], 'here')
})

test('a webhook is asked for objects of other versions, for a list at once and for each object once', async () => {
  await using open = await openServer()
  const { asked, convert } = renamingWebhook()
  serve(open, crdOf('v1', 'Webhook'), convert)
  await open.call('POST', path('v1'), tab('v1', 'a', { host: 'x' }))
  await open.call('POST', path('v1'), tab('v1', 'b', { host: 'y' }))
  assert.deepEqual(asked, [])
  const list = await open.call('GET', path('v2'))
  assert.deepEqual(list.body.items.map(specOf), [{ hostName: 'x' }, { hostName: 'y' }])
  assert.deepEqual(
    list.body.items.map(({ metadata }) => metadata.resourceVersion !== undefined),
    [true, true],
  )
  await open.call('GET', path('v2', 'a'))
  assert.deepEqual(asked, [{ apiVersion: `${group}/v2`, names: ['a', 'b'] }])
})

test('writes through another version are converted to the stored one, and patches see their own', async () => {
  await using open = await openServer()
  const { convert } = renamingWebhook()
  serve(open, crdOf('v1', 'Webhook'), convert)
  const made = await open.call('POST', path('v2'), tab('v2', 'a', { hostName: 'x' }))
  assert.deepEqual([made.status, specOf(made.body)], [201, { hostName: 'x' }])
  const patched = await open.call(
    'PATCH',
    path('v2', 'a'),
    { spec: { hostName: 'z' } },
    {
      contentType: 'application/merge-patch+json',
    },
  )
  assert.deepEqual([patched.status, specOf(patched.body)], [200, { hostName: 'z' }])
  const selected = await open.call('GET', path('v1'), undefined, { query: { fieldSelector: 'spec.host=z' } })
  assert.deepEqual(selected.body.items.map(specOf), [{ host: 'z' }])
  const gone = await open.call('DELETE', path('v2', 'a'))
  assert.equal(gone.status, 200)
})

test('a list holds objects that were stored in different versions', async () => {
  await using open = await openServer()
  const { convert } = renamingWebhook()
  serve(open, crdOf('v1', 'Webhook'), convert)
  await open.call('POST', path('v1'), tab('v1', 'a', { host: 'x' }))
  serve(open, crdOf('v2', 'Webhook'), convert)
  await open.call('POST', path('v2'), tab('v2', 'b', { hostName: 'y' }))
  for (const [version, field] of [
    ['v1', 'host'],
    ['v2', 'hostName'],
  ] as const) {
    const { body } = await open.call('GET', path(version))
    assert.deepEqual(body.items.map(specOf), [{ [field]: 'x' }, { [field]: 'y' }])
  }
})

test('a watch of another version tells converted objects in order', async () => {
  await using open = await openServer()
  const { convert } = renamingWebhook()
  serve(open, crdOf('v1', 'Webhook'), convert)
  await open.call('POST', path('v1'), tab('v1', 'a', { host: 'x' }))
  const [, kind] = customKinds(crdOf('v1', 'Webhook'), convert)
  const stream = await open.client.watch(kind!, { namespace: 'default' })
  const seen: unknown[] = []
  const reading = (async () => {
    for await (const event of stream) {
      if (event.type === 'BOOKMARK') continue
      seen.push([event.type, specOf(event.object)])
      if (seen.length === 3) return
    }
  })()
  await open.call('POST', path('v1'), tab('v1', 'b', { host: 'y' }))
  await open.call('DELETE', path('v1', 'a'))
  await reading
  assert.deepEqual(seen, [
    ['ADDED', { hostName: 'x' }],
    ['ADDED', { hostName: 'y' }],
    ['DELETED', { hostName: 'x' }],
  ])
})

test('a webhook that fails or changes what it must not fails the request in upstream’s words', async () => {
  await using open = await openServer()
  const answers: ((request: { uid: string; objects: KubeObject[] }) => object)[] = [
    ({ uid }) => ({ uid, result: { status: 'Failed', message: 'no' } }),
    ({ uid }) => ({ uid, result: { status: 'Success' }, convertedObjects: [] }),
    ({ uid, objects }) => ({
      uid,
      result: { status: 'Success' },
      convertedObjects: objects.map((object) => ({
        ...object,
        apiVersion: `${group}/v2`,
        metadata: { ...object.metadata, name: 'other' },
      })),
    }),
  ]
  const client = {
    async post(_: unknown, review: object): Promise<unknown> {
      const { request } = review as { request: { uid: string; objects: KubeObject[] } }
      return {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'ConversionReview',
        response: answers.shift()!(request),
      }
    },
  }
  serve(open, crdOf('v1', 'Webhook'), conversionWebhook({ client, random: seededRandom(1) }))
  await open.call('POST', path('v1'), tab('v1', 'a', { host: 'x' }))
  const subject = `conversion webhook for ${group}/v1, Kind=Tab`
  for (const why of [
    `${subject} failed: no`,
    `${subject} returned 0 objects, expected 1`,
    `${subject} returned invalid object: must have the same name: a != other`,
  ]) {
    const { status, body } = await open.call('GET', path('v2', 'a'))
    assert.deepEqual([status, body['message']], [500, why])
  }
})

test('who set fields through one version still owns them after a write through another', async () => {
  await using open = await openServer()
  serve(open, crdOf('v1', 'None'))
  const applied = await open.call('PATCH', path('v1', 'a'), tab('v1', 'a', { host: 'x' }), {
    contentType: 'application/apply-patch+yaml',
    query: { fieldManager: 'one' },
  })
  assert.equal(applied.status, 201)
  const patched = await open.call(
    'PATCH',
    path('v2', 'a'),
    { metadata: { labels: { a: 'b' } } },
    {
      contentType: 'application/merge-patch+json',
      query: { fieldManager: 'two' },
    },
  )
  assert.deepEqual(
    patched.body.metadata.managedFields?.map(({ manager, apiVersion }) => [manager, apiVersion]),
    [
      ['one', `${group}/v1`],
      ['two', `${group}/v2`],
    ],
  )
})

test('nothing is created while its definition is being deleted', async () => {
  await using open = await openServer()
  const kinds = customKinds(crdOf('v1', 'None'), undefined, () => true)
  for (const kind of kinds) open.server.served.serve(kind, kinds)
  const { status, body } = await open.call('POST', path('v1'), tab('v1', 'a', {}))
  assert.deepEqual(
    [status, body['message']],
    [
      403,
      'tabs.stable.example.com "a" is forbidden: create not allowed while custom resource definition is terminating',
    ],
  )
})
