import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import { type Certificate } from '../../machinery/x509/certificate.ts'
import { encodePem } from '../../machinery/x509/pem.ts'
import { followFile } from '../options/followed-file.ts'
import { type Changing, ChangingValue } from './changing.ts'
import { authoritiesIn } from './given-files.ts'
import type { Pki } from './pki.ts'

/** Whose certificates count. */
export interface Authorities {
  /** Whose clients are believed. */
  readonly clients: readonly Certificate[]
  /** Whose clients may speak for others. */
  readonly frontProxy: readonly Certificate[]
}

/** The authorities as their files are now (--client-ca-file, --requestheader-client-ca-file; dynamiccertificates dynamic_cafile_content.go). */
export type Trust = Changing<Authorities>

export function authoritiesPem(certificates: readonly Certificate[]): string {
  return certificates.map(({ raw }) => encodePem('CERTIFICATE', raw)).join('')
}

/** Throws an Error that names the file that is wrong; one that becomes wrong later is told and what it held before stays. */
export function createTrust(options: {
  readonly pki: Pki
  readonly frontProxyFile?: string
  readonly clock: Clock
  readonly log: Logger
}): Trust {
  const { pki, frontProxyFile, clock, log } = options
  const own = pki.clusterAuthority.certificate
  let begun: Authorities = { clients: [own], frontProxy: [pki.frontProxyAuthority.certificate] }
  const followed = (path: string | undefined, use: (read: readonly Certificate[]) => Partial<Authorities>) => {
    if (path === undefined) return []
    const { text, certificates } = authoritiesIn(path)
    begun = { ...begun, ...use(certificates) }
    return [{ path, text, use }]
  }
  const files = [
    ...followed(pki.clientAuthorityFile, (read) => ({ clients: [own, ...read] })),
    ...followed(frontProxyFile, (read) => ({ frontProxy: read })),
  ]
  const trust = new ChangingValue(begun)
  for (const { path, text, use } of files) {
    const stop = followFile(path, { text, clock, log }, (changed) => {
      let read: readonly Certificate[]
      try {
        read = authoritiesIn(path, changed).certificates
      } catch (error) {
        log.error('the changed authorities are not used', { path, why: (error as Error).message })
        return
      }
      log.info('authorities were read again', { path })
      trust.change({ ...trust.current, ...use(read) })
    })
    trust.watchedUntil(stop)
  }
  return trust
}
