import { type Ask, ask, configMap, get, type Sequence } from '../exchange.fixture.ts'

const flowControl = '/apis/flowcontrol.apiserver.k8s.io/v1'
const level = (name: string, limitResponse: object, shares = 0): Ask =>
  ask(
    'POST',
    `${flowControl}/prioritylevelconfigurations`,
    {
      kind: 'PriorityLevelConfiguration',
      apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
      metadata: { name },
      spec: { type: 'Limited', limited: { nominalConcurrencyShares: shares, borrowingLimitPercent: 0, limitResponse } },
    },
    { headOnly: true },
  )
const schema = (name: string): Ask =>
  ask(
    'POST',
    `${flowControl}/flowschemas`,
    {
      kind: 'FlowSchema',
      apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
      metadata: { name },
      spec: {
        matchingPrecedence: 500,
        priorityLevelConfiguration: { name },
        rules: [
          {
            subjects: [{ kind: 'User', user: { name } }],
            resourceRules: [
              { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true },
            ],
          },
        ],
      },
    },
    { headOnly: true },
  )
const mayRead = (name: string): Ask =>
  ask(
    'POST',
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    {
      kind: 'ClusterRoleBinding',
      apiVersion: 'rbac.authorization.k8s.io/v1',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name }],
    },
    { headOnly: true },
  )
const as = (name: string, more: Partial<Ask> = {}, path = '~/configmaps'): Ask => ({
  path,
  ...more,
  headers: { 'impersonate-user': name, ...more.headers },
})
/** Sits on its seat for three seconds. */
const sits = (name: string): Ask => as(name, { detached: true }, '~/configmaps?resourceVersion=1000000000')
const counted = (name: string): Ask => ({
  ...get('/metrics'),
  only: new RegExp(`^apiserver_flowcontrol_rejected_requests_total\\{.*"${name}"`),
})

/** A level without seats serves one request at a time. */
export const fairness: readonly Sequence[] = [
  {
    name: 'no seat',
    asks: [
      level('alice', { type: 'Reject' }),
      schema('alice'),
      mayRead('alice'),
      { ...as('alice'), after: 2000 },
      sits('alice'),
      as('alice', { after: 300 }),
      as('alice', { http: 2 }),
      as('alice', {}, '~/configmaps?watch=1&timeoutSeconds=1'),
      as('alice', { method: 'POST', body: configMap('a') }),
      as('alice', { headers: { accept: 'application/yaml' } }),
      as('alice', {}, '~/pods/none/log'),
      as('alice', {}, '~/pods/none/exec?command=a'),
      counted('alice'),
      as('alice', { after: 3200 }),
    ],
  },
  {
    name: 'a full queue',
    asks: [
      level('bob', { type: 'Queue', queuing: { queues: 1, handSize: 1, queueLengthLimit: 1 } }, 1),
      schema('bob'),
      mayRead('bob'),
      { ...as('bob'), after: 2000 },
      sits('bob'),
      // It gets no seat within a quarter of the time that requests may take.
      as('bob', { detached: true, after: 300 }),
      as('bob', { after: 300 }),
      as('bob', {}, '~/configmaps?watch=1&timeoutSeconds=1'),
      { ...counted('bob'), after: 2200 },
      as('bob', { after: 1000 }),
    ],
  },
  {
    name: 'a queue without seats',
    asks: [
      level('carol', { type: 'Queue', queuing: { queues: 1, handSize: 1, queueLengthLimit: 1 } }),
      schema('carol'),
      mayRead('carol'),
      as('carol', { after: 2000 }),
      as('carol', { http: 2 }),
      counted('carol'),
    ],
  },
]

/** One read and one write at once. */
export const fewAtOnce: readonly Sequence[] = [
  {
    name: 'no place',
    asks: [
      mayRead('dave'),
      as('dave'),
      sits('dave'),
      as('dave', { after: 300 }),
      as('dave', { http: 2 }),
      as('dave', { method: 'HEAD' }),
      as('dave', {}, '/version'),
      as('dave', {}, '~/configmaps?watch=1&timeoutSeconds=1'),
      as('dave', {}, '~/pods/none/log'),
      as('dave', { method: 'POST', body: configMap('a') }),
      get('~/configmaps/none'),
      { ...get('/healthz'), as: 'nobody' },
      as('dave', { headers: { accept: 'application/yaml' } }),
      { ...get('/metrics'), only: /^apiserver_request_terminations_total\{/ },
      { ...get('/metrics'), only: /^apiserver_request_total\{code="429"/ },
      as('dave', { after: 3200 }),
    ],
  },
]

const toCome = '~/configmaps?resourceVersion=1000000000'
export const timeouts: readonly Sequence[] = [
  {
    name: 'longer than the server allows',
    asks: [get('~/configmaps'), get(toCome), get(`${toCome}&timeout=1h`), { ...get(toCome), http: 2 }],
  },
  {
    name: 'longer than the client allows',
    asks: [
      get(`${toCome}&timeout=500ms`),
      { ...get(`${toCome}&timeout=500ms`), http: 2 },
      get(`${toCome}&timeout=500ms`, { accept: 'application/yaml' }),
    ],
  },
]

const origins = [
  'http://a.example.com',
  'https://a.example.com:8443',
  'http://b.example.com',
  'null',
  'http://a.example.com.evil.org',
  '',
]
export const origin: readonly Sequence[] = [
  {
    name: 'other origins',
    asks: [
      ask('POST', '~/configmaps', configMap('one')),
      ...origins.flatMap((from) =>
        ['GET', 'OPTIONS', 'HEAD'].flatMap((method) => [
          ask(method, '~/configmaps/one', undefined, { headers: { origin: from } }),
          ask(method, '/healthz', undefined, { headers: { origin: from } }),
          ask(method, '~/configmaps/one', undefined, { headers: { origin: from }, http: 2 }),
        ]),
      ),
      ask('OPTIONS', '~/configmaps/one', undefined, {
        headers: {
          origin: origins[0]!,
          'access-control-request-method': 'PUT',
          'access-control-request-headers': 'x-own',
        },
      }),
      get('~/configmaps?watch=1&timeoutSeconds=1', { origin: origins[0]! }),
      get('~/configmaps/none', { origin: origins[0]! }),
      get('~/pods/none/log', { origin: origins[0]! }),
      get('/nothing', { origin: origins[0]! }),
      get('~/configmaps?timeout=x', { origin: origins[0]! }),
    ],
  },
]

export const compaction: readonly Sequence[] = [
  {
    name: 'history that is gone',
    asks: [
      ...['a', 'b', 'c'].map((name) => ask('POST', '~/configmaps', configMap(name))),
      { ...get('~/configmaps?limit=1'), keep: { next: 'metadata.continue', version: 'metadata.resourceVersion' } },
      ask('POST', '~/configmaps', configMap('bb')),
      get('~/configmaps?limit=1&continue=${next}'),
      { ...get('~/configmaps?resourceVersion=${version}&resourceVersionMatch=Exact'), until: 410 },
      { ...get('~/configmaps?limit=1&continue=${next}'), until: 410, keep: { fresh: 'metadata.continue' } },
      get('~/configmaps?limit=1&continue=${next}', { accept: 'application/yaml' }),
      { ...get('~/configmaps?limit=1&continue=${next}'), http: 2 },
      { ...get('~/configmaps?limit=1&continue=${fresh}'), keep: { fresh: 'metadata.continue' } },
      ask('POST', '~/configmaps', configMap('bc')),
      { ...get('~/configmaps?limit=1&continue=${fresh}'), keep: { fresh: 'metadata.continue' } },
      get('~/configmaps?limit=5&continue=${fresh}'),
      get('~/configmaps?continue=${fresh}'),
      get('~/configmaps?limit=1&resourceVersion=${version}'),
      get('~/configmaps?limit=1&resourceVersion=${version}&resourceVersionMatch=NotOlderThan'),
      get('~/configmaps?limit=1&continue=${next}&labelSelector=a%3Db'),
      ask('DELETE', '~/configmaps?limit=1&continue=${next}'),
    ],
  },
]

export const stopping: readonly Sequence[] = [
  {
    name: 'a server that stops',
    asks: [
      ask('POST', '~/configmaps', configMap('one')),
      { ...get('/readyz'), headOnly: true },
      { ...get('~/configmaps?watch=1'), detached: true },
      { ...get('/readyz'), stops: true, until: 500, headOnly: true },
      { ...get('/readyz?verbose'), only: /shutdown|check failed/ },
      get('/livez'),
      get('~/configmaps/one'),
      get('/api/v1/namespaces/none'),
      { ...get('~/configmaps?resourceVersion=1000000000'), detached: true, after: 1500 },
      { ...get('~/configmaps/one'), until: 429 },
      { ...get('~/configmaps/one', { 'user-agent': 'kube-apiserver/v1' }) },
      { ...get('/livez') },
      { ...get('/readyz?verbose'), only: /shutdown|check failed/ },
      { ...get('/nothing'), as: 'nobody' },
      { ...ask('POST', '~/configmaps', configMap('two')) },
    ],
  },
]
