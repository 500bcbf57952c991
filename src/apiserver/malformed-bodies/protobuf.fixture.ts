import { bytes, configMaps, malformedBodies } from './case.fixture.ts'

const target = { method: 'POST', path: configMaps, contentType: 'application/vnd.kubernetes.protobuf' } as const
const magic = [0x6b, 0x38, 0x73, 0]

function varint(value: number): number[] {
  const out: number[] = []
  let rest = value
  while (rest >= 128) {
    out.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  return [...out, rest]
}
function field(number: number, content: string | Uint8Array | readonly number[]): Uint8Array {
  const data = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content as Uint8Array)
  return bytes(varint(number * 8 + 2), varint(data.length), [...data])
}
const join = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts)
const typeMeta = (apiVersion = 'v1', kind = 'ConfigMap') => field(1, join(field(1, apiVersion), field(2, kind)))
const envelope = (raw: Uint8Array, type = typeMeta(), rest: Uint8Array = bytes()): Uint8Array =>
  join(bytes(magic), type, field(2, raw), rest)
const metadata = field(1, field(1, 'new'))
const named = (more: Uint8Array) => envelope(join(metadata, more))
const deep = (depth: number): Uint8Array => {
  let inner: Uint8Array = bytes()
  for (let level = 0; level < depth; level++) inner = field(1, inner)
  return inner
}

export const protobufBodies = malformedBodies('protobuf', target, {
  'nothing at all': '',
  'three bytes': bytes([0x6b, 0x38, 0x73]),
  'another prefix': bytes('k9s\0', [1, 2, 3]),
  JSON: '{"kind":"ConfigMap","apiVersion":"v1"}',
  'only the prefix': bytes(magic),
  'an envelope that is cut off': bytes(magic, [0x0a, 0x20, 0x01]),
  'an envelope with a length beyond its end': bytes(magic, [0x12, 0xff, 0xff, 0xff, 0x7f]),
  'an envelope with a negative length': bytes(
    magic,
    [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  ),
  'an envelope with a varint without end': bytes(magic, Array(20).fill(0xff) as number[]),
  'an envelope with field number zero': bytes(magic, [0x02, 0x00]),
  'an envelope with an unknown wire type': bytes(magic, [0x0f, 0x01]),
  'an envelope whose type is a number': bytes(magic, [0x08, 0x01]),
  'an envelope with an end of a group': bytes(magic, [0x0c]),
  'an envelope with an unclosed group': bytes(magic, [0x0b]),
  'no kind': envelope(metadata, field(1, field(1, 'v1'))),
  'no version': envelope(metadata, field(1, field(2, 'ConfigMap'))),
  'no type': envelope(metadata, bytes()),
  'a kind that nobody knows': envelope(metadata, typeMeta('v1', 'Sphinx')),
  'a version that nobody knows': envelope(metadata, typeMeta('v7')),
  'a version with too many parts': envelope(metadata, typeMeta('a/b/c')),
  'another kind than the path': envelope(metadata, typeMeta('v1', 'Secret')),
  'a content encoding': envelope(metadata, typeMeta(), field(3, 'gzip')),
  'a content type': envelope(metadata, typeMeta(), field(4, 'application/json')),
  'an object that is cut off': envelope(bytes([0x0a, 0x7f, 0x0a])),
  'an object with a length beyond its end': envelope(bytes([0x12, 0xff, 0xff, 0xff, 0x7f])),
  'an object with a negative length': envelope(
    bytes([0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
  ),
  'an object with a varint without end': envelope(bytes(Array(20).fill(0xff) as number[])),
  'an object with an unknown wire type': envelope(bytes([0x0f, 0x01])),
  'an object with field number zero': envelope(bytes([0x02, 0x00])),
  'an object whose metadata is a number': envelope(bytes([0x08, 0x01])),
  'an object whose metadata is fixed': envelope(bytes([0x0d, 1, 2, 3, 4])),
  'an object with an end of a group': envelope(bytes([0x0c])),
  'an object with an unknown field that is cut off': envelope(bytes([0xfa, 0x3e, 0x7f])),
  'a map entry that is cut off': named(field(2, [0x0a, 0x7f])),
  'a map entry whose key is a number': named(field(2, [0x08, 0x01])),
  'a map key of bad UTF-8': named(field(2, bytes([0x0a, 1, 0xff, 0x12, 1, 0x61]))),
  'a bool that is a string': named(field(4, 'true')),
  'a name of bad UTF-8': envelope(field(1, field(1, [0xff, 0xfe]))),
  'a name with a NUL': envelope(field(1, field(1, [0x61, 0, 0x62]))),
  'groups nested ten thousand deep': envelope(bytes(Array(10_000).fill(0x7b) as number[])),
  'messages nested a thousand deep': envelope(deep(1000)),
  'more than three megabytes': envelope(
    join(metadata, field(2, bytes('\x0a\x01a', [0x12], varint(3 * 1024 * 1024), 'x'.repeat(3 * 1024 * 1024)))),
  ),
})
