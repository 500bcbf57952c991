import { type Ask, ask, configMap, get, type Sequence } from '../exchange.fixture.ts'

/** The last one waits until the cache, from which reads at version 0 come, is as new as the store. */
const two: readonly Ask[] = [
  ...['a', 'b'].map((name) =>
    ask('POST', '~/configmaps', configMap(name), { keep: { [`version_${name}`]: 'metadata.resourceVersion' } }),
  ),
  get('~/configmaps'),
]
const booleans = ['', 'true', 'false', '0', '1', 'x', 'True']
const watch = (rest: string, more: Partial<Ask> = {}): Ask => ({ ...get(`~/configmaps?watch=1${rest}`), ...more })

export const watches: readonly Sequence[] = [
  ...['', '0', '${version_a}', 'x', '00', '-1'].flatMap((version) =>
    ['', '&sendInitialEvents=true', '&sendInitialEvents=false'].flatMap((initial) =>
      ['', '&resourceVersionMatch=NotOlderThan', '&resourceVersionMatch=Exact'].map((match) => ({
        name: `a watch from ${version || 'nowhere'}${initial}${match}`.replaceAll(/[${}]/g, ''),
        asks: [
          ...two,
          watch(
            `&timeoutSeconds=1&allowWatchBookmarks=true${version && `&resourceVersion=${version}`}${initial}${match}`,
          ),
        ],
      })),
    ),
  ),
  {
    name: 'a watch list without bookmarks',
    asks: [...two, watch('&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan')],
  },
  {
    name: 'a watch list in other forms',
    asks: [
      'application/json;as=Table;v=v1;g=meta.k8s.io',
      'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
      'application/yaml',
      'application/json;stream=watch',
      'application/yaml, application/json;q=0.5',
    ].flatMap((accept, at) => [
      ...(at === 0 ? two : []),
      watch('&timeoutSeconds=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan', {
        headers: { accept },
      }),
    ]),
  },
  {
    name: 'a watch of one',
    asks: [
      ...two,
      get('~/configmaps?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Da'),
      get('/api/v1/watch/namespaces/${namespace}/configmaps/a?timeoutSeconds=1'),
      get('/api/v1/watch/namespaces/${namespace}/configmaps?timeoutSeconds=1'),
      get('~/configmaps/a?watch=1&timeoutSeconds=1'),
      get('/api/v1/watch/namespaces/${namespace}/configmaps?timeoutSeconds=1&watch=false'),
    ],
  },
  {
    name: 'what is true',
    asks: booleans.flatMap((value) => [
      { ...get(`~/configmaps?watch=${value}&timeoutSeconds=1`) },
      { ...get(`~/configmaps?watch=1&timeoutSeconds=1&allowWatchBookmarks=${value}`) },
      { ...get(`~/configmaps?watch=1&timeoutSeconds=1&resourceVersionMatch=NotOlderThan&sendInitialEvents=${value}`) },
    ]),
  },
  {
    name: 'how long',
    asks: ['0', '1', '-1', 'x', '1.5', '1s', '9223372036854775808', ''].flatMap((value) => [
      ...(value === '0' || value === '-1' || value === '' ? [] : [get(`~/configmaps?watch=1&timeoutSeconds=${value}`)]),
      get(`~/configmaps?timeoutSeconds=${value}`),
    ]),
  },
  ...['0', '-1s', '1', 'x', '1h', '', '1s;', '1d'].map((value, at) => ({
    name: `a timeout ${at}`,
    asks: [
      get(`~/configmaps?timeout=${value}`),
      get(`~/configmaps?timeout=${value}&watch=1&timeoutSeconds=1`),
      ask('POST', `~/configmaps?dryRun=All&timeout=${value}`, configMap('a')),
    ],
  })),
  {
    name: 'events of a watch',
    asks: [
      ...two,
      ask('PUT', '~/configmaps/a', configMap('a', { x: 'y' }, { app: 'a' })),
      ask('PATCH', '~/configmaps/a', '{"metadata":{"labels":{"app":null}}}', {
        headers: { 'content-type': 'application/merge-patch+json' },
      }),
      ask('DELETE', '~/configmaps/b'),
      watch('&timeoutSeconds=1&resourceVersion=${version_b}'),
      watch('&timeoutSeconds=1&resourceVersion=${version_b}&labelSelector=app%3Da'),
      watch('&timeoutSeconds=1&resourceVersion=${version_b}&fieldSelector=metadata.name%3Db'),
      watch('&timeoutSeconds=1&resourceVersion=${version_b}', { http: 2 }),
      watch('&timeoutSeconds=1&resourceVersion=${version_b}', {
        headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
      }),
      watch('&timeoutSeconds=1&resourceVersion=${version_b}&includeObject=None', {
        headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
      }),
    ],
  },
  { name: 'HEAD of a watch', asks: [ask('HEAD', '~/configmaps?watch=1&timeoutSeconds=1')] },
  { name: 'POST of a watch', asks: [ask('POST', '~/configmaps?watch=1&timeoutSeconds=1&dryRun=All', configMap('a'))] },
  {
    name: 'a watch of what cannot be watched',
    asks: [
      get('/apis/authentication.k8s.io/v1/tokenreviews?watch=1&timeoutSeconds=1'),
      get('~/bindings?watch=1&timeoutSeconds=1'),
    ],
  },
]
