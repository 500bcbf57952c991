import type { WireCase } from '../exchange.fixture.ts'

/** A namespace that no controller changes while it is watched, from now on only: one event that tells all. */
const watched = '/api/v1/namespaces?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dkube-node-lease'
const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
const version = 'Sec-WebSocket-Version: 13\r\n'
const origin = 'Origin: https://x\r\n'
const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
const usual = upgrade + key + version + origin
const protocols = (...names: readonly string[]) => names.map((name) => `Sec-WebSocket-Protocol: ${name}\r\n`).join('')
const get = (path: string, head: string, method = 'GET') => `${method} ${path} HTTP/1.1\r\nHost: x\r\n${head}\r\n`

/** A masked frame of a client (RFC 6455, 5.2), whose mask changes nothing. */
const frame = (opcode: number, payload = '') =>
  Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), Buffer.from(payload)])

const cases: readonly (readonly [string, WireCase['sends']])[] = [
  ['a watch', [get(watched, usual)]],
  ['a watch of nothing', [get(`${watched}x`, usual)]],
  ['a watch from a version to come', [get(`${watched}&resourceVersion=1000000000`, usual)]],
  ['a watch that is too old', [get(`${watched}&resourceVersion=x`, usual)]],
  ['a watch with a field that is none', [get(watched.replace('metadata.name', 'nonsense'), usual)]],
  ['a table', [get(watched, `${usual}Accept: application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1\r\n`)]],
  ['YAML', [get(watched, `${usual}Accept: application/yaml\r\n`)]],
  ['pretty', [get(`${watched}&pretty=1`, usual)]],
  ...[
    'binary.k8s.io',
    'base64.binary.k8s.io',
    'base64url.bearer.authorization.k8s.io.eA',
    'v4.channel.k8s.io',
    'x',
    'x, y',
  ].map((name) => [`protocol ${name}`, [get(watched, usual + protocols(name))]] as const),
  ['two protocols', [get(watched, usual + protocols('x', 'binary.k8s.io'))]],
  ['no origin', [get(watched, upgrade + key + version)]],
  ['an empty origin', [get(watched, `${upgrade}${key}${version}Origin:\r\n`)]],
  ['an origin that is none', [get(watched, `${upgrade}${key}${version}Origin: %\r\n`)]],
  ['no key', [get(watched, upgrade + version + origin)]],
  ['a short key', [get(watched, `${upgrade}${version}${origin}Sec-WebSocket-Key: eA==\r\n`)]],
  ['no version', [get(watched, upgrade + key + origin)]],
  ['version 8', [get(watched, `${upgrade}${key}${origin}Sec-WebSocket-Version: 8\r\n`)]],
  ['POST', [get(watched, usual, 'POST')]],
  ['HTTP/1.0', [get(watched, usual).replace('HTTP/1.1', 'HTTP/1.0')]],
  ['an upgrade of capitals', [get(watched, usual.replace('websocket', 'WebSocket'))]],
  ['a ping', [get(watched, usual), 200, frame(9, 'hello')]],
  ['a close', [get(watched, usual), 200, frame(8)]],
  ['text', [get(watched, usual), 200, frame(1, 'hello')]],
  ['a list', [get(watched.replace('watch=1&', ''), usual)]],
  ['an old path', [get('/api/v1/watch/namespaces/kube-node-lease?timeoutSeconds=1', usual)]],
]

export const messages: readonly WireCase[] = cases.map(([name, sends]) => ({ name: `WebSocket: ${name}`, sends }))
