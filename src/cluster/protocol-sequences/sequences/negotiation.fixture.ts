import { ask, configMap, get, type Sequence } from '../exchange.fixture.ts'

const accepts = [
  '',
  '*/*',
  'application/*',
  'text/html',
  'text/*',
  'application/xml',
  'application/json',
  'APPLICATION/JSON',
  'application/json;q=0',
  'application/json;q=0.5, application/yaml',
  'application/yaml;q=0.3,application/json;q=0.3',
  'application/yaml',
  'text/html, application/yaml;q=0.1',
  'application/json; charset=utf-8',
  'application/json;pretty=1',
  'application/json;pretty=0',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=Table;v=v2;g=meta.k8s.io',
  'application/json;as=Table;v=v1',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/yaml;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/json;as=Nothing;v=v1;g=meta.k8s.io',
  'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io',
  'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,application/json',
  'application/cbor',
  'application/json;stream=watch',
  'application/json;stream=other',
  'nonsense',
  ';;;',
  'application/json,,',
]
const types = [
  undefined,
  '',
  'application/json',
  'application/JSON',
  'application/json; charset=latin1',
  'application/yaml',
  'text/plain',
  'text/yaml',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/cbor',
  'application/xml',
  'nonsense',
  'application/merge-patch+json',
  'application/json-patch+json',
]
const typed = (type: string | undefined): Readonly<Record<string, string>> =>
  type === undefined ? {} : { 'content-type': type }
const paths = ['~/configmaps/one', '~/configmaps', '~/configmaps/none', '~/configmaps?watch=1&timeoutSeconds=1']

export const negotiation: readonly Sequence[] = [
  ...paths.map((path, at) => ({
    name: `accept ${at}`,
    asks: [
      ask('POST', '~/configmaps', configMap('one', { a: 'b' })),
      ...accepts
        .filter((accept) => at < 3 || !/\*|^$|nonsense|;;;|,,/.test(accept))
        .map((accept) => ({
          ...get(path, { accept }),
          ...(at === 3 && { lines: 1 }),
        })),
    ],
  })),
  {
    name: 'accept of a create',
    asks: accepts
      .slice(0, 24)
      .map((accept) => ask('POST', '~/configmaps?dryRun=All', configMap('one'), { headers: { accept } })),
  },
  {
    name: 'accept outside resources',
    asks: ['/version', '/api', '/apis', '/api/v1', '/apis/apps', '/apis/apps/v1', '/healthz', '/nothing'].flatMap(
      (path) =>
        ['text/html', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'application/*', 'text/plain'].map(
          (accept) => ({
            ...get(path, { accept }),
            ...(/^\/(api|apis|apis\/apps|api\/v1|apis\/apps\/v1|version)$/.test(path) && { headOnly: true as const }),
          }),
        ),
    ),
  },
  {
    name: 'content types of a create',
    asks: types.map((type) =>
      ask('POST', '~/configmaps?dryRun=All', JSON.stringify(configMap('one')), { headers: typed(type) }),
    ),
  },
  {
    name: 'content types of a patch',
    asks: [
      ask('POST', '~/configmaps', configMap('one')),
      ...types.map((type) =>
        ask('PATCH', '~/configmaps/one?dryRun=All', '{"data":{"c":"d"}}', { headers: typed(type) }),
      ),
    ],
  },
  {
    name: 'content types of a delete',
    asks: types.map((type) =>
      ask('DELETE', '~/configmaps/none', '{"kind":"DeleteOptions","apiVersion":"v1"}', { headers: typed(type) }),
    ),
  },
  {
    name: 'pretty',
    asks: [
      ask('POST', '~/configmaps', configMap('one', { a: '<b>' })),
      ...[
        'pretty',
        'pretty=',
        'pretty=1',
        'pretty=true',
        'pretty=false',
        'pretty=0',
        'pretty=yes',
        'pretty=false&pretty=true',
      ].flatMap((query) => [
        get(`~/configmaps/one?${query}`),
        get(`~/configmaps?${query}`, { 'user-agent': 'curl/8' }),
        get(`~/configmaps/none?${query}`),
      ]),
      ...['curl/8', 'Wget/1', 'Mozilla/5.0 (X11)', 'mozilla/5.0', 'Opera curl/8'].map((agent) =>
        get('~/configmaps/one', { 'user-agent': agent }),
      ),
      { ...get('/version?pretty=false'), headOnly: true },
      get('~/configmaps?watch=1&timeoutSeconds=1&pretty=1'),
    ],
  },
]
