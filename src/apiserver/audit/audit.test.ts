import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../../api/core/v1/config-map.ts'
import { secrets } from '../../api/core/v1/secret.ts'
import { kinds } from '../../api/kinds.ts'
import type { UserInfo } from '../../api/user.ts'
import { createClient } from '../../client/create-client.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import { unauthorized } from '../../machinery/errors.ts'
import { silentLogger } from '../../machinery/log.ts'
import { MetricsRegistry } from '../../machinery/metrics.ts'
import { systemRandom } from '../../machinery/random.ts'
import { createMemoryStore } from '../../store/memory/store.ts'
import { parseTarget } from '../routing/path.ts'
import { Query } from '../routing/query.ts'
import { createApiServer } from '../server.ts'
import { createAudit } from './audit.ts'
import { AuditMetrics } from './audit-metrics.ts'
import type { AuditEvent, Kept } from './event.ts'
import { auditingOf } from './policy.ts'
import { readAuditPolicy } from './read-policy.ts'

const policyOf = (text: string) => readAuditPolicy(`apiVersion: audit.k8s.io/v1\nkind: Policy\n${text}`)
const asked = {
  verb: 'get',
  resourceRequest: true,
  namespace: 'default',
  apiGroup: '',
  resource: 'pods',
  subresource: '',
  name: 'p',
  path: '/api/v1/namespaces/default/pods/p',
}
const joe: UserInfo = { name: 'joe', groups: ['devs'] }

test('the first rule that matches decides how much is told', () => {
  const policy = policyOf(`
omitStages: [RequestReceived]
rules:
- {level: None, users: ["system:kube-proxy"], verbs: [watch]}
- {level: Metadata, resources: [{group: "", resources: [secrets, pods/log]}]}
- {level: Request, userGroups: [devs], namespaces: [default], omitStages: [ResponseStarted]}
- {level: RequestResponse, resources: [{group: apps, resources: [deployments], resourceNames: [web]}], omitManagedFields: true}
- {level: None, nonResourceURLs: ["/healthz*", "/version"]}
- {level: Metadata, nonResourceURLs: ["*"]}
`)
  const level = (more: object, user: UserInfo | null = joe) =>
    auditingOf(policy, { ...asked, ...more }, user ?? undefined).level
  assert.equal(level({}), 'Request')
  assert.deepEqual([...auditingOf(policy, asked, joe).omitStages], ['RequestReceived', 'ResponseStarted'])
  assert.equal(level({ subresource: 'log' }), 'Metadata')
  assert.equal(level({ resource: 'secrets' }, null), 'Metadata')
  assert.equal(level({}, null), 'None')
  assert.equal(level({ verb: 'watch', resource: 'secrets' }, { name: 'system:kube-proxy', groups: [] }), 'None')
  const web = { apiGroup: 'apps', resource: 'deployments', namespace: 'x' }
  assert.equal(level({ ...web, name: 'web' }), 'RequestResponse')
  assert.equal(level({ ...web, name: 'other' }), 'None')
  const path = (text: string) => level({ resourceRequest: false, path: text, resource: '', namespace: '' })
  assert.deepEqual([path('/healthz/ping'), path('/version'), path('/metrics')], ['None', 'None', 'Metadata'])
})

test('a policy that is none is refused with upstream’s words', () => {
  assert.throws(() => readAuditPolicy('kind: Policy'), /unknown group version field undefined, Kind=Policy in policy/)
  assert.throws(() => policyOf('rules: []'), /loaded illegal policy with 0 rules/)
  assert.throws(
    () => policyOf('rules:\n- {level: All}\n- {level: None, nonResourceURLs: ["/a*b"], namespaces: [x]}'),
    /rules\[0\].level: Unsupported value: "All": supported values: "None", "Metadata", "Request", "RequestResponse", rules\[1\].nonResourceURLs\[0\]: Invalid value: "\/a\*b": non-resource URL wildcards '\*' must be the final character of the rule, .*rules cannot apply to both regular resources and non-resource URLs/,
  )
})

async function served(policy: string, keeps: Kept | (() => Kept) = true) {
  const clock = new VirtualClock()
  const events: AuditEvent[] = []
  const sink = {
    process(batch: readonly AuditEvent[]) {
      events.push(...JSON.parse(JSON.stringify(batch)))
      return typeof keeps === 'function' ? keeps() : keeps
    },
    close: () => {},
  }
  const metrics = new MetricsRegistry()
  const store = createMemoryStore({ clock })
  const server = createApiServer({
    store,
    kinds,
    clock,
    random: systemRandom,
    log: silentLogger,
    authentication: { authenticate: () => Promise.reject(unauthorized()) },
    authorizer: {
      authorize: ({ verb }) => ({
        decision: verb === 'delete' ? 'noOpinion' : 'allow',
        reason: verb === 'delete' ? 'no rule' : 'because',
      }),
    },
    admission: [
      {
        name: 'Telling',
        handles: () => true,
        mutate(attributes) {
          attributes.annotate('telling.example.com/seen', attributes.operation)
          if (attributes.name === 'faulty') (undefined as unknown as string).trim()
        },
      },
    ],
    metrics,
    audit: createAudit({
      policy: policyOf(policy),
      sink,
      metrics: new AuditMetrics(metrics, silentLogger),
      clock,
      random: systemRandom,
    }),
  })
  await server.start()
  const stop = async () => {
    await server.stop()
    await store.close()
  }
  return { server, client: createClient(server.inProcess(joe, 'tests/1')), events, metrics, stop }
}
const configMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c', namespace: 'default', managedFields: [] },
  data: { a: 'b' },
}

test('events tell who asked for what, and what came of it', async () => {
  const { client, events, stop } = await served(`
rules:
- {level: Metadata, resources: [{group: "", resources: [secrets]}]}
- {level: RequestResponse, omitManagedFields: true}`)
  await client.create(configMaps, configMap)
  const [received, complete] = events
  assert.equal(received!.stage, 'RequestReceived')
  assert.equal(received!.responseStatus, undefined)
  const { auditID, responseObject, ...rest } = complete!
  assert.equal(auditID, received!.auditID)
  assert.equal((responseObject as typeof configMap).metadata.managedFields, undefined)
  assert.equal((responseObject as typeof configMap).data.a, 'b')
  const metadata = { name: 'c', namespace: 'default' }
  assert.deepEqual(rest, {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'RequestResponse',
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/default/configmaps',
    verb: 'create',
    user: { username: 'joe', groups: ['devs'] },
    userAgent: 'tests/1',
    objectRef: { resource: 'configmaps', namespace: 'default', name: 'c', apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 201 },
    requestObject: { ...configMap, metadata },
    requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
    stageTimestamp: '2026-01-01T00:00:00.000000Z',
    annotations: {
      'authorization.k8s.io/decision': 'allow',
      'authorization.k8s.io/reason': 'because',
      'telling.example.com/seen': 'CREATE',
    },
  })

  events.length = 0
  await assert.rejects(client.delete(configMaps, { namespace: 'default', name: 'c' }), { code: 403 })
  const refused = events.at(-1)!
  assert.equal(refused.responseStatus?.code, 403)
  assert.equal(refused.responseStatus?.reason, 'Forbidden')
  assert.equal(refused.annotations?.['authorization.k8s.io/decision'], 'forbid')

  events.length = 0
  await client.patch(configMaps, { namespace: 'default', name: 'c' }, 'merge', { data: { a: 'c' } })
  assert.deepEqual(events.at(-1)!.requestObject, { data: { a: 'c' } })
  await stop()
})

test('security.md, secrets in logs: what a secret holds is not told at the level Metadata', async () => {
  const { client, events, stop } = await served('rules:\n- level: Metadata')
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' } }
  await client.create(secrets, { ...secret, stringData: { password: 'hunter2' } })
  await client.get(secrets, { namespace: 'default', name: 's' })
  assert.equal(events.length, 4)
  const text = JSON.stringify(events)
  assert.doesNotMatch(text, /hunter2|aHVudGVyMg/)
  await stop()
})

test('credentials that do not hold are told of, with where they came from', async () => {
  const { server, events, stop } = await served('rules:\n- level: Metadata')
  const { answer } = await server.pipeline.handle(
    {
      method: 'GET',
      ...parseTarget('/version'),
      query: Query.parse('verbose=1'),
      headers: { 'x-forwarded-for': '192.0.2.7, not-an-address', 'user-agent': 'x'.repeat(2000) },
      remoteAddress: '198.51.100.9',
      body: () => ({ type: 'bytes', bytes: Buffer.of() }),
      signal: new AbortController().signal,
    },
    undefined,
    'the-id',
  )
  assert.equal('code' in answer && answer.code, 401)
  assert.equal(events.length, 1)
  const [event] = events
  assert.deepEqual(
    [event!.auditID, event!.stage, event!.requestURI],
    ['the-id', 'ResponseStarted', '/version?verbose=1'],
  )
  assert.deepEqual([event!.user, event!.sourceIPs], [{}, ['192.0.2.7', '198.51.100.9']])
  assert.equal(event!.responseStatus?.message, 'Unauthorized')
  assert.equal(event!.userAgent, `${'x'.repeat(1024)}...TRUNCATED`)
  await stop()
})

test('a watch is told of when it starts and when it ends', async () => {
  const { client, events, stop } = await served('rules:\n- level: Metadata')
  const gone = new AbortController()
  const watching = await client.transport.watch({
    method: 'GET',
    path: '/api/v1/namespaces/default/configmaps',
    signal: gone.signal,
  })
  assert.deepEqual(
    events.map(({ stage }) => stage),
    ['RequestReceived', 'ResponseStarted'],
  )
  gone.abort()
  for await (const _ of watching) break
  assert.deepEqual(
    events.slice(2).map(({ stage, verb }) => `${stage} ${verb}`),
    ['ResponseComplete watch'],
  )
  await stop()
})

test('where events must be kept and cannot be, the request is refused before anything happens', async () => {
  const { client, metrics, stop } = await served('rules:\n- level: Metadata', false)
  await assert.rejects(client.create(configMaps, configMap), {
    code: 500,
    message: 'Internal error occurred: failed to store audit event',
  })
  assert.match(metrics.text(), /^apiserver_audit_requests_rejected_total 1$/m)
  assert.match(metrics.text(), /^apiserver_audit_level_total\{level="Metadata"\} 1$/m)
  await stop()
})

test('where requests wait for the backend, none is answered before what is told of it is kept', async () => {
  const waiting: ((kept: boolean) => void)[] = []
  const { client, events, stop } = await served(
    'rules:\n- level: Metadata',
    () => new Promise<boolean>((resolve) => waiting.push(resolve)),
  )
  let done = false
  const creating = client.create(configMaps, configMap).then(() => {
    done = true
  })
  const round = () => new Promise((resolve) => setImmediate(resolve))
  while (events.length < 1) await round()
  for (let index = 0; index < 5; index++) await round()
  // Nothing has happened yet.
  assert.equal(events.length, 1)
  waiting.shift()!(true)
  while (events.length < 2) await round()
  for (let index = 0; index < 5; index++) await round()
  assert.deepEqual([events[1]!.stage, done], ['ResponseComplete', false])
  // Too late to refuse.
  waiting.shift()!(false)
  await creating
  const refused = client.get(configMaps, { namespace: 'default', name: 'c' })
  while (waiting.length === 0) await round()
  waiting.shift()!(false)
  await assert.rejects(refused, { message: 'Internal error occurred: failed to store audit event' })
  await stop()
})

test('a fault of the server itself is told at the stage Panic, and nothing after it', async () => {
  const { client, events, stop } = await served('rules:\n- level: Metadata')
  const faulty = { ...configMap, metadata: { ...configMap.metadata, name: 'faulty' } }
  await assert.rejects(client.create(configMaps, faulty), { code: 500 })
  assert.deepEqual(
    events.map(({ stage }) => stage),
    ['RequestReceived', 'Panic'],
  )
  const { status, reason, code, message } = events[1]!.responseStatus!
  assert.deepEqual([status, reason, code], ['Failure', 'InternalError', 500])
  assert.match(message!, /^APIServer panic'd: Cannot read properties of undefined/)
  await stop()
})
