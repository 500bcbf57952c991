import { type Ask, ask, configMap, get, type Sequence } from '../exchange.fixture.ts'

const unknown = (count: number, length = 1) => ({
  ...configMap('one'),
  ...Object.fromEntries(Array.from({ length: count }, (_, at) => [`field${'x'.repeat(length)}${at}`, 1])),
})
const duplicates =
  '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"one","name":"one"},"data":{"a":"1","a":"2"},"data":{"b":"1"}}'
const validations = ['', 'Ignore', 'Warn', 'Strict', 'warn', 'Other']
const json = { 'content-type': 'application/json' }

export const warnings: readonly Sequence[] = [
  ...validations.map((validation) => ({
    name: `unknown fields, ${validation || 'by default'}`,
    asks: [1, 3].flatMap((count) => [
      ask('POST', `~/configmaps?dryRun=All&fieldValidation=${validation}`, unknown(count)),
      ask('POST', `~/configmaps?dryRun=All&fieldValidation=${validation}`, unknown(count), { http: 2 }),
      ask('POST', `~/configmaps?dryRun=All&fieldValidation=${validation}`, duplicates, { headers: json }),
    ]),
  })),
  {
    name: 'more warnings than a header holds',
    asks: [
      ask('POST', '~/configmaps?dryRun=All&fieldValidation=Warn', unknown(60, 100)),
      ask('POST', '~/configmaps?dryRun=All&fieldValidation=Warn', unknown(200, 1)),
      ask('POST', '~/configmaps?dryRun=All&fieldValidation=Warn', unknown(2, 5000)),
      ask('POST', '~/configmaps?dryRun=All&fieldValidation=Warn', {
        ...configMap('one'),
        'a"b\\c': 1,
        ü: 2,
        'tab\t': 3,
      }),
      ask('POST', '~/configmaps?dryRun=All&fieldValidation=Strict', unknown(60, 100)),
    ],
  },
  {
    name: 'what is deprecated',
    asks: [
      { ...get('/api/v1/componentstatuses'), headOnly: true },
      get('/api/v1/componentstatuses/none'),
      get('~/endpoints'),
      get('~/endpoints?watch=1&timeoutSeconds=1'),
      get('~/endpoints/none'),
      ask('POST', '~/endpoints?dryRun=All', { kind: 'Endpoints', apiVersion: 'v1', metadata: { name: 'one' } }),
      ask('DELETE', '~/endpoints/none'),
      get('/apis/resource.k8s.io/v1beta1/deviceclasses'),
      get('/apis/resource.k8s.io/v1beta2/deviceclasses'),
      get('/apis/networking.k8s.io/v1beta1/ipaddresses'),
      get('/apis/flowcontrol.apiserver.k8s.io/v1beta3/flowschemas'),
      get('/apis/policy/v1beta1/podsecuritypolicies'),
      ask('POST', '~/pods?dryRun=All', {
        kind: 'Pod',
        apiVersion: 'v1',
        metadata: { name: 'one', annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'runtime/default' } },
        spec: {
          nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
          containers: [
            {
              name: 'a',
              image: 'a',
              ports: [{ containerPort: 1 }, { containerPort: 1 }],
              env: [{ name: 'x' }, { name: 'x' }],
            },
          ],
        },
      }),
      ask('POST', '~/services?dryRun=All', {
        kind: 'Service',
        apiVersion: 'v1',
        metadata: { name: 'one' },
        spec: {
          ports: [{ port: 80 }, { name: 'x', port: 80, protocol: 'UDP' }],
          externalIPs: ['001.2.3.4'],
          loadBalancerIP: '1.2.3.4',
        },
      }),
    ],
  },
]

const tags: readonly Ask[] = [
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/apis/apps/v1',
  '/api',
  '/apis',
  '/api/v1',
  '/apis/apps/v1',
  '/version',
].flatMap((path): Ask[] => {
  const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
  const accept = path === '/api' || path === '/apis' ? { accept: aggregated } : ({} as Record<string, string>)
  return [
    { ...get(path), headOnly: true },
    { ...get(path, accept), headOnly: true, keep: { tag: '@etag' } },
    { ...get(path, { ...accept, 'if-none-match': '${tag}' }), headOnly: true },
    { ...get(path, { ...accept, 'if-none-match': 'W/${tag}' }), headOnly: true },
    { ...get(path, { ...accept, 'if-none-match': '"x", ${tag}' }), headOnly: true },
    { ...get(path, { ...accept, 'if-none-match': '*' }), headOnly: true },
    { ...get(path, { ...accept, 'if-none-match': '"x"' }), headOnly: true },
    { ...get(path, { ...accept, 'if-match': '"x"' }), headOnly: true },
    { ...get(path, { ...accept, 'if-modified-since': 'Sat, 29 Oct 2033 19:43:31 GMT' }), headOnly: true },
    { ...get(path, { ...accept, range: 'bytes=0-3' }), headOnly: true },
    { ...ask('HEAD', path, undefined, { headers: { ...accept, 'if-none-match': '${tag}' } }), headOnly: true },
    { ...get(path, { ...accept, 'if-none-match': '${tag}' }), headOnly: true, http: 2 },
  ]
})
export const conditional: readonly Sequence[] = [
  { name: 'conditional requests', asks: tags },
  {
    name: 'forms of OpenAPI',
    asks: [
      'application/json',
      'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
      'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
      'application/com.github.proto-openapi.spec.v3@v1.0+protobuf',
      'application/com.github.proto-openapi.spec.v3.v1.0+protobuf',
      'text/html',
      '*/*',
      'application/*',
      'application/yaml',
    ].flatMap((accept): Ask[] =>
      [
        '/openapi/v2',
        '/openapi/v3',
        '/openapi/v3/api/v1',
        '/openapi/v3/none',
        '/openapi/v3/api/v1?hash=x',
        '/openapi/v2?timeout=32s',
      ].map((path) => ({
        ...get(path, { accept }),
        headOnly: true,
      })),
    ),
  },
  {
    name: 'discovery by other names',
    asks: [
      ...['v2', 'v2beta1', 'v3'].flatMap((version) =>
        ['/api', '/apis'].flatMap((path) =>
          ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml'].map(
            (type): Ask => ({
              ...get(path, { accept: `${type};g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList` }),
              headOnly: true,
            }),
          ),
        ),
      ),
      {
        ...get('/apis', {
          accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json',
        }),
        headOnly: true,
      },
      {
        ...get('/apis', {
          accept: 'application/json,application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
        }),
        headOnly: true,
      },
      {
        ...get('/apis', {
          accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList;profile=nopeer',
        }),
        headOnly: true,
      },
      {
        ...get('/apis/apps', { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' }),
        headOnly: true,
      },
    ],
  },
]
