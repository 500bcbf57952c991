import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CustomResourceDefinition } from '../../api/types.generated.ts'
import { errorText } from '../../machinery/field-error.ts'
import { deepFreeze, jsonClone } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { openServer } from '../open-server.fixture.ts'
import { customKinds } from './custom-resource.ts'
import { defaultFeatureGates } from '../../api/features/feature-gates.ts'

const crd = deepFreeze({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'crontabs.stable.example.com' },
  spec: {
    group: 'stable.example.com',
    scope: 'Namespaced',
    names: { plural: 'crontabs', singular: 'crontab', kind: 'CronTab', listKind: 'CronTabList', shortNames: ['ct'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
        additionalPrinterColumns: [
          { name: 'Spec', type: 'string', jsonPath: '.spec.cronSpec' },
          { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas', priority: 1 },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
        selectableFields: [{ jsonPath: '.spec.cronSpec' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['cronSpec'],
                properties: {
                  cronSpec: { type: 'string', pattern: '^[^ ]+$' },
                  replicas: { type: 'integer', default: 1 },
                },
              },
              status: { type: 'object', properties: { replicas: { type: 'integer' } } },
            },
          },
        },
      },
      { name: 'v0', served: false, storage: false },
    ],
  },
}) as unknown as CustomResourceDefinition

const context = {
  now: 0,
  requestUser: { name: 'u', groups: [] },
  subresource: '',
  enabled: defaultFeatureGates.enabled,
}
const object = (spec: object, more: object = {}) =>
  ({
    apiVersion: 'stable.example.com/v1',
    kind: 'CronTab',
    metadata: { name: 'a', namespace: 'default', generation: 1 },
    spec,
    ...more,
  }) as unknown as KubeObject

const [kind] = customKinds(crd)

test('each served version is a kind with its names, subresources and place in the store', () => {
  assert.equal(customKinds(crd).length, 1)
  assert.deepEqual(
    [kind!.resource, kind!.storagePrefix, kind!.storageVersion, kind!.protobuf],
    ['crontabs', 'stable.example.com/crontabs', 'stable.example.com/v1', false],
  )
  assert.deepEqual(
    kind!.subresources.map(({ name, kind: of }) => [name, of]),
    [
      ['status', 'CronTab'],
      ['scale', 'Scale'],
    ],
  )
})

test('a create is defaulted, loses its status and is checked', () => {
  const draft = jsonClone(object({}, { status: { replicas: 3 } }))
  kind!.rules.setDefaults?.(draft)
  kind!.rules.prepareForCreate?.(draft, context)
  assert.deepEqual(draft, object({ replicas: 1 }))
  assert.deepEqual(kind!.rules.validate?.(draft, context).map(errorText), ['spec.cronSpec: Required value'])
  assert.deepEqual(kind!.rules.validate?.(object({ cronSpec: 'x', replicas: -1 }), context).map(errorText), [
    '.spec.replicas: Invalid value: -1: should be a non-negative integer',
  ])
})

test('an update keeps the status, counts the generation, and forgives what was wrong before', () => {
  const old = object({ cronSpec: 'a b', replicas: 1 }, { status: { replicas: 1 } })
  const draft = jsonClone(object({ cronSpec: 'a b', replicas: 2 }, { status: { replicas: 9 } }))
  kind!.rules.prepareForUpdate?.(draft, old, context)
  assert.equal(draft.metadata.generation, 2)
  assert.deepEqual((draft as unknown as { status: object }).status, { replicas: 1 })
  draft.metadata.resourceVersion = '1'
  assert.deepEqual(kind!.rules.validateUpdate?.(draft, old, context), [])
  const wrong = object({ cronSpec: 'c d' }, { metadata: { ...draft.metadata, generation: 1 } })
  assert.equal(kind!.rules.validateUpdate?.(wrong, old, context).length, 1)
})

test('through status nothing else changes', () => {
  const old = object({ cronSpec: 'a' }, { status: { replicas: 1 } })
  const draft = jsonClone(object({ cronSpec: 'b' }, { status: { replicas: 2 } }))
  kind!.rules.subresources?.['status']?.prepareForUpdate?.(draft, old, context)
  assert.deepEqual(draft, object({ cronSpec: 'a' }, { status: { replicas: 2 } }))
})

test('columns and selectable fields follow their paths', () => {
  const row = object({ cronSpec: 'x', replicas: 2 }, {})
  const shown = { ...row, metadata: { ...row.metadata, creationTimestamp: '2026-01-01T00:00:00Z' } }
  assert.deepEqual(
    kind!.rules.columns?.map((column) => column.cell(shown, Date.parse('2026-01-01T00:05:00Z'))),
    ['a', 'x', 2, '5m'],
  )
  assert.deepEqual(kind!.rules.selectableFields?.(row), { 'spec.cronSpec': 'x' })
})

test('what every object has is known in the schema of a custom resource as it is elsewhere', () => {
  const metadata = kind!.schema.properties?.get('metadata')?.schema
  assert.equal(metadata?.name, 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')
  assert.equal(metadata?.properties?.has('unknownMeta'), false)
})

/** Serves this kind with an embedded resource and a scale of `.spec.replicas`. */
async function served() {
  const [version] = crd.spec.versions
  const embedded = {
    type: 'object',
    'x-kubernetes-embedded-resource': true,
    'x-kubernetes-preserve-unknown-fields': true,
  }
  const properties = { spec: { type: 'object', properties: { replicas: { type: 'integer' }, pod: embedded } } }
  const schema = { openAPIV3Schema: { type: 'object', properties } }
  const spec = { ...crd.spec, versions: [{ ...version!, schema, selectableFields: [] }] }
  return openServer({ extraKinds: customKinds({ ...crd, spec } as CustomResourceDefinition) })
}
const path = '/apis/stable.example.com/v1/namespaces/default/crontabs'

test('the metadata of embedded resources is read as metadata', async () => {
  await using server = await served()
  const pod = (metadata: unknown) => object({ pod: { apiVersion: 'v1', kind: 'Pod', metadata } })
  const { body, warnings } = await server.call('POST', path, pod({ name: 'x', foo: 1 }))
  assert.deepEqual((body as unknown as { spec: { pod: KubeObject } }).spec.pod.metadata, { name: 'x' })
  assert.match(warnings, /unknown field \\"spec.pod.metadata.foo\\"/)
  const wrong = await server.call('POST', path, pod({ labels: [] }))
  assert.equal(
    (wrong.body as unknown as { message: string }).message,
    'CronTab in version "v1" cannot be handled as a CronTab: spec.pod.metadata: Invalid value: {"labels":[]}: json: cannot unmarshal array into Go struct field ObjectMeta.labels of type map[string]string',
  )
})

test('a scale without a number is an error, and negative ones are the business of the resource', async () => {
  await using server = await served()
  await server.call('POST', path, object({}))
  const message = async (method: string, body?: object) => {
    const answer = await server.call(method, `${path}/a/scale`, body, { contentType: 'application/merge-patch+json' })
    return (answer.body as unknown as { message?: string }).message
  }
  assert.equal(await message('GET'), 'Internal error occurred: the spec replicas field ".spec.replicas" does not exist')
  assert.equal(await message('PATCH', { spec: {} }), 'the spec replicas field ".spec.replicas" cannot be empty')
  assert.match((await message('PATCH', { spec: { replicas: -1 } }))!, /.spec.replicas: Invalid value: -1/)
  assert.equal(await message('PATCH', { spec: { replicas: 2 } }), undefined)
  assert.equal(await message('GET'), undefined)
})

test('lists of custom resources say that nothing follows', async () => {
  await using server = await served()
  const { body } = await server.call('GET', path)
  assert.equal((body.metadata as { continue?: string }).continue, '')
})

test('a deprecated version warns each request; a part that a version does not have is not found', async () => {
  const versions = crd.spec.versions.map((version) => ({ ...version, subresources: undefined, deprecated: true }))
  const deprecated = { ...crd, spec: { ...crd.spec, versions } } as CustomResourceDefinition
  await using server = await openServer({ extraKinds: customKinds(deprecated) })
  const { warnings } = await server.call('GET', path)
  assert.equal(warnings, '299 - "stable.example.com/v1 CronTab is deprecated"')
  const { body } = await server.call('GET', `${path}/a/status`)
  assert.equal((body as unknown as { message: string }).message, 'crontabs.stable.example.com "a" not found')
  const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1'
  assert.equal('continue' in (await server.call('GET', path, undefined, { accept })).body.metadata, false)
})

test('a deprecated version names the best one to use instead', () => {
  const spec = {
    ...crd.spec,
    versions: ['v1', 'v2alpha1', 'v2', 'v1beta1'].map((name) => ({
      ...crd.spec.versions[0]!,
      name,
      served: true,
      storage: name === 'v1',
      deprecated: name !== 'v2',
    })),
  }
  assert.deepEqual(
    customKinds({ ...crd, spec }).map(({ deprecation }) => deprecation),
    [
      'stable.example.com/v1 CronTab is deprecated; use stable.example.com/v2 CronTab',
      'stable.example.com/v2alpha1 CronTab is deprecated; use stable.example.com/v2 CronTab',
      undefined,
      'stable.example.com/v1beta1 CronTab is deprecated; use stable.example.com/v2 CronTab',
    ],
  )
})
