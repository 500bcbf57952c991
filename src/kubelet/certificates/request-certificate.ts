import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { certificateSigningRequests } from '../../api/certificates/v1/certificate-signing-request.ts'
import type { CertificateSigningRequest } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import { createCertificateRequest } from '../../machinery/x509/certificate-request.ts'
import { encodePem } from '../../machinery/x509/pem.ts'
import { readKeyPair } from './certificate-store.ts'
import type { KeyPair } from './key-pair.ts'
import type { CertificateWish } from './rotation.ts'

/** Watches end by themselves, so that one that died unnoticed is not waited for. */
const watchSeconds = 300

/**
 * Makes a key, asks the signer for its certificate and waits until it is there (client-go util/certificate/csr). Throws
 * when the request is denied, fails or is deleted, and the signal's reason when it aborts.
 */
export async function requestCertificate(options: {
  readonly client: Client
  readonly signerName: string
  readonly usages: readonly string[]
  readonly wish: CertificateWish
  readonly signal: AbortSignal
}): Promise<KeyPair> {
  const { client, signerName, usages, wish, signal } = options
  const key = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
  }).privateKey
  const request = createCertificateRequest({ ...wish, privateKey: createPrivateKey(key) })
  let csr = await client.create<CertificateSigningRequest>(
    certificateSigningRequests,
    {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { generateName: 'csr-' },
      spec: { request: Buffer.from(encodePem('CERTIFICATE REQUEST', request)).toString('base64'), signerName, usages },
    } as unknown as CertificateSigningRequest,
    { signal },
  )
  const { name = '', uid } = csr.metadata
  for (;;) {
    const events = await client.watch(certificateSigningRequests, {
      fieldSelector: `metadata.name=${name}`,
      resourceVersion: csr.metadata.resourceVersion,
      timeoutSeconds: watchSeconds,
      signal,
    })
    for await (const { type, object } of events) {
      if (type === 'DELETED') throw new Error(`csr ${JSON.stringify(name)} was deleted`)
      if (type !== 'ADDED' && type !== 'MODIFIED') break
      const cert = issued(object as CertificateSigningRequest, uid)
      if (cert !== undefined) return readKeyPair(cert, key)
    }
    signal.throwIfAborted()
    // The watch has ended, perhaps because it started too long ago.
    csr = await client.get(certificateSigningRequests, { name }, { signal })
    const cert = issued(csr, uid)
    if (cert !== undefined) return readKeyPair(cert, key)
  }
}

/** The PEM that was issued; undefined: not yet. Throws when there will be none. */
function issued({ metadata, status }: CertificateSigningRequest, uid: string | undefined): string | undefined {
  if (metadata.uid !== uid) throw new Error(`csr ${JSON.stringify(metadata.name)} changed UIDs`)
  for (const { type, reason, message } of status?.conditions ?? []) {
    const why = `reason: ${reason ?? ''}, message: ${message ?? ''}`
    if (type === 'Denied') throw new Error(`certificate signing request is denied, ${why}`)
    if (type === 'Failed') throw new Error(`certificate signing request failed, ${why}`)
  }
  const approved = status?.conditions?.some(({ type }) => type === 'Approved')
  return approved && status?.certificate ? Buffer.from(status.certificate, 'base64').toString() : undefined
}
