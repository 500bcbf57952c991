import { type Ask, ask, type Sequence } from '../exchange.fixture.ts'

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const webSocket = (protocol?: string) => ({
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': key,
  ...(protocol !== undefined && { 'sec-websocket-protocol': protocol }),
})
const spdy = (protocol?: string) => ({
  connection: 'Upgrade',
  upgrade: 'SPDY/3.1',
  ...(protocol !== undefined && { 'x-stream-protocol-version': protocol }),
})
const waiting = (name: string) =>
  ask('POST', '~/pods', {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name },
    spec: {
      automountServiceAccountToken: false,
      containers: [
        { name: 'a', image: 'a' },
        { name: 'b', image: 'b' },
      ],
      initContainers: [{ name: 'i', image: 'i' }],
    },
  })
const account = ask('POST', '~/serviceaccounts', {
  kind: 'ServiceAccount',
  apiVersion: 'v1',
  metadata: { name: 'default' },
})

const ways: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['plain', {}],
  ['websocket', webSocket('v4.channel.k8s.io')],
  ['websocket v5', webSocket('v5.channel.k8s.io')],
  ['websocket of no protocol', webSocket()],
  ['websocket of another protocol', webSocket('nonsense')],
  ['spdy', spdy('v4.channel.k8s.io')],
  ['spdy of no protocol', spdy()],
  ['another upgrade', { connection: 'Upgrade', upgrade: 'nonsense' }],
]
const asks = (path: string, methods: readonly string[] = ['GET', 'POST']): Ask[] =>
  ways.flatMap(([, headers]) => methods.map((method) => ask(method, path, undefined, { headers })))

export const upgrades: readonly Sequence[] = [
  {
    name: 'upgrades of pods that are not there',
    asks: ['exec?command=a', 'attach', 'portforward?ports=80', 'log'].flatMap((rest) => asks(`~/pods/none/${rest}`)),
  },
  {
    name: 'upgrades of pods without a node',
    asks: [
      account,
      waiting('one'),
      ...['exec?command=a&container=a', 'attach?container=a&stdout=true', 'portforward', 'log?container=a'].flatMap(
        (rest) => asks(`~/pods/one/${rest}`),
      ),
    ],
  },
  {
    name: 'options of connections',
    asks: [
      account,
      waiting('one'),
      ...[
        'exec',
        'exec?container=a',
        'exec?command=a',
        'exec?command=a&container=none',
        'exec?command=a&container=a',
        'exec?command=a&container=a&stdin=x',
        'exec?command=a&container=i&stdout=1',
        'attach',
        'attach?container=none',
        'attach?container=a&tty=true&stderr=true&stdout=true',
        'portforward?ports=x',
        'portforward?ports=0',
        'portforward?ports=80,81',
        'portforward?ports=99999',
        'log',
        'log?container=none',
        'log?container=a&follow=x',
        'log?container=a&tailLines=-1',
        'log?container=a&sinceSeconds=0',
        'log?container=a&sinceSeconds=1&sinceTime=2024-01-01T00:00:00Z',
        'log?container=a&sinceTime=x',
        'log?container=a&limitBytes=0',
        'log?container=a&stream=Stdout',
        'log?container=a&stream=Other',
        'log?container=a&stream=Stdout&tailLines=1',
        'log?container=a&previous=true',
        'proxy',
        'proxy/',
        'proxy/a/b?c=d',
      ].flatMap((rest) => [ask('GET', `~/pods/one/${rest}`), ask('POST', `~/pods/one/${rest}`)]),
      ...['PUT', 'DELETE', 'PATCH', 'HEAD'].flatMap((method) =>
        ['exec?command=a&container=a', 'attach?container=a', 'portforward', 'log?container=a', 'proxy'].map((rest) =>
          ask(method, `~/pods/one/${rest}`),
        ),
      ),
      ...['none', 'one:80', 'https:one:443', 'http:one:', 'ftp:one:1', 'one:x'].flatMap((name) => [
        ask('GET', `~/services/${name}/proxy/`),
        ask('GET', `~/pods/${name}/proxy/`),
        ask('GET', `/api/v1/nodes/${name}/proxy/`),
      ]),
    ],
  },
  {
    name: 'upgrades of what has none',
    asks: [
      ...asks('~/configmaps', ['GET']),
      ...asks('~/configmaps/none', ['GET']),
      ...asks('/healthz', ['GET']),
      ...asks('/nothing', ['GET']),
    ],
  },
  {
    name: 'websockets of watches',
    asks: [
      { ...ask('GET', '~/configmaps?watch=1&timeoutSeconds=1', undefined, { headers: webSocket('nonsense') }) },
      {
        ...ask('GET', '~/configmaps?watch=1&timeoutSeconds=1', undefined, {
          headers: { ...webSocket(), 'sec-websocket-version': '12' },
        }),
      },
    ],
  },
]
