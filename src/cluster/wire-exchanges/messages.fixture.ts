/** What a server sent over a WebSocket (RFC 6455, 5.2), a line per frame: its kind in hexadecimal and what it says. */
export function tellMessages(bytes: Buffer): string[] {
  const told: string[] = []
  for (let at = 0; at + 2 <= bytes.byteLength; ) {
    const kind = bytes.readUInt8(at).toString(16)
    const short = bytes.readUInt8(at + 1)
    const head = short === 126 ? 4 : short === 127 ? 10 : 2
    if (at + head > bytes.byteLength) break
    const size = head === 2 ? short : head === 4 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6)
    told.push(`${kind} ${bytes.toString('latin1', at + head, at + head + size)}`)
    at += head + size
  }
  return told
}
