import { type Ask, ask, configMap, get, type Sequence } from '../exchange.fixture.ts'

/** The last one waits until the cache, from which reads at version 0 come, is as new as the store. */
const three: readonly Ask[] = [
  ...['a', 'b', 'c'].map((name) =>
    ask('POST', '~/configmaps', configMap(name, {}, name === 'b' ? { app: 'b' } : undefined), {
      keep: { [`version_${name}`]: 'metadata.resourceVersion' },
    }),
  ),
  get('~/configmaps'),
]
const versions = [
  '',
  '0',
  '00',
  '-1',
  '+1',
  '1.0',
  '0x10',
  'abc',
  ' 1',
  '${version_a}',
  '${version_c}',
  '9007199254740991',
  '18446744073709551616',
  '99999999999999999999999',
]
const matches = ['', 'Exact', 'NotOlderThan', 'Other']
const query = (parts: Readonly<Record<string, string>>): string =>
  Object.entries(parts)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${value.startsWith('$') ? value : encodeURIComponent(value)}`)
    .join('&')
const b64 = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
/** One that no server will reach while it is asked. */
const toCome = '1000000000'

export const lists: readonly Sequence[] = [
  ...matches.map((match) => ({
    name: `versions of a list, matched ${match || 'by default'}`,
    asks: [
      ...three,
      ...versions.flatMap((resourceVersion) =>
        ['', '2'].map((limit) => get(`~/configmaps?${query({ resourceVersion, resourceVersionMatch: match, limit })}`)),
      ),
    ],
  })),
  {
    name: 'versions of a get',
    asks: [...three, ...versions.map((resourceVersion) => get(`~/configmaps/a?${query({ resourceVersion })}`))],
  },
  {
    name: 'versions of a get of nothing',
    asks: versions
      .filter((version) => !version.startsWith('$'))
      .map((resourceVersion) => get(`~/configmaps/none?${query({ resourceVersion })}`)),
  },
  { name: 'a version to come of a get', asks: [...three, get(`~/configmaps/a?resourceVersion=${toCome}`)] },
  {
    name: 'a version to come of a get over HTTP 2',
    asks: [{ ...get(`~/configmaps/a?resourceVersion=${toCome}`), http: 2 }],
  },
  { name: 'a version to come of a list', asks: [...three, get(`~/configmaps?resourceVersion=${toCome}`)] },
  {
    name: 'a version to come not older',
    asks: [get(`~/configmaps?resourceVersion=${toCome}&resourceVersionMatch=NotOlderThan`)],
  },
  {
    name: 'a version to come not older with a limit',
    asks: [get(`~/configmaps?limit=1&resourceVersion=${toCome}&resourceVersionMatch=NotOlderThan`)],
  },
  {
    name: 'a version to come exactly',
    asks: [get(`~/configmaps?resourceVersion=${toCome}&resourceVersionMatch=Exact`)],
  },
  { name: 'a version to come with a limit', asks: [...three, get(`~/configmaps?limit=1&resourceVersion=${toCome}`)] },
  {
    name: 'a version to come of a page',
    asks: [
      ...three,
      get(`~/configmaps?limit=1&continue=${b64({ v: 'meta.k8s.io/v1', rv: Number(toCome), start: 'a\0' })}`),
    ],
  },
  { name: 'a version to come and little time', asks: [get(`~/configmaps?resourceVersion=${toCome}&timeout=1s`)] },
  { name: 'a version to come and less time', asks: [get(`~/configmaps?resourceVersion=${toCome}&timeout=200ms`)] },
  {
    name: 'a version to come of a watch',
    asks: [{ ...get(`~/configmaps?watch=1&resourceVersion=${toCome}&timeoutSeconds=1`) }],
  },
  {
    name: 'a version to come of a watch list',
    asks: [
      get(
        `~/configmaps?watch=1&resourceVersion=${toCome}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=5`,
      ),
    ],
  },
  { name: 'a version to come of a deletion', asks: [ask('DELETE', `~/configmaps?resourceVersion=${toCome}`)] },
  {
    name: 'pages',
    asks: [
      ...three,
      get('~/configmaps?limit=1', {}),
      { ...get('~/configmaps?limit=1'), keep: { next: 'metadata.continue' } },
      ask('POST', '~/configmaps', configMap('aa')),
      { ...get('~/configmaps?limit=1&continue=${next}'), keep: { next: 'metadata.continue' } },
      { ...get('~/configmaps?limit=0&continue=${next}') },
      { ...get('~/configmaps?limit=5&continue=${next}') },
      { ...get('~/configmaps?limit=1&continue=${next}&resourceVersion=0') },
      { ...get('~/configmaps?limit=1&continue=${next}&resourceVersion=1') },
      { ...get('~/configmaps?limit=1&continue=${next}&resourceVersionMatch=Exact') },
      { ...get('~/configmaps?limit=1&continue=${next}&resourceVersion=1&resourceVersionMatch=NotOlderThan') },
      { ...get('~/configmaps?limit=1&continue=${next}&labelSelector=app%3Db') },
      { ...get('~/configmaps?limit=1&labelSelector=app%3Db') },
      { ...get('~/configmaps?limit=1&labelSelector=app%21%3Db') },
      { ...get('~/configmaps?limit=-1') },
      { ...get('~/configmaps?limit=x') },
      { ...get('~/configmaps?limit=9223372036854775807') },
      { ...get('~/configmaps?limit=9223372036854775808') },
      { ...get('~/configmaps?limit=1.5') },
      { ...get('~/configmaps?limit=') },
      { ...get('~/configmaps?continue=x') },
      { ...get('~/configmaps?continue=!!') },
      { ...get(`~/configmaps?continue=${b64('{')}`) },
      { ...get(`~/configmaps?continue=${b64('null')}`) },
      { ...get(`~/configmaps?continue=${b64('[]')}`) },
      { ...get(`~/configmaps?continue=${b64({ v: 'meta.k8s.io/v1' })}`) },
      { ...get(`~/configmaps?continue=${b64({ v: 'meta.k8s.io/v2', rv: 1, start: 'a' })}`) },
      { ...get(`~/configmaps?continue=${b64({ v: 'meta.k8s.io/v1', rv: 1, start: '' })}`) },
      { ...get(`~/configmaps?continue=${b64({ v: 'meta.k8s.io/v1', rv: 0, start: 'a' })}`) },
      { ...get(`~/configmaps?continue=${b64({ v: 'meta.k8s.io/v1', rv: -1, start: 'a\0' })}`) },
      { ...get(`~/configmaps?continue=${b64({ v: 'meta.k8s.io/v1', rv: -2, start: 'a\0' })}`) },
      { ...get(`~/configmaps?continue=${b64({ v: 'meta.k8s.io/v1', rv: 1, start: '../x' })}`) },
      { ...get(`~/configmaps?continue=${b64({ v: 'meta.k8s.io/v1', rv: -1, start: '/a\0' })}`) },
      { ...get('~/configmaps?limit=1&watch=1&timeoutSeconds=1') },
    ],
  },
  {
    name: 'forms of a page',
    asks: [
      ...three,
      get('~/configmaps?limit=1', { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }),
      get('~/configmaps?limit=1', { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' }),
      get('~/configmaps?limit=1', { accept: 'application/yaml' }),
      get('~/configmaps?includeObject=None', { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }),
      get('~/configmaps?includeObject=Object', { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }),
      get('~/configmaps?includeObject=Other', { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }),
    ],
  },
  {
    name: 'a read sees the write before it',
    asks: [
      ...three,
      ask('DELETE', '~/configmaps/a'),
      get('~/configmaps/a'),
      get('~/configmaps'),
      get('~/configmaps?limit=10'),
      get('~/configmaps/a?resourceVersion=${version_c}'),
      get('~/configmaps?resourceVersion=${version_c}&resourceVersionMatch=Exact'),
      get('~/configmaps?resourceVersion=${version_b}&resourceVersionMatch=Exact&limit=1'),
    ],
  },
]
