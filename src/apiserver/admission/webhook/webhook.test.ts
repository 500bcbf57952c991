import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { mutatingWebhookConfigurations } from '../../../api/admissionregistration/v1/mutating-webhook-configuration.ts'
import { validatingWebhookConfigurations } from '../../../api/admissionregistration/v1/validating-webhook-configuration.ts'
import { horizontalPodAutoscalersV1 } from '../../../api/autoscaling/v1/horizontal-pod-autoscaler.ts'
import { configMaps } from '../../../api/core/v1/config-map.ts'
import { namespaces } from '../../../api/core/v1/namespace.ts'
import { kinds } from '../../../api/kinds.ts'
import type { ConfigMap } from '../../../api/types.generated.ts'
import type { Client } from '../../../client/client.ts'
import { createClient } from '../../../client/create-client.ts'
import { systemClock } from '../../../machinery/clock.ts'
import { silentLogger } from '../../../machinery/log.ts'
import { MetricsRegistry } from '../../../machinery/metrics.ts'
import { systemRandom } from '../../../machinery/random.ts'
import { createMemoryStore } from '../../../store/memory/store.ts'
import type { Store } from '../../../store/store.ts'
import { AuditMetrics } from '../../audit/audit-metrics.ts'
import { createAudit } from '../../audit/audit.ts'
import type { AuditEvent } from '../../audit/event.ts'
import { readAuditPolicy } from '../../audit/read-policy.ts'
import { type Access, createAccess, serverUser } from '../../access.ts'
import { createPki, type Pki } from '../../pki/pki.ts'
import { type ApiServer, createApiServer } from '../../server.ts'

const folder = mkdtempSync(join(tmpdir(), 'skiff-webhook-'))
const common = { clock: systemClock, random: systemRandom, log: silentLogger }
interface Review {
  readonly request: {
    readonly uid: string
    readonly object: ConfigMap
    readonly operation: string
    readonly dryRun: boolean
  }
}
/** 'hang': no answer; other texts are the body. */
type Handler = (review: Review, path: string) => object | number | string | undefined
let pki: Pki
let access: Access
let server: ApiServer
let store: Store
let admin: Client
let hookServer: Server
let port: number
let handle: Handler
let asked: string[]
const audited: AuditEvent[] = []

before(async () => {
  pki = createPki({ folder, clock: systemClock })
  const serving = pki.kubeletServing('hook', ['127.0.0.1'])
  hookServer = createServer({ key: serving.privateKeyPem, cert: serving.certificatePem }, (request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      const path = request.url!.split('?')[0]!
      const review = JSON.parse(body) as Review
      asked.push(`${path} ${review.request.operation}`)
      const answer = handle(review, path)
      if (answer === 'hang') return
      if (typeof answer === 'number')
        return response.writeHead(answer, { location: 'https://127.0.0.1:1/' }).end('broken')
      if (typeof answer === 'string') return response.end(answer)
      response.end(
        JSON.stringify({
          apiVersion: 'admission.k8s.io/v1',
          kind: 'AdmissionReview',
          response: { uid: review.request.uid, allowed: true, ...answer },
        }),
      )
    })
  })
  await new Promise<void>((resolve) => hookServer.listen(0, '127.0.0.1', resolve))
  port = (hookServer.address() as { port: number }).port
  access = createAccess({ pki, ...common })
  store = createMemoryStore()
  const audit = createAudit({
    policy: readAuditPolicy('apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Request}]'),
    sink: { process: (events) => audited.push(...events) > 0, close: () => {} },
    metrics: new AuditMetrics(new MetricsRegistry(), silentLogger),
    ...common,
  })
  server = createApiServer({ ...access.serverOptions, store, kinds, audit, ...common })
  await server.start()
  admin = createClient(server.inProcess(serverUser))
  await access.connect(server.resources, admin)
  await access.bootstrap()
})
after(async () => {
  hookServer.closeAllConnections()
  hookServer.close()
  access.stop()
  await server.stop()
  await store.close()
  await pki.serviceAccountKeys
  rmSync(folder, { recursive: true })
})
beforeEach(async () => {
  asked = []
  handle = () => ({})
  for (const ref of [mutatingWebhookConfigurations, validatingWebhookConfigurations])
    for (const { metadata } of (await admin.list(ref as typeof mutatingWebhookConfigurations)).items)
      await admin.delete(ref, { name: metadata.name! })
})

const webhook = (path: string, more: object = {}) => ({
  name: `${path.slice(1)}.example.com`,
  clientConfig: {
    url: `https://127.0.0.1:${port}${path}`,
    caBundle: Buffer.from(pki.clusterAuthority.certificatePem).toString('base64'),
  },
  rules: [
    { operations: ['CREATE', 'UPDATE', 'DELETE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] },
  ],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  failurePolicy: 'Fail',
  matchPolicy: 'Equivalent',
  namespaceSelector: {},
  objectSelector: {},
  timeoutSeconds: 10,
  ...more,
})
const register = (kind: 'Mutating' | 'Validating', name: string, ...webhooks: object[]) =>
  admin.create(
    (kind === 'Mutating'
      ? mutatingWebhookConfigurations
      : validatingWebhookConfigurations) as typeof mutatingWebhookConfigurations,
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: `${kind}WebhookConfiguration`,
      metadata: { name },
      webhooks: webhooks.map((one) => (kind === 'Mutating' ? { reinvocationPolicy: 'Never', ...one } : one)),
    } as never,
  )
let count = 0
const configMap = (data: Record<string, string> = {}, labels = {}, namespace = 'default'): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: `map-${count++}`, namespace, labels },
  data,
})
const patch = (...operations: object[]) => ({
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
})

test('a validating webhook is asked about what its rules name, and may refuse with its own words', async () => {
  await register('Validating', 'guard', webhook('/guard'))
  handle = ({ request }) =>
    request.object?.data?.bad ? { allowed: false, status: { message: 'too bad', code: 409 } } : {}
  await admin.create(configMaps, configMap())
  await assert.rejects(admin.create(configMaps, configMap({ bad: 'yes' })), {
    code: 409,
    message: 'admission webhook "guard.example.com" denied the request: too bad',
  })
  handle = () => ({ allowed: false })
  await assert.rejects(admin.create(configMaps, configMap()), {
    code: 400,
    message: 'admission webhook "guard.example.com" denied the request without explanation',
  })
  assert.deepEqual(asked, ['/guard CREATE', '/guard CREATE', '/guard CREATE'])
  await admin.list(configMaps)
  assert.equal(asked.length, 3)
})

test('a mutating webhook changes the object; a later one sees the change, an earlier one again if it wants to', async () => {
  handle = ({ request }, path) => {
    const data = request.object.data ?? {}
    if (path === '/first' && data.second !== undefined && data.again === undefined)
      return patch({ op: 'add', path: '/data/again', value: 'yes' })
    if (path === '/first' && data.first === undefined) return patch({ op: 'add', path: '/data/first', value: '1' })
    if (path === '/second' && data.second === undefined)
      return patch({ op: 'add', path: '/data/second', value: `after ${data.first}` })
    return {}
  }
  await register('Mutating', 'a', webhook('/first', { reinvocationPolicy: 'IfNeeded' }))
  await register('Mutating', 'b', webhook('/second'))
  const made = await admin.create(configMaps, configMap({ given: 'x' }))
  assert.deepEqual(made.data, { given: 'x', first: '1', second: 'after 1', again: 'yes' })
  assert.deepEqual(asked, ['/first CREATE', '/second CREATE', '/first CREATE'])
})

test('a webhook that fails is an internal error, or nothing where it may be ignored', async () => {
  await register('Validating', 'broken', webhook('/broken'))
  const refused = (message: RegExp | string) =>
    assert.rejects(admin.create(configMaps, configMap()), { code: 500, message })
  const prefix = 'Internal error occurred: failed calling webhook "broken.example.com": failed to call webhook: '
  handle = () => 500
  await refused(`${prefix}an error on the server ("broken") has prevented the request from succeeding`)
  handle = () => 404
  await refused(`${prefix}the server could not find the requested resource`)
  handle = () => ({ uid: 'other' })
  await refused(/received invalid webhook response: expected response.uid="[^"]+", got "other"$/)
  handle = () => 'no json'
  await refused(/couldn't get version\/kind/)
  await admin.delete(validatingWebhookConfigurations, { name: 'broken' })
  await register('Validating', 'ignored', webhook('/ignored', { failurePolicy: 'Ignore' }))
  handle = () => 500
  await admin.create(configMaps, configMap())
})

test('a slow webhook is given up after its timeout, in Go’s words', async () => {
  await register('Validating', 'slow', webhook('/slow', { timeoutSeconds: 1 }))
  handle = () => 'hang'
  await assert.rejects(admin.create(configMaps, configMap()), {
    message: `Internal error occurred: failed calling webhook "slow.example.com": failed to call webhook: Post "https://127.0.0.1:${port}/slow?timeout=1s": context deadline exceeded`,
  })
})

test('an unknown authority, a wrong port and a missing service are told', async () => {
  const told = async (clientConfig: object, message: RegExp) => {
    await register('Validating', 'told', webhook('/told', { clientConfig }))
    await assert.rejects(admin.create(configMaps, configMap()), { code: 500, message })
    await admin.delete(validatingWebhookConfigurations, { name: 'told' })
  }
  const other = Buffer.from(pki.frontProxyAuthority.certificatePem).toString('base64')
  const own = Buffer.from(pki.clusterAuthority.certificatePem).toString('base64')
  await told({ url: `https://127.0.0.1:${port}/`, caBundle: other }, /x509: certificate signed by unknown authority$/)
  await told({ url: 'https://127.0.0.1:1/', caBundle: own }, /dial tcp 127\.0\.0\.1:1: connect: connection refused$/)
  await told(
    { service: { name: 'gone', namespace: 'default', path: '/x' }, caBundle: own },
    /Post "https:\/\/gone\.default\.svc:443\/x\?timeout=10s": service "gone" not found$/,
  )
})

test('security.md, request forgery through redirect: a webhook’s redirect is not followed (CVE-2020-8561)', async () => {
  await register('Validating', 'redirect', webhook('/redirect'))
  handle = () => 302
  await assert.rejects(admin.create(configMaps, configMap()), /the server responded with the status code 302/)
  assert.equal(asked.length, 1)
})

test('selectors over namespace and object, scope and dry run decide who is asked', async () => {
  await admin.create(namespaces, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'chosen', labels: { watch: 'me' } },
  } as never)
  await register(
    'Validating',
    'selective',
    webhook('/namespace', { namespaceSelector: { matchLabels: { watch: 'me' } } }),
    webhook('/object', { objectSelector: { matchLabels: { look: 'at' } } }),
    webhook('/cluster', {
      rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], scope: 'Cluster' }],
    }),
  )
  await admin.create(configMaps, configMap())
  assert.deepEqual(asked, [])
  const made = await admin.create(configMaps, configMap({}, { look: 'at' }))
  assert.deepEqual(asked, ['/object CREATE'])
  await admin.update(configMaps, { ...made, metadata: { ...made.metadata, labels: {} } })
  assert.deepEqual(asked, ['/object CREATE', '/object UPDATE'])
  asked = []
  await admin.create(configMaps, configMap({}, {}, 'chosen'))
  assert.deepEqual(asked, ['/namespace CREATE'])
  await assert.rejects(register('Mutating', 'effects', webhook('/effects', { sideEffects: 'Some' })), { code: 422 })
})

test('no webhook stands between people and its own registration', async () => {
  const all = [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }]
  await register('Mutating', 'all', webhook('/all', { rules: all }))
  await register('Validating', 'all', webhook('/all', { rules: all }))
  handle = () => ({ allowed: false })
  await admin.delete(validatingWebhookConfigurations, { name: 'all' })
  await admin.delete(mutatingWebhookConfigurations, { name: 'all' })
  assert.deepEqual(asked, [])
})

test('a deletion shows the object that goes', async () => {
  await register('Validating', 'keeper', webhook('/keeper'))
  const made = await admin.create(configMaps, configMap())
  const seen: object[] = []
  handle = ({ request }) => {
    seen.push([request.object, (request as unknown as { oldObject: ConfigMap }).oldObject.metadata.name])
    return { allowed: false, status: { message: 'stays' } }
  }
  await assert.rejects(admin.delete(configMaps, { namespace: 'default', name: made.metadata.name! }), /stays/)
  assert.deepEqual(seen, [[null, made.metadata.name]])
})

test('match conditions spare a webhook what does not concern it; one that fails is for the failure policy', async () => {
  const when = (expression: string, more = {}) => ({ matchConditions: [{ name: 'when', expression }], ...more })
  await register('Validating', 'when', webhook('/when', when("object.data.size == 'big'", { failurePolicy: 'Ignore' })))
  await register('Mutating', 'who', webhook('/who', when("request.userInfo.groups.exists(g, g == 'nobody')")))
  await admin.create(configMaps, configMap({ size: 'small' }))
  assert.deepEqual(asked, [])
  await admin.create(configMaps, configMap({ size: 'big' }))
  assert.deepEqual(asked, ['/when CREATE'])
  await admin.create(configMaps, configMap())
  assert.deepEqual(asked, ['/when CREATE'])
  await register('Mutating', 'who-else', webhook('/who-else', when("object.data['size'] == 'big'")))
  await assert.rejects(admin.create(configMaps, configMap()), {
    code: 403,
    message: /is forbidden: expression 'object.data\['size'\] == 'big'' resulted in error: no such key: (data|size)$/,
  })
})

const autoscaler = {
  apiVersion: 'autoscaling/v1',
  kind: 'HorizontalPodAutoscaler',
  metadata: { namespace: 'default' },
  spec: {
    maxReplicas: 3,
    targetCPUUtilizationPercentage: 50,
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
  },
}
const autoscalerRule = (version: string) => ({
  rules: [{ operations: ['*'], apiGroups: ['autoscaling'], apiVersions: [version], resources: ['*'] }],
})

test('an object is shown in the version of the request, or in the one that the rules name', async () => {
  const seen: unknown[] = []
  handle = ({ request }, path) => {
    const { apiVersion, spec } = request.object as unknown as { apiVersion: string; spec: Record<string, unknown> }
    const { targetCPUUtilizationPercentage, metrics } = spec
    seen.push([path, apiVersion, targetCPUUtilizationPercentage ?? (metrics as object[]).length])
    return {}
  }
  await register('Mutating', 'm', webhook('/m1', autoscalerRule('v1')), webhook('/m2', autoscalerRule('v2')))
  await register('Validating', 'v1', webhook('/v1', autoscalerRule('v1')))
  await admin.create(horizontalPodAutoscalersV1, { ...autoscaler, metadata: { ...autoscaler.metadata, name: 'a' } })
  await admin.delete(validatingWebhookConfigurations, { name: 'v1' })
  await register('Validating', 'v2', webhook('/v2', autoscalerRule('v2')))
  await admin.create(horizontalPodAutoscalersV1, { ...autoscaler, metadata: { ...autoscaler.metadata, name: 'b' } })
  const mutating = [
    ['/m1', 'autoscaling/v1', 50],
    ['/m2', 'autoscaling/v2', 1],
  ]
  assert.deepEqual(seen, [...mutating, ['/v1', 'autoscaling/v1', 50], ...mutating, ['/v2', 'autoscaling/v2', 1]])
})

test('what a webhook makes is read as what clients send is', async () => {
  await register('Mutating', 'm', webhook('/m'))
  const answer = (...operations: object[]) => {
    handle = () => patch(...operations)
    return admin.create(configMaps, configMap({ x: '1' }))
  }
  const made = await answer({ op: 'add', path: '/foo', value: 1 }, { op: 'add', path: '/data/y', value: '2' })
  assert.deepEqual([made.data, 'foo' in made], [{ x: '1', y: '2' }, false])
  await assert.rejects(answer({ op: 'replace', path: '/data', value: 'text' }), {
    code: 500,
    message:
      'Internal error occurred: json: cannot unmarshal string into Go struct field ConfigMap.data of type map[string]string',
  })
  await assert.rejects(answer({ op: 'replace', path: '/kind', value: 'Secret' }), { code: 500 })
  await assert.rejects(answer({ op: 'test', path: '/data/x', value: '2' }), { code: 500 })
})

test('answers that are none are told in upstream’s words', async () => {
  const raw = (body: object) => () => JSON.stringify(body)
  const calls = 'failed to call webhook: '
  const cases: readonly (readonly [Handler, string])[] = [
    [() => '', `${calls}0-length response with status code: 200 and content type: application/json`],
    [
      () => 'garbage',
      `${calls}couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    ],
    [
      raw({ apiVersion: 'v1', kind: 'Pod' }),
      `${calls}no kind "Pod" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"`,
    ],
    [
      raw({ apiVersion: 'admission.k8s.io/v1beta1', kind: 'AdmissionReview' }),
      `${calls}converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown conversion`,
    ],
    [
      raw({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }),
      'received invalid webhook response: webhook response was absent',
    ],
    [
      () => ({ patchType: 'JSONPatch', patch: Buffer.from('{').toString('base64') }),
      'received undecodable patch in webhook response: unexpected end of JSON input',
    ],
    [
      () => ({ patchType: 'JSONPatch', patch: Buffer.from('{}').toString('base64') }),
      'received undecodable patch in webhook response: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    ],
    [
      () => ({ patchType: 'JSONPatch' }),
      'received invalid webhook response: webhook returned response.patchType but not response.patch',
    ],
    [() => ({ ...patch({}), patchType: 'Merge' }), 'unsupported patch type "Merge"'],
  ]
  await register('Mutating', 'm', webhook('/m'))
  for (const [answer, why] of cases) {
    handle = answer
    await assert.rejects(admin.create(configMaps, configMap()), {
      code: 500,
      message: `Internal error occurred: failed calling webhook "m.example.com": ${why}`,
    })
  }
})

test('the options of a request are shown, without force; of a collection that goes no name is', async () => {
  const requests: (Review['request'] & { readonly name?: string; readonly options: object })[] = []
  handle = ({ request }) => {
    requests.push(request as (typeof requests)[number])
    return {}
  }
  await register('Validating', 'v', webhook('/v'))
  const map = configMap({}, { gone: 'soon' })
  const options = { fieldManager: 'me', force: true }
  await admin.patch(configMaps, { namespace: 'default', name: map.metadata.name! }, 'apply', map, options)
  await admin.deleteCollection(configMaps, { namespace: 'default', labelSelector: 'gone=soon' })
  assert.deepEqual(
    requests.map(({ operation, name, options: shown }) => [operation, name, shown]),
    [
      ['CREATE', map.metadata.name, { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'me' }],
      ['DELETE', undefined, { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1' }],
    ],
  )
})

test('warnings of webhooks reach who asked, but those that would break a header', async () => {
  await register('Validating', 'v', webhook('/v'))
  handle = () => ({ warnings: ['careful', 'two\nlines', 'a "quote"'] })
  const { headers } = await admin.transport.request({
    method: 'POST',
    path: '/api/v1/namespaces/default/configmaps',
    body: configMap(),
  })
  assert.equal(headers['warning'], '299 - "careful", 299 - "a \\"quote\\""')
})

test('the audit log tells which webhooks changed what, and which were left out', async () => {
  await register('Mutating', 'm', webhook('/m'), webhook('/open', { failurePolicy: 'Ignore' }))
  await register('Validating', 'v', webhook('/open', { failurePolicy: 'Ignore' }), webhook('/v'))
  const operation = { op: 'add', path: '/data/y', value: '2' }
  handle = (_, path) => {
    if (path === '/open') return 500
    return path === '/m' ? patch(operation) : { auditAnnotations: { seen: 'yes' } }
  }
  await admin.create(configMaps, configMap({ x: '1' }))
  const annotations = Object.entries(audited.at(-1)?.annotations ?? {}).filter(
    ([key]) => !key.startsWith('authorization'),
  )
  const mutation = (webhookName: string, mutated: boolean) =>
    JSON.stringify({ configuration: 'm', webhook: webhookName, mutated })
  const patched = { configuration: 'm', webhook: 'm.example.com', patch: [operation], patchType: 'JSONPatch' }
  assert.deepEqual(Object.fromEntries(annotations), {
    'mutation.webhook.admission.k8s.io/round_0_index_0': mutation('m.example.com', true),
    'patch.webhook.admission.k8s.io/round_0_index_0': JSON.stringify(patched),
    'mutation.webhook.admission.k8s.io/round_0_index_1': mutation('open.example.com', false),
    'failed-open.mutation.webhook.admission.k8s.io/round_0_index_1': 'open.example.com',
    'failed-open.validating.webhook.admission.k8s.io/round_0_index_0': 'open.example.com',
    'v.example.com/seen': 'yes',
  })
})
