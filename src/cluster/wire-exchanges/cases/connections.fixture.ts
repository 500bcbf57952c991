import type { WireCase } from '../exchange.fixture.ts'

const next = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'
const upgrade = (head: string) => `GET /healthz HTTP/1.1\r\nHost: x\r\n${head}\r\n`
const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const pipes: readonly (readonly [string, WireCase['sends'], Partial<WireCase>?])[] = [
  ['two', [next + next]],
  ['ten', [next.repeat(10)]],
  ['in pieces', [...next.match(/[^]{1,7}/g)!.flatMap((piece) => [piece, 5])]],
  ['one and the half of one', [next, 300, next.slice(0, 20)], { halfCloses: true }],
  ['one and a broken one', [`${next}nonsense\r\n\r\n`]],
  ['a broken one and one', [`nonsense\r\n\r\n${next}`]],
  ['one that is the last, and one', [`GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n${next}`]],
  ['of 1.0, and one', [`GET /healthz HTTP/1.0\r\n\r\n${next}`]],
  ['kept alive, of 1.0, and one', [`GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n${next}`]],
  [
    'objects and others',
    [`GET /api/v1/namespaces/none HTTP/1.1\r\nHost: x\r\n\r\n${next}GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n`],
  ],
  ['nothing', ['']],
  ['nothing at all', [''], { halfCloses: true }],
  ['half a request', [next.slice(0, 30)], { halfCloses: true }],
  ['half a request line', [next.slice(0, 6)], { halfCloses: true }],
  ['one, and then no more', [next, 300], { halfCloses: true }],
  [
    'an upgrade to h2c',
    [upgrade('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n') + preface],
  ],
  [
    'an upgrade to h2c, one after',
    [upgrade('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n') + next],
  ],
  ['an upgrade to h2', [upgrade('Connection: Upgrade\r\nUpgrade: h2\r\n') + next]],
  ['an upgrade to nothing', [upgrade('Connection: Upgrade\r\nUpgrade:\r\n') + next]],
  ['an upgrade to itself', [upgrade('Connection: Upgrade\r\nUpgrade: HTTP/1.1\r\n') + next]],
  ['an upgrade to TLS', [upgrade('Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n') + next]],
  ['an upgrade that is not connected', [upgrade('Upgrade: websocket\r\n') + next]],
  [
    'an upgrade of a POST',
    [
      `POST /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nhello${next}`,
    ],
  ],
  ['the preface of HTTP/2', [preface]],
  ['HTTP/1.1 after ALPN chose HTTP/2', [next], { over: 'h2' }],
  ['TLS in TLS', ['\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00']],
  ['plain', [next], { over: 'plain' }],
  ['plain, of 1.0', ['GET /healthz HTTP/1.0\r\n\r\n'], { over: 'plain' }],
  ['plain HEAD', ['HEAD / HTTP/1.1\r\nHost: x\r\n\r\n'], { over: 'plain' }],
  ['plain POST', ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello'], { over: 'plain' }],
  ['plain PUT', ['PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'], { over: 'plain' }],
  ['plain OPTIONS', ['OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n'], { over: 'plain' }],
  ['plain DELETE', ['DELETE / HTTP/1.1\r\nHost: x\r\n\r\n'], { over: 'plain' }],
  ['plain PATCH', ['PATCH / HTTP/1.1\r\nHost: x\r\n\r\n'], { over: 'plain' }],
  ['plain CONNECT', ['CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n'], { over: 'plain' }],
  ['plain get', ['get / HTTP/1.1\r\nHost: x\r\n\r\n'], { over: 'plain' }],
  ['a plain preface of HTTP/2', [preface], { over: 'plain' }],
  ['plain nonsense', ['nonsense\r\n\r\n'], { over: 'plain' }],
  ['plain SSH', ['SSH-2.0-OpenSSH_9.2\r\n'], { over: 'plain' }],
  ['a plain byte', ['x'], { over: 'plain', halfCloses: true }],
  ['four plain bytes', ['GET '], { over: 'plain' }],
  ['nothing, plain', [''], { over: 'plain', halfCloses: true }],
  ['zeros, plain', ['\0'.repeat(100)], { over: 'plain' }],
  ['a record of TLS too large', [`\x16\x03\x01\xff\xff${'x'.repeat(100)}`], { over: 'plain' }],
  ['a hello of TLS that is none', ['\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00'], { over: 'plain' }],
  ['data of TLS before the hello', ['\x17\x03\x03\x00\x05hello'], { over: 'plain' }],
  ['an alert of TLS before the hello', ['\x15\x03\x03\x00\x02\x02\x28'], { over: 'plain' }],
  [
    'SSL 2',
    ['\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10' + '\x01\x00\x80'.repeat(7) + 'y'.repeat(16)],
    { over: 'plain' },
  ],
]

export const connections: readonly WireCase[] = pipes.map(([name, sends, more]) => ({
  name: `connection: ${name}`,
  sends,
  ...more,
}))
