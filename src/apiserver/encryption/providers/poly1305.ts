/** The one-time authenticator of RFC 8439, 2.5: 16 bytes for a message, under a key of 32 bytes that is used once. */
export function poly1305(key: Buffer, message: Buffer): Buffer {
  const r = littleEndian(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn
  const s = littleEndian(key.subarray(16, 32))
  let sum = 0n
  for (let at = 0; at < message.length; at += 16) {
    const block = message.subarray(at, at + 16)
    sum = ((sum + littleEndian(block) + (1n << BigInt(8 * block.length))) * r) % prime
  }
  const tag = Buffer.alloc(16)
  let rest = BigInt.asUintN(128, sum + s)
  for (let at = 0; at < 16; at++, rest >>= 8n) tag[at] = Number(rest & 0xffn)
  return tag
}

const prime = (1n << 130n) - 5n

function littleEndian(bytes: Buffer): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}
