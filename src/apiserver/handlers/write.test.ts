import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { configMap, configMapsPath, openServer, pod, podsPath, type Body } from '../open-server.fixture.ts'

const merge = { contentType: 'application/merge-patch+json' }
const messageOf = (body: Body) => (body as unknown as { message: string }).message
const dataOf = (body: Body) => (body as unknown as { data?: Record<string, string> }).data
const deploymentsPath = '/apis/apps/v1/namespaces/default/deployments'
const deployment = (name: string, replicas = 1) => ({
  kind: 'Deployment',
  apiVersion: 'apps/v1',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'main', image: 'nginx' }] },
    },
  },
})

test('the server sets what only it may set', async () => {
  await using open = await openServer()
  const sent = configMap('a', {
    uid: 'mine',
    creationTimestamp: '2001-01-01T00:00:00Z',
    deletionTimestamp: '2001-01-01T00:00:00Z',
  })
  const { status, body } = await open.call('POST', configMapsPath, sent)
  assert.equal(status, 201)
  const { metadata } = body
  assert.match(metadata.uid!, /^[0-9a-f-]{36}$/)
  assert.notEqual(metadata.creationTimestamp, '2001-01-01T00:00:00Z')
  assert.equal(metadata.deletionTimestamp, undefined)
  assert.equal(metadata.namespace, 'default')
  assert.equal(metadata.resourceVersion, String(await open.store.revision()))
})

test('a taken name is refused, a generated one is tried again', async () => {
  await using open = await openServer()
  await open.call('POST', configMapsPath, configMap('a'))
  const { status, body } = await open.call('POST', configMapsPath, configMap('a'))
  assert.deepEqual([status, messageOf(body)], [409, 'configmaps "a" already exists'])
  const made = await open.call('POST', configMapsPath, { metadata: { generateName: 'gen-' } })
  assert.match(made.body.metadata.name!, /^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
})

test('a namespace in the body must be that of the path', async () => {
  await using open = await openServer()
  const { status, body } = await open.call('POST', configMapsPath, configMap('a', { namespace: 'other' }))
  assert.deepEqual(
    [status, messageOf(body)],
    [400, 'the namespace of the provided object does not match the namespace sent on the request'],
  )
})

test('names are checked in upstream’s words', async () => {
  await using open = await openServer()
  const { status, body } = await open.call('POST', configMapsPath, configMap('A_b'))
  assert.equal(status, 422)
  assert.match(
    messageOf(body),
    /^ConfigMap "A_b" is invalid: metadata.name: Invalid value: "A_b": a lowercase RFC 1123 subdomain must consist of/,
  )
})

test('a dry run answers like a run, and leaves nothing', async () => {
  await using open = await openServer()
  const before = await open.store.revision()
  const { status, body } = await open.call('POST', configMapsPath, configMap('a'), { query: { dryRun: 'All' } })
  assert.equal(status, 201)
  assert.ok(body.metadata.uid)
  assert.equal(body.metadata.resourceVersion, undefined)
  assert.equal(await open.store.revision(), before)
  const refused = await open.call('POST', configMapsPath, configMap('a'), { query: { dryRun: 'Some' } })
  assert.equal(refused.status, 422)
})

test('unknown fields warn, are ignored, or refuse, as the client wishes', async () => {
  await using open = await openServer()
  const body = JSON.stringify({ ...configMap('a'), foo: 1, metadata: { name: 'a', bar: 2 } })
  const send = (fieldValidation: string) =>
    open.call('POST', configMapsPath, body, { query: { fieldValidation, dryRun: 'All' } })
  assert.match((await send('')).warnings, /unknown field \\"foo\\"/)
  assert.equal((await send('Ignore')).warnings, '')
  const strict = await send('Strict')
  assert.deepEqual(
    [strict.status, messageOf(strict.body)],
    [
      400,
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "metadata.bar", unknown field "foo"',
    ],
  )
})

test('a body of another kind or version is refused', async () => {
  await using open = await openServer()
  const refused = async (object: object) => messageOf((await open.call('POST', configMapsPath, object)).body)
  assert.equal(
    await refused({ kind: 'Pod', apiVersion: 'v1', metadata: { name: 'a' } }),
    'Pod in version "v1" cannot be handled as a ConfigMap: converting (v1.Pod) to (core.ConfigMap): unknown conversion',
  )
  assert.match(
    await refused({ kind: 'ConfigMap', apiVersion: 'v2' }),
    /no kind "ConfigMap" is registered for version "v2"/,
  )
})

test('an update needs the newest version, or none at all', async () => {
  await using open = await openServer()
  const { body: made } = await open.call('POST', configMapsPath, configMap('a'))
  const put = (object: object) => open.call('PUT', `${configMapsPath}/a`, object)
  const first = await put({ ...made, data: { x: '1' } })
  assert.equal(first.status, 200)
  const stale = await put({ ...made, data: { x: '2' } })
  assert.deepEqual(
    [stale.status, messageOf(stale.body)],
    [
      409,
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    ],
  )
  const unconditional = await put(configMap('a', {}, { x: '3' }))
  assert.deepEqual([unconditional.status, dataOf(unconditional.body)], [200, { x: '3' }])
  assert.equal(unconditional.body.metadata.uid, made.metadata.uid)
})

test('an update that changes nothing writes nothing', async () => {
  await using open = await openServer()
  const { body: made } = await open.call('POST', configMapsPath, configMap('a', {}, { x: 'y' }))
  const again = await open.call('PUT', `${configMapsPath}/a`, made)
  assert.equal(again.body.metadata.resourceVersion, made.metadata.resourceVersion)
  const patched = await open.call('PATCH', `${configMapsPath}/a`, { data: { x: 'y' } }, merge)
  assert.equal(patched.body.metadata.resourceVersion, made.metadata.resourceVersion)
})

test('an update of what is not there is not found, or of another object’s uid a conflict', async () => {
  await using open = await openServer()
  const missing = await open.call('PUT', `${configMapsPath}/a`, configMap('a'))
  assert.deepEqual([missing.status, messageOf(missing.body)], [404, 'configmaps "a" not found'])
  await open.call('POST', configMapsPath, configMap('a'))
  const other = await open.call(
    'PUT',
    `${configMapsPath}/a`,
    configMap('a', { uid: '00000000-0000-0000-0000-000000000000' }),
  )
  assert.equal(other.status, 409)
  assert.match(messageOf(other.body), /Precondition failed: UID in precondition: 0000/)
  const renamed = await open.call('PUT', `${configMapsPath}/a`, configMap('b'))
  assert.deepEqual(
    [renamed.status, messageOf(renamed.body)],
    [400, 'the name of the object (b) does not match the name on the URL (a)'],
  )
})

test('the generation counts changes of spec, not of metadata or status', async () => {
  await using open = await openServer()
  await open.call('POST', deploymentsPath, deployment('a'))
  const generation = async (path: string, patch: object) =>
    (await open.call('PATCH', `${deploymentsPath}/a${path}`, patch, merge)).body.metadata.generation
  assert.equal(await generation('', { metadata: { labels: { x: 'y' } } }), 1)
  assert.equal(await generation('', { spec: { replicas: 2 } }), 2)
  assert.equal(await generation('/status', { status: { replicas: 2 } }), 2)
})

test('status and the rest are written by their own doors', async () => {
  await using open = await openServer()
  await open.call('POST', deploymentsPath, { ...deployment('a'), status: { replicas: 7 } })
  const statusOf = (body: Body) => body as unknown as { status: { replicas?: number }; spec: { replicas: number } }
  const main = await open.call('PATCH', `${deploymentsPath}/a`, { status: { replicas: 8 } }, merge)
  assert.equal(statusOf(main.body).status.replicas, undefined)
  const status = await open.call(
    'PATCH',
    `${deploymentsPath}/a/status`,
    { spec: { replicas: 9 }, status: { replicas: 3 } },
    merge,
  )
  assert.deepEqual([statusOf(status.body).status.replicas, statusOf(status.body).spec.replicas], [3, 1])
})

test('all four kinds of patch change what they say', async () => {
  await using open = await openServer()
  await open.call('POST', podsPath, pod('a'))
  const patch = async (contentType: string, body: unknown) =>
    (
      await open.call('PATCH', `${podsPath}/a`, body, {
        contentType,
        query: contentType.includes('apply') ? { fieldManager: 'me' } : {},
      })
    ).body
  const merged = await patch('application/merge-patch+json', { metadata: { labels: { a: '1' } } })
  assert.deepEqual(merged.metadata.labels, { a: '1' })
  const json = await patch('application/json-patch+json', [{ op: 'add', path: '/metadata/labels/b', value: '2' }])
  assert.deepEqual(json.metadata.labels, { a: '1', b: '2' })
  const strategic = await patch('application/strategic-merge-patch+json', {
    spec: { containers: [{ name: 'main', image: 'other' }] },
  })
  const { containers } = (strategic as unknown as { spec: { containers: { name: string; image: string }[] } }).spec
  assert.deepEqual(
    containers.map(({ name, image }) => [name, image]),
    [['main', 'other']],
  )
  const applied = await patch(
    'application/apply-patch+yaml',
    'apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {c: "3"}}\n',
  )
  assert.deepEqual(applied.metadata.labels, { a: '1', b: '2', c: '3' })
  assert.ok(applied.metadata.managedFields?.some(({ manager, operation }) => manager === 'me' && operation === 'Apply'))
  const unknown = await open.call('PATCH', `${podsPath}/a`, {}, { contentType: 'application/json' })
  assert.equal(unknown.status, 415)
  assert.equal(messageOf(unknown.body), '415: Unsupported Media Type')
})

test('of what is not there a patch says so, before it is looked at', async () => {
  await using open = await openServer()
  for (const [type, patch] of [
    ['merge-patch+json', []],
    ['strategic-merge-patch+json', [1]],
    ['json-patch+json', {}],
  ] as const) {
    const { status } = await open.call('PATCH', `${configMapsPath}/none`, patch, { contentType: `application/${type}` })
    assert.equal(status, 404, type)
  }
})

test('what is not there does not come to be through another door', async () => {
  await using open = await openServer()
  const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'none' }, status: { replicas: 1 } }
  const { status } = await open.call('PATCH', `${deploymentsPath}/none/status`, body, {
    contentType: 'application/apply-patch+yaml',
    query: { fieldManager: 'me' },
  })
  assert.equal(status, 404)
})

test('apply creates what is not there, and refuses what others manage', async () => {
  await using open = await openServer()
  const apply = (fieldManager: string, value: string, force = false) =>
    open.call(
      'PATCH',
      `${configMapsPath}/a`,
      `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"${value}"}}`,
      {
        contentType: 'application/apply-patch+yaml',
        query: { fieldManager, force: String(force) },
      },
    )
  assert.equal((await apply('one', '1')).status, 201)
  const conflict = await apply('two', '2')
  assert.deepEqual(
    [conflict.status, messageOf(conflict.body)],
    [409, 'Apply failed with 1 conflict: conflict with "one": .data.x'],
  )
  assert.deepEqual(dataOf((await apply('two', '2', true)).body), { x: '2' })
})

test('writers that race with patches of one object all get through', async () => {
  await using open = await openServer()
  await open.call('POST', configMapsPath, configMap('a'))
  const all = Array.from({ length: 30 }, (_, i) =>
    open.call('PATCH', `${configMapsPath}/a`, { data: { [`k${i}`]: 'v' } }, merge),
  )
  for (const { status } of await Promise.all(all)) assert.equal(status, 200)
  const { body } = await open.call('GET', `${configMapsPath}/a`)
  assert.equal(Object.keys(dataOf(body)!).length, 30)
})

test('owner references that come twice are kept once, with a warning', async () => {
  await using open = await openServer()
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }
  const { body, warnings } = await open.call(
    'POST',
    configMapsPath,
    configMap('a', { ownerReferences: [owner, owner] }),
  )
  assert.equal(body.metadata.ownerReferences!.length, 1)
  assert.match(warnings, /ownerReferences contains duplicate entries/)
})

test('admission changes the draft, sees the stored object, and has the last word', async () => {
  const seen: string[] = []
  await using open = await openServer({
    admission: [
      {
        name: 'test',
        handles: (operation) => operation !== 'CONNECT',
        mutate({ operation, object, oldObject, resource }) {
          if (resource.resource !== 'configmaps') return
          seen.push(`${operation} ${oldObject?.metadata.name ?? '-'}`)
          if (object !== undefined) object.metadata.annotations = { seen: operation }
        },
        validate({ object }) {
          if ((object as KubeObject & { data?: { bad?: string } })?.data?.bad) throw new Error('no')
        },
      },
    ],
  })
  const { body } = await open.call('POST', configMapsPath, configMap('a'))
  assert.deepEqual(body.metadata.annotations, { seen: 'CREATE' })
  const updated = await open.call('PATCH', `${configMapsPath}/a`, { data: { x: 'y' } }, merge)
  assert.deepEqual(updated.body.metadata.annotations, { seen: 'UPDATE' })
  await open.call('DELETE', `${configMapsPath}/a`)
  assert.deepEqual(seen, ['CREATE -', 'UPDATE a', 'DELETE a'])
  assert.equal((await open.call('POST', configMapsPath, configMap('b', {}, { bad: 'yes' }))).status, 500)
  assert.equal((await open.call('GET', `${configMapsPath}/b`)).status, 404)
})

test('a patch that reaches nothing of a free-form part keeps the order of its members', async () => {
  await using open = await openServer()
  const path = '/apis/apps/v1/namespaces/default/controllerrevisions'
  const data = { z: { b: 1, a: 2 }, y: [1] }
  const revision = { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: { name: 'a' }, data, revision: 1 }
  await open.call('POST', path, revision)
  const merged = await open.call('PATCH', `${path}/a`, { unknown: 1 }, { contentType: 'application/merge-patch+json' })
  const applied = await open.call('PATCH', `${path}/a`, revision, {
    contentType: 'application/apply-patch+yaml',
    query: { fieldManager: 'me' },
  })
  for (const { status, body } of [merged, applied]) {
    assert.equal(status, 200)
    assert.equal(JSON.stringify((body as unknown as { data: object }).data), JSON.stringify(data))
  }
})
