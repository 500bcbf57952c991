import { createHash } from 'node:crypto'

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
const component = 'kube-apiserver'

/** What an API server on this host is called: `apiserver-` and a hash, the same after a restart (apiserver pkg/server/config.go NewConfig). */
export function apiServerId(hostname: string): string {
  const hash = createHash('sha256')
  for (const text of [hostname, component]) {
    const bytes = Buffer.from(text)
    hash.update(Buffer.from([bytes.length >> 8, bytes.length & 0xff]))
    hash.update(bytes)
  }
  return `apiserver-${base32(hash.digest().subarray(0, 16))}`
}

/** RFC 4648, without padding, small letters. */
function base32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(value >> (bits - 5)) & 31]
  }
  return bits > 0 ? text + alphabet[(value << (5 - bits)) & 31] : text
}
