import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openServer } from '../open-server.fixture.ts'

/** What upstream’s storage makes of an object on its way through protobuf and defaults; found by `npm run differential`. */
const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] } }
type Made = { readonly [member: string]: unknown } & { readonly metadata: Record<string, never> }

const messageOf = ({ body }: { readonly body: unknown }) => String((body as { readonly message?: unknown }).message)

test('a job without labels has those that its template was given', async () => {
  await using open = await openServer()
  const path = '/apis/batch/v1/namespaces/default/jobs'
  for (const query of [{ dryRun: 'All' }, undefined]) {
    const { body } = await open.call('POST', path, { metadata: { name: 'a' }, spec: { template } }, { query })
    const { labels, uid } = (body as unknown as Made).metadata
    assert.deepEqual(labels, {
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': 'a',
      'controller-uid': uid,
      'job-name': 'a',
    })
  }
})

test('an empty list that is always written comes back as null', async () => {
  await using open = await openServer()
  const path = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices'
  const { body } = await open.call('POST', path, { metadata: { name: 'a' }, addressType: 'IPv4', endpoints: [] })
  assert.equal((body as unknown as Made)['endpoints'], null)
})

test('a limit range without a name gets one', async () => {
  await using open = await openServer()
  const { status, body } = await open.call('POST', '/api/v1/namespaces/default/limitranges', { metadata: {} })
  assert.equal(status, 201)
  assert.equal((body as unknown as Made).metadata['name'], (body as unknown as Made).metadata['uid'])
})

test('the template generation of a daemon set is its maker’s from the start', async () => {
  await using open = await openServer()
  const labels = { a: 'b' }
  const spec = {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: template.spec.containers } },
  }
  const path = '/apis/apps/v1/namespaces/default/daemonsets'
  const { body } = await open.call('POST', path, { metadata: { name: 'a' }, spec })
  const [entry] = (body as unknown as Made).metadata['managedFields'] as unknown as { fieldsV1: object }[]
  assert.deepEqual((entry!.fieldsV1 as Record<string, unknown>)['f:metadata'], {
    'f:annotations': { '.': {}, 'f:deprecated.daemonset.template.generation': {} },
  })
})

test('events are gone at once, whatever is to become of dependents', async () => {
  await using open = await openServer()
  const path = '/api/v1/namespaces/default/events'
  await open.call('POST', path, { metadata: { name: 'e' }, involvedObject: { namespace: 'default' } })
  const { status } = await open.call('DELETE', `${path}/e`, { propagationPolicy: 'Orphan' })
  assert.equal(status, 200)
  assert.equal((await open.call('GET', `${path}/e`)).status, 404)
})

test('a dry run keeps the version that came with the object, which a create refuses', async () => {
  await using open = await openServer()
  const path = '/api/v1/namespaces/default/configmaps'
  const object = { metadata: { name: 'a', resourceVersion: '5' } }
  const dry = await open.call('POST', path, object, { query: { dryRun: 'All' } })
  assert.equal((dry.body as unknown as Made).metadata['resourceVersion'], '5')
  assert.equal((await open.call('POST', path, object)).status, 500)
})

test('what a client said to be empty is refused as such, and not stored', async () => {
  await using open = await openServer()
  const path = '/api/v1/namespaces/default/resourcequotas'
  const quota = (scopes?: readonly string[]) => ({ metadata: { name: 'a' }, spec: { scopes, hard: { pods: '1' } } })
  await open.call('POST', path, quota(['Terminating']))
  const refused = await open.call('PUT', `${path}/a`, quota([]))
  assert.match(messageOf(refused), /spec\.scopes: Invalid value: \[\]: field is immutable/)
  const unset = await open.call('PUT', `${path}/a`, quota())
  assert.match(messageOf(unset), /spec\.scopes: Invalid value: null: field is immutable/)
  const { body } = await open.call('POST', '/api/v1/namespaces/default/configmaps', {
    metadata: { name: 'a' },
    data: {},
  })
  assert.ok(!('data' in (body as object)))
})

test('policies of an autoscaler that are empty are not defaulted', async () => {
  await using open = await openServer()
  const path = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers'
  const scaler = (scaleUp: object) => ({
    metadata: { name: 'a' },
    spec: {
      maxReplicas: 2,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' },
      behavior: { scaleUp },
    },
  })
  const refused = await open.call('POST', path, scaler({ policies: [] }))
  assert.match(messageOf(refused), /scaleUp\.policies: Required value: must specify at least/)
  assert.equal((await open.call('POST', path, scaler({}))).status, 201)
})

test('a node that says it has nothing allocatable has its capacity once that was stored', async () => {
  await using open = await openServer()
  const node = (allocatable: object) => ({
    metadata: { name: 'a', labels: { a: 'b' } },
    status: { capacity: { cpu: '2' }, allocatable },
  })
  await open.call('POST', '/api/v1/nodes', node({ cpu: '1' }))
  const { body } = await open.call('PUT', '/api/v1/nodes/a/status', node({}))
  const { status, metadata } = body as unknown as { status: object; metadata: { managedFields: readonly unknown[] } }
  assert.deepEqual((status as Readonly<Record<string, unknown>>)['allocatable'], { cpu: '2' })
  assert.equal(metadata.managedFields.length, 1)
})

test('endpoints that are none and empty ones are the same generation', async () => {
  await using open = await openServer()
  const path = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices'
  const slice = (endpoints?: readonly []) => ({ metadata: { name: 'a' }, addressType: 'IPv4', endpoints })
  await open.call('POST', path, slice())
  const { body } = await open.call('PUT', `${path}/a`, slice([]))
  assert.equal((body as unknown as Made).metadata['generation'], 1)
})
