import { constants, createInflate, type Inflate } from 'node:zlib'
import { headerDictionary } from './dictionary.ts'

/** Header names in lower case; several values of one name are joined by NUL on the wire. */
export type Headers = ReadonlyMap<string, string>

function adler32(bytes: Uint8Array): number {
  let a = 1
  let b = 0
  for (const byte of bytes) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  return ((b << 16) | a) >>> 0
}

const dictionaryId = adler32(headerDictionary)
/** An empty stored block, as a sync flush ends with: Go's reader hands out what it has only when it meets one. */
const emptyBlock = Buffer.from([0, 0, 0, 0xff, 0xff])

/**
 * Writes header blocks as one zlib stream of stored (uncompressed) blocks: valid for every reader, needs no
 * compressor's state, and headers here are a few dozen bytes per stream.
 */
export class HeaderWriter {
  #first = true

  encode(headers: Headers): Buffer {
    const parts: Buffer[] = [uint32(headers.size)]
    for (const [name, value] of headers) {
      for (const text of [name, value]) {
        const bytes = Buffer.from(text)
        parts.push(uint32(bytes.length), bytes)
      }
    }
    const plain = Buffer.concat(parts)
    if (plain.length > 0xffff) throw new Error('SPDY header block is over 64 KiB')
    const stored = Buffer.alloc(5)
    stored.writeUInt16LE(plain.length, 1)
    stored.writeUInt16LE(~plain.length & 0xffff, 3)
    // CMF 0x78 (deflate, 32 KiB window), FLG 0xbb (FDICT, check bits), then the dictionary's checksum.
    const start = this.#first ? [Buffer.from([0x78, 0xbb]), uint32(dictionaryId)] : []
    this.#first = false
    return Buffer.concat([...start, stored, plain, emptyBlock])
  }
}

/** Reads the peer's header blocks; their order is that of the wire, for zlib keeps its state between them. */
export class HeaderReader {
  readonly #inflate: Inflate = createInflate({
    dictionary: headerDictionary,
    flush: constants.Z_SYNC_FLUSH,
    finishFlush: constants.Z_SYNC_FLUSH,
  })
  #out: Buffer[] = []
  #error: Error | undefined

  constructor() {
    this.#inflate.on('data', (bytes: Buffer) => this.#out.push(bytes))
    this.#inflate.on('error', (error) => (this.#error = error))
  }

  async decode(block: Uint8Array): Promise<Headers> {
    await new Promise<void>((resolve, reject) => {
      this.#inflate.write(block, (error) => (error ? reject(error) : resolve()))
    })
    if (this.#error) throw this.#error
    const plain = Buffer.concat(this.#out)
    this.#out = []
    if (plain.length > maxHeaderBytes) throw new Error('SPDY header block is over 64 KiB')
    return parse(plain)
  }

  close(): void {
    this.#inflate.destroy()
  }
}

const maxHeaderBytes = 64 * 1024

function parse(plain: Buffer): Headers {
  const headers = new Map<string, string>()
  let at = 4
  const text = () => {
    const length = plain.readUInt32BE(at)
    at += 4 + length
    if (at > plain.length) throw new Error('SPDY header block is cut short')
    return plain.toString('utf8', at - length, at)
  }
  for (let left = plain.readUInt32BE(0); left > 0; left--) {
    const name = text().toLowerCase()
    headers.set(name, text())
  }
  return headers
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}
