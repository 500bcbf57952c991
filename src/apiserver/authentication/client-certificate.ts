import { hash, type X509Certificate } from 'node:crypto'
import type { UserInfo } from '../../api/user.ts'
import type { Clock } from '../../machinery/clock.ts'
import { type Certificate, extendedKeyUsages, parseCertificate } from '../../machinery/x509/certificate.ts'
import { uidAttribute } from '../../machinery/x509/name.ts'
import type { Authenticator, ClientCertificate } from './authenticator.ts'
import type { CredentialMetrics } from './credential-metrics.ts'

const longestChain = 5

/**
 * Verifies the certificate that a client showed against one authority, for the use "client auth". The chain is walked
 * once per connection; that the time is within every member's validity is checked on each request.
 */
export function createChainVerifier(options: {
  readonly authority: Certificate
  readonly clock: Clock
}): (shown: ClientCertificate) => Certificate {
  const { authority, clock } = options
  const chains = new WeakMap<object, readonly Certificate[] | Error>()

  function verify({ connection, certificate }: ClientCertificate): readonly Certificate[] {
    let chain = chains.get(connection)
    if (chain === undefined) {
      try {
        chain = chainOf(certificate, authority)
      } catch (error) {
        chain = error instanceof Error ? error : new Error(String(error))
      }
      chains.set(connection, chain)
    }
    if (chain instanceof Error) throw chain
    return chain
  }
  return (shown) => {
    const chain = verify(shown)
    const now = clock.now()
    for (const { notBefore, notAfter } of [...chain, authority]) {
      if (now < notBefore || now > notAfter) throw new Error('x509: certificate has expired or is not yet valid')
    }
    return chain[0]!
  }
}

function chainOf(leaf: X509Certificate, authority: Certificate): readonly Certificate[] {
  const chain = [parseCertificate(leaf.raw)]
  for (let next = leaf.issuerCertificate; !issuedBy(chain.at(-1)!, authority); next = next.issuerCertificate) {
    const parent = next === undefined ? undefined : parseCertificate(next.raw)
    if (
      next === undefined ||
      parent === undefined ||
      chain.length >= longestChain ||
      !parent.isCa ||
      !issuedBy(chain.at(-1)!, parent)
    )
      throw new Error('x509: certificate signed by unknown authority')
    chain.push(parent)
  }
  for (const { extendedKeyUsage: uses } of chain) {
    if (uses.length > 0 && !uses.includes(extendedKeyUsages.clientAuth) && !uses.includes(extendedKeyUsages.any))
      throw new Error('x509: certificate specifies an incompatible key usage')
  }
  return chain
}

function issuedBy(certificate: Certificate, issuer: Certificate): boolean {
  return certificate.rawIssuer.equals(issuer.rawSubject) && certificate.signedBy(issuer.publicKey)
}

/** The user is the common name, the groups are the organizations (apiserver pkg/authentication/request/x509). */
export function createClientCertificateAuthenticator(options: {
  readonly authority: Certificate
  readonly clock: Clock
  readonly metrics?: Pick<CredentialMetrics, 'certificate'>
  /** Whether a certificate may say its user's uid (AllowParsingUserUIDFromCertAuth). */
  readonly readsUid?: boolean
}): Authenticator {
  const { clock, metrics, readsUid = true } = options
  const verify = createChainVerifier(options)
  const users = new WeakMap<Certificate, UserInfo>()
  return {
    name: 'client-certificate',
    authenticate({ clientCertificate }) {
      if (clientCertificate === undefined) return undefined
      let leaf: Certificate
      try {
        leaf = verify(clientCertificate)
      } catch (error) {
        const serial = clientCertificate.certificate.serialNumber
        throw new Error(`verifying certificate SN=${serial} failed: ${(error as Error).message}`, { cause: error })
      }
      metrics?.certificate((leaf.notAfter - clock.now()) / 1000)
      let user = users.get(leaf)
      if (user === undefined) {
        const { commonName, organizations = [] } = leaf.subject
        if (!commonName) return undefined
        user = {
          name: commonName,
          uid: readsUid ? uidOf(leaf) : undefined,
          groups: organizations,
          extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${hash('sha256', leaf.raw, 'hex')}`] },
        }
        users.set(leaf, user)
      }
      return { user }
    },
  }
}

function uidOf({ subjectAttributes }: Certificate): string | undefined {
  const [uid, second] = subjectAttributes.filter(({ oid }) => oid === uidAttribute)
  if (second !== undefined) throw new Error('expected 1 UID, but found multiple')
  if (uid?.value === '') throw new Error('UID cannot be an empty string')
  return uid?.value
}
