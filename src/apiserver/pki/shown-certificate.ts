import type { Clock } from '../../machinery/clock.ts'
import { goQuote } from '../../machinery/field-error.ts'
import type { Logger } from '../../machinery/log.ts'
import { readText } from '../options/config-file.ts'
import { followFile } from '../options/followed-file.ts'
import { type Changing, ChangingValue } from './changing.ts'
import type { IssuedCertificate } from './issued-certificate.ts'

/** How often it is looked whether a certificate of our own nears its end. */
const renewalCheckMs = 6 * 3600 * 1000

/** A certificate that this server shows to others, as files and time change it. */
export type ShownCertificate = Changing<IssuedCertificate>

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
  const shown = new ChangingValue(read())
  function look(why: string): void {
    let next: IssuedCertificate
    try {
      next = read()
    } catch (error) {
      log.error('the changed certificate is not used', { why: (error as Error).message })
      return
    }
    const { current } = shown
    if (next.certificatePem === current.certificatePem && next.privateKeyPem === current.privateKeyPem) return
    log.info('another certificate is shown from now on', { path: next.certificateFile, why })
    shown.change(next)
  }
  if (given) {
    for (const path of [shown.current.certificateFile, shown.current.privateKeyFile])
      shown.watchedUntil(followFile(path, { text: readText(path), clock, log }, () => look(`${goQuote(path)} changed`)))
  } else {
    let cancel = () => {}
    const lookLater = () => {
      cancel = clock.after(renewalCheckMs, () => {
        look('the one before nears its end')
        lookLater()
      })
    }
    lookLater()
    shown.watchedUntil(() => cancel())
  }
  return shown
}
