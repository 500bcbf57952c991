import { type Ask, ask, configMap, get, type Sequence } from '../exchange.fixture.ts'

const threeMegabytes = 3 * 1024 * 1024
const large = (bytes: number) => JSON.stringify(configMap('large', { a: 'x'.repeat(bytes) }))
const merge = { headers: { 'content-type': 'application/merge-patch+json' } }
const contentTypes = [
  ['POST', '~/configmaps?dryRun=All', 'application/json'],
  ['POST', '~/configmaps?dryRun=All', 'application/yaml'],
  ['POST', '~/configmaps?dryRun=All', 'application/vnd.kubernetes.protobuf'],
  ['PUT', '~/configmaps/one?dryRun=All', 'application/json'],
  ['PATCH', '~/configmaps/one?dryRun=All', 'application/merge-patch+json'],
  ['PATCH', '~/configmaps/one?dryRun=All', 'application/json-patch+json'],
  ['PATCH', '~/configmaps/one?dryRun=All', 'application/strategic-merge-patch+json'],
  ['PATCH', '~/configmaps/one?dryRun=All&fieldManager=me', 'application/apply-patch+yaml'],
  ['DELETE', '~/configmaps/one?dryRun=All', 'application/json'],
  ['DELETE', '~/configmaps?dryRun=All', 'application/json'],
  ['POST', '~/pods/one/eviction?dryRun=All', 'application/json'],
  ['POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', 'application/json'],
] as const

export const bodies: readonly Sequence[] = [
  {
    name: 'too much of a body',
    asks: [
      ask('POST', '~/configmaps', configMap('one')),
      ...contentTypes.map(([method, path, type]) =>
        ask(method, path, 'x'.repeat(threeMegabytes + 1), { headers: { 'content-type': type } }),
      ),
      ...contentTypes.map(([method, path, type]) =>
        ask(method, path, 'x'.repeat(threeMegabytes + 1), { headers: { 'content-type': type }, http: 2 }),
      ),
    ],
  },
  {
    name: 'as much of a body as may be',
    asks: [
      ask('POST', '~/configmaps?dryRun=All', large(1024 * 1024 + 1)),
      ask('POST', '~/configmaps?dryRun=All', large(threeMegabytes - 200)),
      ask('POST', '~/configmaps?dryRun=All', `${large(1)}${' '.repeat(threeMegabytes)}`.slice(0, threeMegabytes), {
        headers: { 'content-type': 'application/json' },
      }),
      ask('POST', '~/configmaps?dryRun=All', `${large(1)}${' '.repeat(threeMegabytes)}`.slice(0, threeMegabytes + 1), {
        headers: { 'content-type': 'application/json' },
      }),
      ask('POST', '~/configmaps?dryRun=All', large(1024 * 1024 - 1), { headOnly: true }),
    ],
  },
  {
    name: 'too many operations of a patch',
    asks: [
      ask('POST', '~/configmaps', configMap('one')),
      ask(
        'PATCH',
        '~/configmaps/one',
        JSON.stringify(Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/kind', value: 'ConfigMap' }))),
        { headers: { 'content-type': 'application/json-patch+json' } },
      ),
    ],
  },
  {
    name: 'no body',
    asks: [
      ask('POST', '~/configmaps', configMap('one')),
      ask('POST', '~/configmaps'),
      ask('POST', '~/configmaps', ''),
      ask('POST', '~/configmaps', 'null'),
      ask('POST', '~/configmaps', '{}'),
      ask('POST', '~/configmaps', '[]'),
      ask('PUT', '~/configmaps/one'),
      ask('PUT', '~/configmaps/one', '{}'),
      ask('PATCH', '~/configmaps/one', undefined, merge),
      ask('PATCH', '~/configmaps/one', 'null', merge),
      ask('PATCH', '~/configmaps/one', '{}', merge),
      ask('DELETE', '~/configmaps/none', ''),
      ask('DELETE', '~/configmaps/none', '{}'),
      ask('DELETE', '~/configmaps/none', 'null'),
      ask('DELETE', '~/configmaps/none', '[]'),
      ask('DELETE', '~/configmaps/none', '{"kind":"ConfigMap","apiVersion":"v1"}'),
      ask('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'),
      ask('POST', '~/pods/one/eviction'),
      ask('POST', '~/pods/one/binding', '{}'),
      ask('GET', '~/configmaps/one', '{"a":"b"}'),
    ],
  },
  {
    name: 'encoded bodies',
    asks: ['gzip', 'identity', 'deflate', 'nonsense'].map((encoding) =>
      ask('POST', '~/configmaps?dryRun=All', configMap('one'), {
        headers: { 'content-type': 'application/json', 'content-encoding': encoding },
      }),
    ),
  },
  {
    name: 'compressed answers',
    asks: [
      ask('POST', '~/configmaps', configMap('small', { a: 'b' }), { headOnly: true }),
      ask('POST', '~/configmaps', configMap('large', { a: 'x'.repeat(140 * 1024) }), { headOnly: true }),
      ask('POST', '~/configmaps', configMap('border', { a: 'x'.repeat(127 * 1024) }), { headOnly: true }),
      ...[
        'gzip',
        'gzip, deflate, br',
        'br',
        'identity',
        '*',
        'gzip;q=0',
        'gzip;q=0.5',
        'GZIP',
        'x-gzip',
        'deflate,gzip;q=1.0',
        '',
      ].flatMap((encoding): Ask[] => [
        { ...get('~/configmaps/small', { 'accept-encoding': encoding }), headOnly: true },
        { ...get('~/configmaps/border', { 'accept-encoding': encoding }), headOnly: true },
        { ...get('~/configmaps/large', { 'accept-encoding': encoding }), headOnly: true },
        { ...get('~/configmaps', { 'accept-encoding': encoding }), headOnly: true },
      ]),
      ...['/openapi/v2', '/openapi/v3', '/openapi/v3/api/v1', '/metrics', '/apis', '/api/v1'].flatMap((path): Ask[] => [
        { ...get(path, { 'accept-encoding': 'gzip' }), headOnly: true },
        { ...get(path), headOnly: true },
        { ...get(path, { 'accept-encoding': 'gzip' }), headOnly: true, http: 2 },
      ]),
      {
        ...get('~/configmaps', { 'accept-encoding': 'gzip', accept: 'application/vnd.kubernetes.protobuf' }),
        headOnly: true,
      },
      {
        ...get('~/configmaps', { 'accept-encoding': 'gzip', accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }),
        headOnly: true,
      },
      { ...get('~/configmaps/large', { 'accept-encoding': 'gzip', accept: 'application/yaml' }), headOnly: true },
      { ...get('~/configmaps?watch=1&timeoutSeconds=1', { 'accept-encoding': 'gzip' }), headOnly: true },
      {
        ...ask('PATCH', '~/configmaps/large', '{}', {
          headers: { 'content-type': 'application/merge-patch+json', 'accept-encoding': 'gzip' },
        }),
        headOnly: true,
      },
      { ...ask('DELETE', '~/configmaps/large', undefined, { headers: { 'accept-encoding': 'gzip' } }), headOnly: true },
    ],
  },
]
