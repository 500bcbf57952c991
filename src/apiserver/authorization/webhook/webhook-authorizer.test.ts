import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type Clock, systemClock } from '../../../machinery/clock.ts'
import { type Logger, silentLogger } from '../../../machinery/log.ts'
import { MetricsRegistry } from '../../../machinery/metrics.ts'
import { seededRandom } from '../../../machinery/random.ts'
import { openService, type TestService } from '../../webhook/service.fixture.ts'
import type { AuthorizationAttributes, Authorizer } from '../authorizer.ts'
import { configureAuthorization } from '../configure-authorization.ts'

let laterMs = 0
const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + laterMs }
let told: (text: string) => void = () => {}
const log: Logger = {
  ...silentLogger,
  child: () => log,
  info: (message) => told(message),
  error: (_message, fields) => told(String(fields?.['why'])),
}

const attributes: AuthorizationAttributes = {
  user: { name: 'jane', groups: ['dev'], uid: 'u', extra: { k: ['v'] } },
  verb: 'list',
  resourceRequest: true,
  namespace: 'shop',
  apiGroup: 'apps',
  apiVersion: 'v1',
  resource: 'deployments',
  subresource: '',
  name: '',
  path: '/apis/apps/v1/namespaces/shop/deployments',
  labelSelector: [{ key: 'app', operator: 'in', values: ['web'] }],
  fieldSelector: [{ key: 'metadata.name', operator: '=', values: ['x'] }],
}
const rbac: Authorizer = {
  authorize: ({ verb }) => ({ decision: verb === 'get' ? 'allow' : 'noOpinion', reason: verb === 'get' ? 'role' : '' }),
  rulesFor: async () => ({ resourceRules: [{ verbs: ['get'] }], nonResourceRules: [], incomplete: false }),
}
const node: Authorizer = { authorize: () => ({ decision: 'noOpinion', reason: 'no node' }) }

const file = (service: TestService, more: string, before = '') =>
  service.write(
    'authz.yaml',
    `apiVersion: apiserver.config.k8s.io/v1
kind: AuthorizationConfiguration
authorizers:${before}
- type: Webhook
  name: policy
  webhook:
    timeout: 3s
    subjectAccessReviewVersion: v1
    failurePolicy: NoOpinion
    connectionInfo: {type: KubeConfigFile, kubeConfigFile: ${service.kubeconfig('/decide')}}
${more}
- {type: Node, name: node}
- {type: RBAC, name: rbac}
`,
  )
type Review = { spec?: { user?: string; resourceAttributes?: { verb?: string } } }
const decideByVerb = async (_path: string, { spec }: Review) => {
  const verb = spec?.resourceAttributes?.verb
  if (verb === 'broken') return 400
  const status = {
    list: { allowed: true, reason: 'may list' },
    delete: { allowed: false, denied: true, reason: 'never' },
  }
  return { kind: 'SubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', status: status[verb as 'list'] ?? {} }
}
function configured(path: string) {
  const metrics = new MetricsRegistry()
  const configuration = configureAuthorization(
    { 'authorization-config': path },
    { clock, random: seededRandom(1), log, metrics },
  )!
  const authorizer = configuration.compose([], { Node: node, RBAC: rbac })
  return { authorizer, metrics, stop: () => configuration.stop() }
}

test('a service decides first, and is told everything of the request', async () => {
  await using service = await openService(decideByVerb)
  const { authorizer, metrics, stop } = configured(file(service, ''))
  assert.deepEqual(await authorizer.authorize(attributes), { decision: 'allow', reason: 'may list' })
  assert.deepEqual(service.asked, [
    {
      path: '/decide',
      body: {
        kind: 'SubjectAccessReview',
        apiVersion: 'authorization.k8s.io/v1',
        metadata: {},
        spec: {
          resourceAttributes: {
            namespace: 'shop',
            verb: 'list',
            group: 'apps',
            version: 'v1',
            resource: 'deployments',
            fieldSelector: { requirements: [{ key: 'metadata.name', operator: 'In', values: ['x'] }] },
            labelSelector: { requirements: [{ key: 'app', operator: 'In', values: ['web'] }] },
          },
          user: 'jane',
          groups: ['dev'],
          extra: { k: ['v'] },
          uid: 'u',
        },
        status: { allowed: false },
      },
    },
  ])
  assert.deepEqual(await authorizer.authorize({ ...attributes, verb: 'delete' }), { decision: 'deny', reason: 'never' })
  assert.deepEqual(await authorizer.authorize({ ...attributes, verb: 'get' }), { decision: 'allow', reason: 'role' })
  const path = { ...attributes, resourceRequest: false, path: '/metrics', verb: 'get' }
  await authorizer.authorize(path)
  assert.deepEqual((service.asked.at(-1)!.body as { spec?: object }).spec, {
    nonResourceAttributes: { path: '/metrics', verb: 'get' },
    ...{ user: 'jane', groups: ['dev'], extra: { k: ['v'] }, uid: 'u' },
  })
  assert.match(metrics.text(), /apiserver_authorization_webhook_evaluations_total\{name="policy",result="success"\} 4/)
  const rules = await authorizer.rulesFor!(attributes.user, 'shop')
  assert.deepEqual(
    [rules.incomplete, rules.evaluationError],
    [true, 'webhook authorizer does not support user rule resolution'],
  )
  stop()
})

test('answers are remembered as long as the configuration says', async () => {
  await using service = await openService(decideByVerb)
  const { authorizer, stop } = configured(
    file(service, '    authorizedTTL: 1m\n    unauthorizedTTL: 10s\n    cacheUnauthorizedRequests: false'),
  )
  const ask = (verb: string) => authorizer.authorize({ ...attributes, verb })
  for (const verb of ['list', 'list', 'delete', 'delete']) await ask(verb)
  assert.equal(service.asked.length, 3)
  laterMs += 61_000
  await ask('list')
  assert.equal(service.asked.length, 4)
  // Names that are very long are asked about each time.
  for (let index = 0; index < 2; index++) await authorizer.authorize({ ...attributes, name: 'x'.repeat(20_000) })
  assert.equal(service.asked.length, 6)
  stop()
})

test('a service that fails has no opinion, or forbids, as the configuration says', async () => {
  await using service = await openService(decideByVerb)
  const broken = { ...attributes, verb: 'broken' }
  const open = configured(file(service, ''))
  const result = await open.authorizer.authorize(broken)
  assert.equal(result.decision, 'noOpinion')
  assert.equal(result.error, 'the server rejected our request for an unknown reason')
  assert.match(open.metrics.text(), /evaluations_fail_open_total\{name="policy",result="error"\} 1/)
  open.stop()
  const text = readFileSync(file(service, ''), 'utf8').replace('failurePolicy: NoOpinion', 'failurePolicy: Deny')
  const closed = configured(service.write('closed.yaml', text))
  assert.equal((await closed.authorizer.authorize(broken)).decision, 'deny')
  closed.stop()
})

test('conditions choose the requests that the service is asked about', async () => {
  await using service = await openService(decideByVerb)
  const conditions = `    matchConditionSubjectAccessReviewVersion: v1
    matchConditions:
    - expression: has(request.resourceAttributes)
    - expression: request.resourceAttributes.namespace == 'shop'
    - expression: "!('system:serviceaccounts' in request.groups)"
    - expression: "!has(request.resourceAttributes.labelSelector) || request.resourceAttributes.labelSelector.requirements.exists(r, r.key == 'app')"`
  const { authorizer, stop } = configured(file(service, conditions))
  await authorizer.authorize(attributes)
  await authorizer.authorize({ ...attributes, namespace: 'other' })
  await authorizer.authorize({ ...attributes, resourceRequest: false, path: '/healthz' })
  await authorizer.authorize({ ...attributes, user: { name: 'sa', groups: ['system:serviceaccounts'] } })
  assert.equal(service.asked.length, 1)
  stop()
})

test('a changed file counts at once, unless it is wrong', async () => {
  await using service = await openService(decideByVerb)
  const path = file(service, '')
  const { authorizer, stop } = configured(path)
  const asAlways = `apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\nauthorizers: [{type: RBAC, name: rbac}]`
  let next = new Promise<string>((resolve) => (told = resolve))
  service.write('authz.yaml', asAlways)
  assert.equal(await next, 'reloaded authorization config')
  assert.equal((await authorizer.authorize(attributes)).decision, 'noOpinion')
  next = new Promise<string>((resolve) => (told = resolve))
  service.write('authz.yaml', asAlways.replace('RBAC, name: rbac', 'AlwaysAllow, name: alwaysallow'))
  assert.match(await next, /Unsupported value: "AlwaysAllow"/)
  assert.equal((await authorizer.authorize({ ...attributes, verb: 'get' })).decision, 'allow')
  assert.equal((await authorizer.authorize(attributes)).decision, 'noOpinion')
  stop()
})

test('a configuration that cannot hold is refused, above all one that allows everything', async () => {
  await using service = await openService(decideByVerb)
  const refused = (text: string, why: RegExp) =>
    assert.throws(
      () =>
        configured(
          service.write(
            'authz.yaml',
            `apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\n${text}`,
          ),
        ),
      why,
    )
  refused('authorizers: []', /authorizers: Required value: at least one authorization mode must be defined/)
  refused(
    'authorizers: [{type: AlwaysAllow, name: alwaysallow}]',
    /authorizers\[0\].type: Unsupported value: "AlwaysAllow": supported values: "ABAC", "AlwaysDeny", "Node", "RBAC", "Webhook"/,
  )
  refused('authorizers: [{type: RBAC, name: x}]', /expected name rbac for authorizer RBAC instead of x/)
  refused(
    'authorizers: [{type: RBAC, name: rbac}, {type: RBAC, name: rbac}]',
    /authorizers\[1\].type: Duplicate value: "RBAC"/,
  )
  refused(
    'authorizers: [{type: Webhook, name: w, webhook: {timeout: 31s, matchConditions: [{expression: "1"}]}}]',
    /timeout: Invalid value: "31s": must be > 0s and <= 30s, .*subjectAccessReviewVersion: Required value, .*matchConditionSubjectAccessReviewVersion: Required value: required if match conditions are specified, .*failurePolicy: Required value, .*connectionInfo.type: Required value, .*must evaluate to bool but got int/,
  )
  refused(
    'authorizer: []',
    /failed to load AuthorizationConfiguration from file: strict decoding error: unknown field "authorizer"/,
  )
})
