import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import { type Certificate } from '../../machinery/x509/certificate.ts'
import { encodePem } from '../../machinery/x509/pem.ts'
import { followFile } from '../options/followed-file.ts'
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
export interface Trust {
  /** Another object each time that something changed. */
  readonly current: Authorities
  onChange(callback: () => void): void
  stop(): void
}

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
  const callbacks: (() => void)[] = []
  const stops: (() => void)[] = []
  const own = pki.clusterAuthority.certificate
  let current: Authorities = { clients: [own], frontProxy: [pki.frontProxyAuthority.certificate] }
  const follow = (path: string | undefined, use: (read: readonly Certificate[]) => Partial<Authorities>) => {
    if (path === undefined) return
    const { text, certificates } = authoritiesIn(path)
    current = { ...current, ...use(certificates) }
    stops.push(
      followFile(path, { text, clock, log }, (changed) => {
        try {
          current = { ...current, ...use(authoritiesIn(path, changed).certificates) }
        } catch (error) {
          log.error('the changed authorities are not used', { path, why: (error as Error).message })
          return
        }
        log.info('authorities were read again', { path })
        for (const callback of callbacks) callback()
      }),
    )
  }
  follow(pki.clientAuthorityFile, (read) => ({ clients: [own, ...read] }))
  follow(frontProxyFile, (read) => ({ frontProxy: read }))
  return {
    get current() {
      return current
    },
    onChange: (callback) => void callbacks.push(callback),
    stop() {
      for (const stop of stops) stop()
    },
  }
}
