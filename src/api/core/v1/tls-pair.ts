import { X509Certificate, createPrivateKey, type KeyObject } from 'node:crypto'

/**
 * What is wrong with a certificate and its key, in the words of Go's tls.X509KeyPair; undefined: they belong together.
 * Both in PEM.
 */
export function tlsPairFault(certificate: Buffer, key: Buffer): string | undefined {
  const blocks = pemBlocks(certificate)
  const first = blocks.find(({ type }) => type === 'CERTIFICATE')
  if (first === undefined) return noCertificate(blocks.map(({ type }) => type))
  const keyBlocks = pemBlocks(key)
  const isKey = (type: string) => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY')
  const keyBlock = keyBlocks.find(({ type }) => isKey(type))
  if (keyBlock === undefined) return noKey(keyBlocks.map(({ type }) => type))
  let parsed: X509Certificate
  try {
    parsed = new X509Certificate(first.pem)
  } catch {
    return 'x509: malformed certificate'
  }
  let privateKey: KeyObject
  try {
    privateKey = createPrivateKey(keyBlock.pem)
  } catch {
    return 'tls: failed to parse private key'
  }
  if (parsed.publicKey.asymmetricKeyType !== privateKey.asymmetricKeyType) {
    return 'tls: private key type does not match public key type'
  }
  return parsed.checkPrivateKey(privateKey) ? undefined : 'tls: private key does not match public key'
}

interface PemBlock {
  readonly type: string
  readonly pem: string
}

function pemBlocks(text: Buffer): PemBlock[] {
  const matches = text.toString('latin1').matchAll(/-----BEGIN ([^-]+)-----[^]*?-----END \1-----/g)
  return [...matches].map(([pem, type]) => ({ type: type!, pem }))
}

function noCertificate(skipped: readonly string[]): string {
  if (skipped.length === 0) return 'tls: failed to find any PEM data in certificate input'
  if (skipped.length === 1 && skipped[0]!.endsWith('PRIVATE KEY')) {
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
  }
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${skipped.join(' ')}]`
}

function noKey(skipped: readonly string[]): string {
  if (skipped.length === 0) return 'tls: failed to find any PEM data in key input'
  if (skipped.length === 1 && skipped[0] === 'CERTIFICATE') {
    return 'tls: found a certificate rather than a key in the PEM for the private key'
  }
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${skipped.join(' ')}]`
}
