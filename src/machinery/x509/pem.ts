/** Textual encoding of DER (RFC 7468). */
export interface PemBlock {
  readonly type: string
  readonly bytes: Buffer
  /** Whether lines like `Proc-Type: …` stand before the body. */
  readonly headers: boolean
}

export function encodePem(type: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${type}-----\n${lines.join('\n')}\n-----END ${type}-----\n`
}

/** All blocks of a text, in order; what stands between them is ignored, as Go's pem.Decode does. */
export function decodePem(text: string): PemBlock[] {
  const blocks: PemBlock[] = []
  const pattern = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n((?:[\w-]+:.*\r?\n)*)([A-Za-z0-9+/=\s]*?)-----END \1-----/g
  for (const [, type = '', headers = '', body = ''] of text.matchAll(pattern)) {
    blocks.push({ type, headers: headers !== '', bytes: Buffer.from(body.replace(/\s/g, ''), 'base64') })
  }
  return blocks
}
