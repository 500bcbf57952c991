import type { Clock } from '../../machinery/clock.ts'
import { goQuote } from '../../machinery/field-error.ts'
import type { Logger } from '../../machinery/log.ts'
import { readText } from '../options/config-file.ts'
import { followFile } from '../options/followed-file.ts'
import type { IssuedCertificate } from './issued-certificate.ts'

/** How often it is looked whether a certificate of our own nears its end. */
const renewalCheckMs = 6 * 3600 * 1000

/** A certificate that this server shows to others, as files and time change it. */
export interface ShownCertificate {
  /** Another object each time that it changed. */
  readonly current: IssuedCertificate
  onChange(callback: () => void): void
  stop(): void
}

/**
 * One of our own is asked for anew before it ends; one that others made is read again when its files change (apiserver
 * pkg/server/dynamiccertificates dynamic_serving_content.go). What is wrong with a changed file is told, and the certificate of
 * before stays. Throws an Error that names the file that is wrong.
 */
export function shownCertificate(options: {
  readonly read: () => IssuedCertificate
  /** Whether others make it. */
  readonly given: boolean
  readonly clock: Clock
  readonly log: Logger
}): ShownCertificate {
  const { read, given, clock, log } = options
  const callbacks: (() => void)[] = []
  let current = read()
  function look(why: string): void {
    let next: IssuedCertificate
    try {
      next = read()
    } catch (error) {
      log.error('the changed certificate is not used', { why: (error as Error).message })
      return
    }
    if (next.certificatePem === current.certificatePem && next.privateKeyPem === current.privateKeyPem) return
    current = next
    log.info('another certificate is shown from now on', { path: next.certificateFile, why })
    for (const callback of callbacks) callback()
  }
  const stops: (() => void)[] = []
  if (given) {
    for (const path of [current.certificateFile, current.privateKeyFile])
      stops.push(followFile(path, { text: readText(path), clock, log }, () => look(`${goQuote(path)} changed`)))
  } else {
    let cancel = () => {}
    const lookLater = () => {
      cancel = clock.after(renewalCheckMs, () => {
        look('the one before nears its end')
        lookLater()
      })
    }
    lookLater()
    stops.push(() => cancel())
  }
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
