import type { ClientName, WireCase, WireTls } from '../exchange.fixture.ts'

const next = 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
const who = 'GET /api/v1/namespaces/none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'

const version = (minVersion: WireTls['minVersion'], ciphers?: string): WireTls => ({
  minVersion,
  maxVersion: minVersion,
  ...(ciphers && { ciphers }),
})
const old = (suite: string) => version('TLSv1.2', `${suite}:@SECLEVEL=0`)
const ways: readonly (readonly [string, WireTls])[] = [
  ['TLS 1.0', version('TLSv1')],
  ['TLS 1.1', version('TLSv1.1')],
  ['TLS 1.2', version('TLSv1.2')],
  ['TLS 1.3', version('TLSv1.3')],
  ['any version', {}],
  ...[
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-ECDSA-AES128-SHA',
    'ECDHE-ECDSA-AES256-SHA',
    'ECDHE-ECDSA-AES128-SHA256',
    'ECDHE-ECDSA-AES256-SHA384',
    'ECDHE-ECDSA-AES128-CCM',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'AES128-GCM-SHA256',
    'AES128-SHA',
    'DHE-RSA-AES128-GCM-SHA256',
    'aNULL',
    'eNULL',
    'PSK',
  ].map((suite) => [`the suite ${suite}`, old(suite)] as const),
  ...[
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_CCM_SHA256',
    'TLS_AES_128_CCM_8_SHA256',
  ].map((suite) => [`the suite ${suite}`, version('TLSv1.3', suite)] as const),
  ['suites, the smaller first', version('TLSv1.3', 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384')],
  ['suites, the larger first', version('TLSv1.3', 'TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256')],
  ...['P-256', 'P-384', 'P-521', 'X25519', 'X448', 'X25519MLKEM768', 'secp256k1', 'P-256:X25519'].map(
    (curves) => [`the curve ${curves}`, { curves }] as const,
  ),
  ['no ALPN', { alpn: [] }],
  ['ALPN of something else', { alpn: ['spdy/3.1'] }],
  ['ALPN of something else and HTTP/1.1', { alpn: ['spdy/3.1', 'http/1.1'] }],
  ['ALPN http/1.0', { alpn: ['http/1.0'] }],
  ['ALPN h2c', { alpn: ['h2c'] }],
  ['ALPN HTTP/1.1', { alpn: ['HTTP/1.1'] }],
  ['a name', { servername: 'localhost' }],
  ['another name', { servername: 'another.example.com' }],
  ['no name', { servername: '' }],
]

export const handshakes: readonly WireCase[] = [
  ...ways.map(([name, tls]) => ({ name: `handshake: ${name}`, tls, sends: [next] })),
  { name: 'handshake: ALPN h2 first', tls: { alpn: ['h2', 'http/1.1'] }, over: 'h2', sends: [] },
  { name: 'handshake: ALPN http/1.1 first', tls: { alpn: ['http/1.1', 'h2'] }, over: 'h2', sends: [] },
  ...(['admin', 'nobody', 'expired', 'not yet', 'of nobody', 'of a server'] satisfies ClientName[]).flatMap((as) =>
    [version('TLSv1.2'), version('TLSv1.3')].map(
      (tls): WireCase => ({ name: `handshake: a client ${as}, ${tls.minVersion}`, as, tls, sends: [who] }),
    ),
  ),
]
