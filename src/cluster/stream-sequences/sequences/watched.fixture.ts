import { type Ask, ask, configMap, get, type Sequence } from '../../protocol-sequences/exchange.fixture.ts'

const selectors = [
  '',
  '&labelSelector=app%3Da',
  '&labelSelector=app!%3Da',
  '&labelSelector=app',
  '&labelSelector=!app',
  '&labelSelector=app+in+(a,b)',
  '&labelSelector=app+notin+(a)',
  '&fieldSelector=metadata.name%3Da',
  '&fieldSelector=metadata.name!%3Da',
  '&fieldSelector=metadata.name%3Da&labelSelector=app%3Da',
  '&fieldSelector=metadata.name%3Da,metadata.namespace%3Dnone',
  '&fieldSelector=metadata.name%3Dnone',
]
const merge = (labels: object): Ask =>
  ask('PATCH', '~/configmaps/a', JSON.stringify({ metadata: { labels } }), {
    headers: { 'content-type': 'application/merge-patch+json' },
    // The watches hold the connections of HTTP/1.1.
    http: 2,
  })
const versions = ['', '0', '${version}', '1']
const combinations = versions.flatMap((version) =>
  ['', '&sendInitialEvents=true', '&sendInitialEvents=false'].flatMap((initial) =>
    ['', '&resourceVersionMatch=NotOlderThan', '&resourceVersionMatch=Exact'].flatMap((match) =>
      ['', '&allowWatchBookmarks=true'].map(
        (bookmarks) => `${version && `&resourceVersion=${version}`}${initial}${match}${bookmarks}`,
      ),
    ),
  ),
)

/** All at once, each for as long as the writes take. */
const many = (path: string, more: Partial<Ask> = {}): Ask[] => [
  ask('POST', '~/configmaps', configMap('a', {}, { app: 'a' }), { keep: { version: 'metadata.resourceVersion' } }),
  get('~/configmaps'),
  ...selectors.map(
    (selector): Ask => ({
      ...get(`${path}?watch=1&timeoutSeconds=4&resourceVersion=\${version}${selector}`),
      detached: true,
      http: 2,
      ...more,
    }),
  ),
  { ...ask('POST', '~/configmaps', configMap('b', {}, { app: 'b' })), after: 700, http: 2 },
  merge({ app: 'b' }),
  merge({ app: null }),
  merge({ app: 'a' }),
  ask('DELETE', '~/configmaps/b', undefined, { http: 2 }),
  ask('DELETE', '~/configmaps?labelSelector=app%3Da', undefined, { http: 2 }),
]

export const manyWatches: readonly Sequence[] = [
  { name: 'many watches', asks: many('~/configmaps', { http: 1 }) },
  { name: 'many watches over HTTP/2', asks: many('~/configmaps') },
  {
    name: 'many watches of metadata',
    asks: many('~/configmaps', { headers: { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' } }),
  },
  {
    name: 'many watches in protobuf',
    asks: many('~/configmaps', { headers: { accept: 'application/vnd.kubernetes.protobuf' }, decodes: true }),
  },
]

export const watched: readonly Sequence[] = [
  ...combinations.map((combination) => ({
    name: `a watch of one${combination.replaceAll(/[${}]/g, '')}`,
    asks: [
      ask('POST', '~/configmaps', configMap('a'), { keep: { version: 'metadata.resourceVersion' } }),
      ask('POST', '~/configmaps', configMap('b')),
      get('~/configmaps'),
      // Histories of other sequences are seen from version 1 on, but not of this name.
      get(`~/configmaps?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Da${combination}`),
    ],
  })),
]

export const compacted: readonly Sequence[] = [
  {
    name: 'watches after a compaction',
    asks: [
      ask('POST', '~/configmaps', configMap('a'), { keep: { version: 'metadata.resourceVersion' } }),
      ask('POST', '~/configmaps', configMap('b')),
      { ...get('~/configmaps?resourceVersion=${version}&resourceVersionMatch=Exact'), until: 410 },
      ...combinations
        .filter((each) => !each.includes('=1'))
        .map((combination) => get(`~/configmaps?watch=1&timeoutSeconds=1${combination}`)),
    ],
  },
]
