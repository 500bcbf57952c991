/** POSIX tar (ustar) of a few files, in memory. */
export interface TarEntry {
  /** Without a leading slash. */
  readonly path: string
  readonly mode?: number
  readonly content?: Uint8Array | string
  /** Makes it a symbolic link. */
  readonly linkTo?: string
  /** Makes it a folder. */
  readonly folder?: boolean
  readonly uid?: number
  readonly gid?: number
}

const block = 512
const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`

function header(entry: TarEntry, size: number): Buffer {
  const [name, prefix] = splitPath(entry.folder ? `${entry.path}/` : entry.path)
  const type = entry.folder ? '5' : entry.linkTo !== undefined ? '2' : '0'
  const out = Buffer.alloc(block)
  out.write(name, 0)
  out.write(octal(entry.mode ?? (type === '0' ? 0o644 : 0o755), 8), 100)
  out.write(octal(entry.uid ?? 0, 8), 108)
  out.write(octal(entry.gid ?? 0, 8), 116)
  out.write(octal(size, 12), 124)
  // A fixed time, so that the same files give the same digest.
  out.write(octal(0, 12), 136)
  out.write(' '.repeat(8), 148)
  out.write(type, 156)
  if (entry.linkTo !== undefined) out.write(entry.linkTo, 157, 100)
  out.write('ustar\0', 257)
  out.write('00', 263)
  out.write(prefix, 345)
  const sum = out.reduce((total, byte) => total + byte, 0)
  out.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return out
}

function splitPath(path: string): [name: string, prefix: string] {
  if (Buffer.byteLength(path) <= 100) return [path, '']
  const slash = path.lastIndexOf('/', path.length - 2)
  const prefix = path.slice(0, slash)
  const name = path.slice(slash + 1)
  if (slash < 0 || name.length > 100 || prefix.length > 155) throw new RangeError(`path too long for tar: ${path}`)
  return [name, prefix]
}

export function tar(entries: readonly TarEntry[]): Buffer {
  const parts: Buffer[] = []
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? '')
    parts.push(header(entry, content.length), content, Buffer.alloc((block - (content.length % block)) % block))
  }
  parts.push(Buffer.alloc(2 * block))
  return Buffer.concat(parts)
}
