import { type Ask, ask, configMap, get, type Sequence } from '../../protocol-sequences/exchange.fixture.ts'

const protobuf = 'application/vnd.kubernetes.protobuf'
const three: readonly Ask[] = [
  ask('POST', '~/configmaps', configMap('a', { x: 'y' }, { app: 'a' })),
  ask('POST', '~/configmaps', configMap('b', {}, { app: 'b' }), { keep: { version: 'metadata.resourceVersion' } }),
  ask('POST', '~/configmaps', { ...configMap('c'), binaryData: { d: 'AAEC/w==' } }),
  get('~/configmaps'),
]
const initial =
  'watch=1&timeoutSeconds=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan'
const paths: readonly string[] = [
  '~/configmaps/a',
  '~/configmaps/none',
  '~/configmaps',
  '~/configmaps?limit=1',
  '~/configmaps?labelSelector=app%3Dnone',
  '~/configmaps?watch=1&timeoutSeconds=1',
  `~/configmaps?${initial}`,
  '~/configmaps?watch=1&timeoutSeconds=1&resourceVersion=1000000000',
  '~/configmaps?watch=1&timeoutSeconds=1&fieldSelector=nonsense%3Dx',
  '~/secrets',
  '/apis/apps/v1/namespaces/${namespace}/deployments',
]
const accepts: readonly string[] = [
  protobuf,
  `${protobuf};stream=watch`,
  `${protobuf},application/json`,
  `${protobuf};as=PartialObjectMetadata;v=v1;g=meta.k8s.io`,
  `${protobuf};as=PartialObjectMetadataList;v=v1;g=meta.k8s.io`,
  `${protobuf};as=PartialObjectMetadata;v=v1beta1;g=meta.k8s.io`,
  `${protobuf};as=Table;v=v1;g=meta.k8s.io`,
  'application/cbor',
  'application/cbor-seq',
  'application/cbor,application/json',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/json;as=Table;v=v1beta1;g=meta.k8s.io',
]

const clauses: readonly string[] = [
  ...['0', '0.0', '0.001', '0.0001', '1', '1.0', '1.1', '2', '-1', 'x', '', ' 0.5', '1e-1', '0x1', '.5', '5.'].map(
    (quality) => `application/yaml;q=${quality}, application/json;q=0.5`,
  ),
  'application/json;Q=0.1, application/yaml;q=0.2',
  'application/json ; q=0.1 , application/yaml ; q=0.2',
  'application/json;q="0.1", application/yaml;q=0.2',
  'application/json;q=0.1;q=0.9, application/yaml;q=0.2',
  'application/json;a=b, application/yaml',
  'application/json;a="b,c", application/yaml',
  'application/json;a="b, application/yaml',
  'application/json/x, application/yaml',
  'application, application/yaml',
  '/, application/yaml',
  'application/, application/yaml',
  '/json, application/yaml',
  '*, application/yaml',
  '*/json, application/yaml',
  '*/*;q=0, application/yaml',
  'application/*;q=0.9, application/yaml;q=0.1',
  'text/html, image/webp, */*;q=0.8',
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  ' application/yaml',
  'application/yaml ',
  'application/yaml;',
  ',application/yaml',
  'application/yaml;;q=0.1',
  `${'text/html,'.repeat(100)}application/yaml`,
  `${'text/html,'.repeat(3000)}application/yaml`,
  `${'application/json;q=0.1,'.repeat(500)}application/yaml`,
  `application/yaml;a=${'b'.repeat(5000)}`,
  'application/json;pretty=1;q=0.5, application/yaml;q=0.4',
  'application/json;as=Table;g=meta.k8s.io;v=v1;q=0.1, application/yaml;q=0.9',
  'application/json;as=Table;g=meta.k8s.io;v=v1, application/json;q=0.1',
  'application/json;v=v1;as=Table;g=meta.k8s.io',
  'application/json;as=table;g=meta.k8s.io;v=v1',
  'application/json;as=Table;g=Meta.k8s.io;v=v1',
  'application/json;as=Table;g=;v=v1',
]

const large = (name: string, kib: number) =>
  ask('POST', '~/configmaps', configMap(name, { a: 'x'.repeat(kib * 1024) }), { headOnly: true })
const whole = (accept: string): Ask[] => [
  get('~/configmaps', { accept }),
  get('~/configmaps', { accept, 'accept-encoding': 'gzip' }),
  { ...get('~/configmaps', { accept, 'accept-encoding': 'gzip' }), http: 2 },
  { ...get('~/configmaps', { accept }), http: 2 },
  get('~/configmaps?limit=2', { accept, 'accept-encoding': 'gzip' }),
  get('~/configmaps?pretty=1', { accept, 'accept-encoding': 'gzip' }),
]

export const forms: readonly Sequence[] = [
  ...accepts.map((accept) => ({
    name: `everything as ${accept}`,
    asks: [
      ...three,
      ...paths.map((path) => ({ ...get(path, { accept }), decodes: true as const })),
      { ...get('~/configmaps?watch=1&timeoutSeconds=1', { accept }), decodes: true as const, http: 2 as const },
      { ...ask('POST', '~/configmaps?dryRun=All', configMap('d'), { headers: { accept } }), decodes: true as const },
      { ...ask('DELETE', '~/configmaps/a?dryRun=All', undefined, { headers: { accept } }), decodes: true as const },
      { ...ask('DELETE', '~/configmaps?dryRun=All', undefined, { headers: { accept } }), decodes: true as const },
    ],
  })),
  {
    name: 'clauses of accept',
    asks: [
      ask('POST', '~/configmaps', configMap('a')),
      ...clauses.flatMap((accept) =>
        [get('~/configmaps/a', { accept }), get('~/configmaps/none', { accept }), get('/version', { accept })].map(
          (each, at) => ({ ...each, ...(at === 2 && { headOnly: true as const }) }),
        ),
      ),
    ],
  },
  {
    name: 'lists of many bytes',
    asks: [
      large('a', 60),
      large('b', 70),
      large('c', 3),
      ask('POST', '~/configmaps', configMap('empty', {}, { app: '<&>\u2028' })),
      ...whole('application/json'),
      ...whole('application/yaml'),
      ...whole('application/json;as=Table;v=v1;g=meta.k8s.io').slice(0, 5),
      ...whole('application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'),
      ...whole(protobuf).map((each) => ({ ...each, decodes: true as const })),
    ],
  },
  {
    name: 'the border of gzip',
    asks: [128 * 1024 - 480, 128 * 1024 - 440, 128 * 1024 - 420, 128 * 1024 - 300, 128 * 1024 - 200].flatMap(
      (size, at) => [
        ask(
          'POST',
          '~/configmaps',
          { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: `n${at}` }, data: { a: 'x'.repeat(size) } },
          { headOnly: true },
        ),
        ...['application/json', 'application/yaml', protobuf].map((accept) => ({
          ...get(`~/configmaps/n${at}`, { accept, 'accept-encoding': 'gzip' }),
          headOnly: true as const,
        })),
      ],
    ),
  },
  {
    name: 'heads, ranges and conditions of objects',
    asks: [
      ask('POST', '~/configmaps', configMap('a')),
      ...([1, 2] as const).flatMap((http) =>
        ['~/configmaps/a', '~/configmaps', '~/configmaps/none', '/nothing', '/version', '/metrics', '/healthz'].flatMap(
          (path): Ask[] => [
            { ...ask('HEAD', path), http, headOnly: true },
            { ...get(path, { range: 'bytes=0-3' }), http, headOnly: true },
            { ...get(path, { 'if-none-match': '*' }), http, headOnly: true },
            { ...get(path, { 'if-match': '"x"' }), http, headOnly: true },
            { ...get(path, { 'if-modified-since': 'Sat, 29 Oct 2033 19:43:31 GMT' }), http, headOnly: true },
            { ...get(path, { 'cache-control': 'no-cache', pragma: 'no-cache' }), http, headOnly: true },
          ],
        ),
      ),
    ],
  },
]
