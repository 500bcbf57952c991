import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Certificate, parseCertificate } from '../../machinery/x509/certificate.ts'
import { decodePem, encodePem } from '../../machinery/x509/pem.ts'
import { algorithmOf } from '../tokens/jwt.ts'
import type { IssuedCertificate } from './issued-certificate.ts'
import { keyIdOf, type ServiceAccountKeys } from './service-account-keys.ts'

/**
 * Files that take the place of what a cluster makes for itself. Each function here throws an Error of one sentence that names the
 * file.
 */
export interface GivenFiles {
  /** The API server's own certificate, and its key. */
  readonly serving?: { readonly certificateFile: string; readonly privateKeyFile: string }
  /** Those whose clients are believed, one or several. */
  readonly clientAuthorityFile?: string
  readonly serviceAccounts?: {
    readonly signingKeyFile: string
    /** By which tokens are verified: keys, public or private, or certificates; default: the signing key's own. */
    readonly keyFiles: readonly string[]
  }
}

export function givenServing(files: NonNullable<GivenFiles['serving']>): IssuedCertificate {
  const certificatePem = read(files.certificateFile)
  const privateKeyPem = read(files.privateKeyFile)
  const [certificate] = certificatesIn(files.certificateFile, certificatePem)
  const key = understood(files.privateKeyFile, 'a private key', () => createPublicKey(createPrivateKey(privateKeyPem)))
  if (!certificate!.publicKey.equals(key))
    throw new Error(`${files.privateKeyFile} is not the key of the certificate in ${files.certificateFile}`)
  return { certificatePem, privateKeyPem, ...files, notAfter: certificate!.notAfter }
}

/** `text`: what the file holds, when it was read already. */
export function authoritiesIn(
  file: string,
  text = read(file),
): { readonly text: string; readonly certificates: readonly Certificate[] } {
  return { text, certificates: certificatesIn(file, text) }
}

/** RSA and ECDSA keys, as client-go's util/keyutil reads them. */
export function givenServiceAccountKeys(files: NonNullable<GivenFiles['serviceAccounts']>): ServiceAccountKeys {
  const { signingKeyFile, keyFiles } = files
  const privateKey = understood(signingKeyFile, 'a private key', () => createPrivateKey(read(signingKeyFile)))
  if (algorithmOf(privateKey) === undefined) throw new Error(`${signingKeyFile} holds neither an RSA nor an ECDSA key`)
  const own = createPublicKey(privateKey)
  const others = keyFiles.flatMap(publicKeysIn)
  const verification = keyFiles.length === 0 ? [own] : others
  return {
    signing: { keyId: keyIdOf(own), privateKey },
    verification: verification.map((publicKey) => ({ keyId: keyIdOf(publicKey), publicKey })),
  }
}

function publicKeysIn(file: string): readonly KeyObject[] {
  const keys = decodePem(read(file)).map(({ type, bytes }) =>
    understood(file, 'a key', () =>
      type === 'CERTIFICATE' ? new X509Certificate(bytes).publicKey : createPublicKey(encodePem(type, bytes)),
    ),
  )
  const known = keys.filter((key) => algorithmOf(key) !== undefined)
  if (known.length === 0) throw new Error(`${file} holds neither an RSA nor an ECDSA key`)
  return known
}

function certificatesIn(file: string, text: string): readonly Certificate[] {
  const certificates = decodePem(text)
    .filter(({ type }) => type === 'CERTIFICATE')
    .map(({ bytes }) => understood(file, 'a certificate', () => parseCertificate(bytes)))
  if (certificates.length === 0) throw new Error(`${file} holds no certificate`)
  return certificates
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

function understood<T>(file: string, what: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new Error(`${file} does not hold ${what} that can be understood: ${(error as Error).message}`, {
      cause: error,
    })
  }
}
