import type { WireCase } from '../exchange.fixture.ts'
import { frame, headerBlock, preface, settings, uint32 } from '../frames.fixture.ts'

type Headers = readonly (readonly [string, string])[]
const usual: Headers = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'x'],
  [':path', '/healthz'],
]
const but = (changed: Readonly<Record<string, string | undefined>>, more: Headers = []): Headers => [
  ...usual.flatMap(([name, value]): Headers => {
    const other = name in changed ? changed[name] : value
    return other === undefined ? [] : [[name, other]]
  }),
  ...more,
]
const END = 1
const END_HEADERS = 4
const PADDED = 8
const PRIORITY = 32
const headers = (stream: number, list: Headers = usual, flags = END | END_HEADERS) =>
  frame('HEADERS', flags, stream, headerBlock(list))
/** A request whose body is awaited. */
const begun = headers(1, but({ ':method': 'POST', ':path': '/api/v1/namespaces?dryRun=All' }), END_HEADERS)
const begin = Buffer.concat([preface, settings()])
const then = headers(9)
const ping = frame('PING', 0, 0, Buffer.from('12345678'))

/** What is sent after the preface, and another request behind it. */
const cases: readonly (readonly [string, readonly (Uint8Array | number)[]])[] = [
  ['a request', [headers(1)]],
  ['two requests', [headers(1), headers(3)]],
  ['a ping', [ping]],
  ['a ping that was answered', [frame('PING', 1, 0, Buffer.from('12345678'))]],
  ['a ping of seven bytes', [frame('PING', 0, 0, Buffer.from('1234567'))]],
  ['a ping on a stream', [frame('PING', 0, 1, Buffer.from('12345678'))]],

  // Names before others (RFC 9113, 8.3)
  ...[':method', ':scheme', ':authority', ':path'].flatMap(
    (name) =>
      [
        [`no ${name}`, [headers(1, but({ [name]: undefined }))]],
        [`an empty ${name}`, [headers(1, but({ [name]: '' }))]],
        [`${name} twice`, [headers(1, [...usual, usual.find(([each]) => each === name)!])]],
        [
          `${name} after others`,
          [headers(1, [...but({ [name]: undefined }, [['x', 'y']]), usual.find(([each]) => each === name)!])],
        ],
      ] as const,
  ),
  ['a host instead of an authority', [headers(1, but({ ':authority': undefined }, [['host', 'x']]))]],
  ['another host than the authority', [headers(1, but({}, [['host', 'y']]))]],
  ...['a b', 'x@y', 'a/b', '[::1]:1', 'x:a', 'ü'].map(
    (authority) => [`authority ${authority}`, [headers(1, but({ ':authority': authority }))]] as const,
  ),
  ...['http', 'ftp', 'HTTPS', 'a b'].map(
    (scheme) => [`scheme ${scheme}`, [headers(1, but({ ':scheme': scheme }))]] as const,
  ),
  ...[
    '*',
    'healthz',
    'http://x/healthz',
    '//healthz',
    '/heal thz',
    '/healthz\x00',
    '/healthz\x7f',
    '/healthz\xff',
    '/healthz#f',
    '/healthz%zz',
    '?a',
    '/healthz\r\nx: y',
    '/api/v1/namespaces/none',
  ].map((path) => [`path ${JSON.stringify(path)}`, [headers(1, but({ ':path': path }))]] as const),
  ...['get', 'FOO', 'G T', 'G\x00T', 'TRACE', 'PRI', 'HEAD', 'OPTIONS', 'POST', 'X-OWN'].map(
    (method) => [`method ${JSON.stringify(method)}`, [headers(1, but({ ':method': method }))]] as const,
  ),
  ['OPTIONS *', [headers(1, but({ ':method': 'OPTIONS', ':path': '*' }))]],
  [
    'CONNECT',
    [
      headers(1, [
        [':method', 'CONNECT'],
        [':authority', 'x:443'],
      ]),
    ],
  ],
  ['CONNECT with a path', [headers(1, but({ ':method': 'CONNECT' }))]],
  ['CONNECT without an authority', [headers(1, [[':method', 'CONNECT']])]],
  ['CONNECT of a WebSocket', [headers(1, but({ ':method': 'CONNECT' }, [[':protocol', 'websocket']]))]],
  [':protocol of a GET', [headers(1, but({}, [[':protocol', 'websocket']]))]],
  ['an unknown name with a colon', [headers(1, [...usual, [':own', 'x']])]],
  [':status in a request', [headers(1, [...usual, [':status', '200']])]],

  // Fields of connections, and bytes that no field has (8.2)
  ...(
    [
      ['connection', 'close'],
      ['connection', 'keep-alive'],
      ['keep-alive', 'x'],
      ['proxy-connection', 'close'],
      ['transfer-encoding', 'chunked'],
      ['upgrade', 'h2c'],
      ['upgrade', 'websocket'],
      ['te', 'trailers'],
      ['te', 'gzip'],
      ['te', 'trailers, gzip'],
      ['http2-settings', 'x'],
      ['X-Own', 'x'],
      ['x own', 'x'],
      ['x\x00', 'x'],
      ['x\x7f', 'x'],
      ['x"', 'x'],
      ['x(', 'x'],
      ['', 'x'],
      ['x', ''],
      ['x', 'a\x00b'],
      ['x', 'a\nb'],
      ['x', 'a\rb'],
      ['x', ' a'],
      ['x', 'a '],
      ['x', '\ta'],
      ['x', 'a\x01b'],
      ['x', 'a\x7fb'],
      ['x', '\xff'],
      ['cookie', 'a=b'],
      ['content-length', '0'],
      ['content-length', '5'],
      ['content-length', '-1'],
      ['content-length', 'x'],
      ['expect', '100-continue'],
      ['expect', 'x'],
    ] satisfies Headers
  ).map(
    ([name, value]) =>
      [`field ${JSON.stringify(`${name}: ${value}`)}`, [headers(1, [...usual, [name, value]])]] as const,
  ),
  ...['bob', ' bob', 'bob ', '\tbob', 'b ob', 'böb', 'b\xc3\xb6b', 'b\x00ob', 'b\nob', ''].map(
    (name) =>
      [
        `impersonation of ${JSON.stringify(name)}`,
        [headers(1, but({ ':path': '/api/v1/namespaces/none' }, [['impersonate-user', name]]))],
      ] as const,
  ),
  ['two lengths', [headers(1, [...usual, ['content-length', '0'], ['content-length', '5']])]],
  ['the same length twice', [headers(1, [...usual, ['content-length', '0'], ['content-length', '0']])]],

  // Streams (5.1)
  ['an even stream', [headers(2)]],
  ['stream 0', [headers(0)]],
  ['a smaller stream', [headers(5), headers(3)]],
  ['the same stream twice', [headers(1), 50, headers(1)]],
  ['DATA before a request', [frame('DATA', END, 1, Buffer.from('x'))]],
  ['DATA on stream 0', [frame('DATA', 0, 0, Buffer.from('x'))]],
  ['DATA after the end', [headers(1), 50, frame('DATA', END, 1, Buffer.from('x'))]],
  ['RST_STREAM before a request', [frame('RST_STREAM', 0, 1, uint32(8))]],
  ['RST_STREAM on stream 0', [frame('RST_STREAM', 0, 0, uint32(8))]],
  ['RST_STREAM of three bytes', [begun, frame('RST_STREAM', 0, 1, Buffer.alloc(3))]],
  ['RST_STREAM of a request', [begun, frame('RST_STREAM', 0, 1, uint32(8))]],
  ['WINDOW_UPDATE before a request', [frame('WINDOW_UPDATE', 0, 1, uint32(1))]],
  ['WINDOW_UPDATE of nothing', [frame('WINDOW_UPDATE', 0, 0, uint32(0))]],
  ['WINDOW_UPDATE of nothing on a stream', [begun, frame('WINDOW_UPDATE', 0, 1, uint32(0))]],
  ['WINDOW_UPDATE too large', [frame('WINDOW_UPDATE', 0, 0, uint32(0x7fffffff))]],
  ['WINDOW_UPDATE too large on a stream', [begun, frame('WINDOW_UPDATE', 0, 1, uint32(0x7fffffff))]],
  ['WINDOW_UPDATE of three bytes', [frame('WINDOW_UPDATE', 0, 0, Buffer.alloc(3))]],
  ['PRIORITY', [frame('PRIORITY', 0, 1, Buffer.from([0, 0, 0, 0, 16]))]],
  ['PRIORITY of four bytes', [frame('PRIORITY', 0, 1, uint32(0))]],
  ['PRIORITY on stream 0', [frame('PRIORITY', 0, 0, Buffer.from([0, 0, 0, 0, 16]))]],
  ['PRIORITY that depends on itself', [frame('PRIORITY', 0, 1, Buffer.from([0, 0, 0, 1, 16]))]],
  [
    'headers with a priority',
    [
      frame(
        'HEADERS',
        END | END_HEADERS | PRIORITY,
        1,
        Buffer.concat([Buffer.from([0, 0, 0, 0, 16]), headerBlock(usual)]),
      ),
    ],
  ],
  [
    'headers that depend on themselves',
    [
      frame(
        'HEADERS',
        END | END_HEADERS | PRIORITY,
        1,
        Buffer.concat([Buffer.from([0, 0, 0, 1, 16]), headerBlock(usual)]),
      ),
    ],
  ],
  [
    'padded headers',
    [
      frame(
        'HEADERS',
        END | END_HEADERS | PADDED,
        1,
        Buffer.concat([Buffer.from([5]), headerBlock(usual), Buffer.alloc(5)]),
      ),
    ],
  ],
  [
    'headers padded too much',
    [frame('HEADERS', END | END_HEADERS | PADDED, 1, Buffer.concat([Buffer.from([255]), headerBlock(usual)]))],
  ],
  ['PUSH_PROMISE', [frame('PUSH_PROMISE', END_HEADERS, 1, Buffer.concat([uint32(2), headerBlock(usual)]))]],
  ['an unknown frame', [frame(99, 0, 0, Buffer.from('x'))]],
  ['an unknown frame on a stream', [begun, frame(99, 0, 1, Buffer.from('x')), frame('DATA', END, 1)]],
  ['a frame too large', [frame('DATA', 0, 1, Buffer.alloc(1024 * 1024 + 1))]],
  ['a ping too large', [frame('PING', 0, 0, Buffer.alloc(20_000))]],
  ['GOAWAY', [frame('GOAWAY', 0, 0, uint32(0, 0))]],
  ['GOAWAY with an error', [frame('GOAWAY', 0, 0, uint32(0, 2))]],
  ['GOAWAY on a stream', [frame('GOAWAY', 0, 1, uint32(0, 0))]],

  // SETTINGS (6.5)
  ['SETTINGS on a stream', [frame('SETTINGS', 0, 1)]],
  ['SETTINGS of five bytes', [frame('SETTINGS', 0, 0, Buffer.alloc(5))]],
  ['SETTINGS that were taken', [frame('SETTINGS', 1, 0)]],
  ['SETTINGS that were taken, with bytes', [frame('SETTINGS', 1, 0, Buffer.alloc(6))]],
  ...(
    [
      [1, 0],
      [1, 0xffffffff],
      [2, 0],
      [2, 2],
      [3, 0],
      [4, 0],
      [4, 0x7fffffff],
      [4, 0x80000000],
      [5, 16_384],
      [5, 16_383],
      [5, 16_777_216],
      [6, 0],
      [6, 10],
      [8, 1],
      [8, 2],
      [99, 1],
    ] as const
  ).map(([name, value]) => [`SETTINGS ${name}=${value}`, [settings([[name, value]]), headers(1)]] as const),
  ['100 SETTINGS in a frame', [settings(Array.from({ length: 100 }, () => [99, 1] as const))]],

  // Header blocks (4.3, 6.10)
  [
    'headers in pieces',
    [
      frame('HEADERS', END, 1, headerBlock(usual.slice(0, 2))),
      frame('CONTINUATION', END_HEADERS, 1, headerBlock(usual.slice(2))),
    ],
  ],
  [
    'headers in many pieces',
    [
      frame('HEADERS', END, 1),
      ...[...headerBlock(usual)].map((byte) => frame('CONTINUATION', 0, 1, Buffer.from([byte]))),
      frame('CONTINUATION', END_HEADERS, 1),
    ],
  ],
  [
    'CONTINUATION on another stream',
    [frame('HEADERS', END, 1, headerBlock(usual)), frame('CONTINUATION', END_HEADERS, 3)],
  ],
  [
    'a ping between headers',
    [frame('HEADERS', END, 1, headerBlock(usual)), ping, frame('CONTINUATION', END_HEADERS, 1)],
  ],
  ['CONTINUATION of nothing', [frame('CONTINUATION', END_HEADERS, 1, headerBlock(usual))]],
  ['HPACK that ends too early', [frame('HEADERS', END | END_HEADERS, 1, headerBlock(usual).subarray(0, -1))]],
  ['HPACK of an unknown index', [frame('HEADERS', END | END_HEADERS, 1, Buffer.from([0xff, 0x80, 0x01]))]],
  ['HPACK of index 0', [frame('HEADERS', END | END_HEADERS, 1, Buffer.from([0x80]))]],
  [
    'HPACK that makes the table too large',
    [
      frame(
        'HEADERS',
        END | END_HEADERS,
        1,
        Buffer.concat([Buffer.from([0x3f, 0xe1, 0xff, 0x03]), headerBlock(usual)]),
      ),
    ],
  ],
  [
    'HPACK of an endless number',
    [frame('HEADERS', END | END_HEADERS, 1, Buffer.concat([Buffer.from([0xff]), Buffer.alloc(20, 0xff)]))],
  ],
  [
    'HPACK of bad Huffman',
    [
      frame(
        'HEADERS',
        END | END_HEADERS,
        1,
        Buffer.concat([headerBlock(usual), Buffer.from([0, 0x84, 0xff, 0xff, 0xff, 0xff, 0])]),
      ),
    ],
  ],
  ['no headers', [frame('HEADERS', END | END_HEADERS, 1)]],
  [
    'headers of half a MiB',
    [
      frame('HEADERS', END, 1, headerBlock(usual)),
      ...Array.from({ length: 40 }, () => frame('CONTINUATION', 0, 1, headerBlock([['x', 'y'.repeat(12_000)]]))),
      frame('CONTINUATION', END_HEADERS, 1),
    ],
  ],
  [
    'headers of two MiB',
    [
      frame('HEADERS', END, 1, headerBlock(usual)),
      ...Array.from({ length: 160 }, () => frame('CONTINUATION', 0, 1, headerBlock([['x', 'y'.repeat(12_000)]]))),
      frame('CONTINUATION', END_HEADERS, 1),
    ],
  ],

  // Bodies
  ['a body', [headers(1, but({ ':method': 'POST' }), END_HEADERS), frame('DATA', END, 1, Buffer.from('hello'))]],
  [
    'a body of its length',
    [
      headers(1, but({ ':method': 'POST' }, [['content-length', '5']]), END_HEADERS),
      frame('DATA', END, 1, Buffer.from('hello')),
    ],
  ],
  [
    'a body longer than its length',
    [
      headers(1, but({ ':method': 'POST', ':path': '/api/v1/namespaces' }, [['content-length', '3']]), END_HEADERS),
      frame('DATA', END, 1, Buffer.from('hello')),
    ],
  ],
  [
    'a body shorter than its length',
    [
      headers(1, but({ ':method': 'POST', ':path': '/api/v1/namespaces' }, [['content-length', '9']]), END_HEADERS),
      frame('DATA', END, 1, Buffer.from('hello')),
    ],
  ],
  [
    'a body padded',
    [headers(1, but({ ':method': 'POST' }), END_HEADERS), frame('DATA', END | PADDED, 1, Buffer.from('\x02hello\0\0'))],
  ],
  [
    'a body padded too much',
    [headers(1, but({ ':method': 'POST' }), END_HEADERS), frame('DATA', END | PADDED, 1, Buffer.from('\x09hello'))],
  ],
  [
    'trailers',
    [
      headers(1, but({ ':method': 'POST' }), END_HEADERS),
      frame('DATA', 0, 1, Buffer.from('hello')),
      headers(1, [['x', 'y']]),
    ],
  ],
  [
    'trailers that do not end',
    [
      headers(1, but({ ':method': 'POST', ':path': '/api/v1/namespaces' }), END_HEADERS),
      frame('DATA', 0, 1, Buffer.from('hello')),
      headers(1, [['x', 'y']], END_HEADERS),
    ],
  ],
  [
    'trailers with a name before others',
    [
      headers(1, but({ ':method': 'POST', ':path': '/api/v1/namespaces' }), END_HEADERS),
      frame('DATA', 0, 1, Buffer.from('hello')),
      headers(1, [[':path', '/']]),
    ],
  ],
  ['a request to nobody who reads', [settings([[4, 0]]), headers(1)]],
]

export const http2: readonly WireCase[] = [
  ...cases.map(
    ([name, sends]): WireCase => ({ name: `HTTP/2: ${name}`, over: 'h2', sends: [begin, ...sends, 50, then] }),
  ),
  { name: 'HTTP/2: no preface', over: 'h2', sends: [settings(), headers(1)] },
  { name: 'HTTP/2: no settings', over: 'h2', sends: [preface, headers(1)] },
  { name: 'HTTP/2: half a preface', over: 'h2', sends: [preface.subarray(0, 10)], halfCloses: true },
  { name: 'HTTP/2: a preface that is broken', over: 'h2', sends: ['PRI * HTTP/2.0\r\n\r\nSN\r\n\r\n', settings()] },
  { name: 'HTTP/2: nothing', over: 'h2', sends: [begin], tellsSettings: true },
  { name: 'HTTP/2: no more to come', over: 'h2', sends: [begin, headers(1), 300], halfCloses: true },
  { name: 'HTTP/2: half a frame', over: 'h2', sends: [begin, headers(1).subarray(0, 12)], halfCloses: true },
]
