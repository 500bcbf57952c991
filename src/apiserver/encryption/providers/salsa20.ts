/** XSalsa20 (Bernstein, "Extending the Salsa20 nonce"): the stream that NaCl's secretbox uses, which node:crypto lacks. */

const sigma = new Uint32Array([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574])

/** `length` bytes of the stream of a key (32 bytes) and a nonce (24 bytes). */
export function xsalsa20(key: Buffer, nonce: Buffer, length: number): Buffer {
  const subkey = hsalsa20(words(key), words(nonce.subarray(0, 16)))
  const tail = words(nonce.subarray(16, 24))
  const out = Buffer.alloc(Math.ceil(length / 64) * 64)
  for (let block = 0; block * 64 < length; block++) {
    const input = state(subkey, [tail[0]!, tail[1]!, block >>> 0, Math.floor(block / 2 ** 32)])
    const mixed = rounds(input)
    for (let at = 0; at < 16; at++) out.writeUInt32LE((mixed[at]! + input[at]!) >>> 0, block * 64 + at * 4)
  }
  return out.subarray(0, length)
}

/** A key for half of the nonce: the words of the state that hold constants and input, without the final addition. */
function hsalsa20(key: Uint32Array, input: Uint32Array): Uint32Array {
  const mixed = rounds(state(key, [...input]))
  return Uint32Array.from([0, 5, 10, 15, 6, 7, 8, 9], (at) => mixed[at]!)
}

function state(key: Uint32Array, input: readonly number[]): Uint32Array {
  return Uint32Array.from([
    ...[sigma[0]!, ...key.subarray(0, 4), sigma[1]!],
    ...input,
    ...[sigma[2]!, ...key.subarray(4, 8), sigma[3]!],
  ])
}

/** Which words a quarter-round mixes: columns, then rows. */
const quarters: readonly (readonly [number, number, number, number])[] = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14],
]

function rounds(input: Uint32Array): Uint32Array {
  const x = Uint32Array.from(input)
  for (let round = 0; round < 10; round++) {
    for (const [a, b, c, d] of quarters) {
      x[b]! ^= rotated(x[a]! + x[d]!, 7)
      x[c]! ^= rotated(x[b]! + x[a]!, 9)
      x[d]! ^= rotated(x[c]! + x[b]!, 13)
      x[a]! ^= rotated(x[d]! + x[c]!, 18)
    }
  }
  return x
}

const rotated = (sum: number, by: number): number => (sum << by) | ((sum >>> 0) >>> (32 - by))

function words(bytes: Buffer): Uint32Array {
  return Uint32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readUInt32LE(at * 4))
}
