import type { TlsOptions } from 'node:tls'
import type { Clock } from '../../machinery/clock.ts'
import { goQuote } from '../../machinery/field-error.ts'
import type { Logger } from '../../machinery/log.ts'
import { followFile } from '../options/followed-file.ts'
import { suites } from '../http/suites.ts'
import { readText } from '../options/config-file.ts'
import type { ShownCertificate } from '../pki/shown-certificate.ts'
import { authoritiesPem, type Trust } from '../pki/trust.ts'
import { type ContextByName, namedCertificates } from './named-certificates.ts'
import type { ServingOptions } from './serving-options.ts'

/** What handshakes go by, as files and time change it. Connections that are there stay as they are. */
export interface ServingTls {
  readonly options: TlsOptions
  /** Called with what the next handshakes are to go by. */
  onChange(callback: (options: TlsOptions) => void): void
  stop(): void
}

export function isServingTls(tls: TlsOptions | ServingTls): tls is ServingTls {
  return 'onChange' in tls
}

/**
 * What the listener goes by: its certificate, those that are shown by name, and who signs clients' (apiserver
 * pkg/server/dynamiccertificates tlsconfig.go). What is wrong with a changed file is told, and what was before stays.
 */
export function createServingTls(options: {
  readonly certificate: ShownCertificate
  readonly serving: ServingOptions
  readonly trust: Trust
  readonly clock: Clock
  readonly log: Logger
}): ServingTls {
  const { certificate, serving, trust, clock, log } = options
  const callbacks: ((options: TlsOptions) => void)[] = []
  const stops: (() => void)[] = []
  let byName: ContextByName

  const limits = {
    ...suites,
    minVersion: serving.minVersion,
    ...(serving.ciphers !== undefined && { ciphers: serving.ciphers }),
    ...(serving.curves !== undefined && { ecdhCurve: serving.curves }),
  }
  const clients = () => ({
    // Go's clients show a certificate only when its signer is named here.
    ca: [authoritiesPem(trust.current.clients), authoritiesPem(trust.current.frontProxy)],
    requestCert: true,
    rejectUnauthorized: false,
  })
  function read(): TlsOptions {
    try {
      byName = namedCertificates(serving.named, { ...limits, ...clients() })
    } catch (error) {
      throw new Error(`failed to load SNI cert and key: ${(error as Error).message}`, { cause: error })
    }
    return {
      ...limits,
      ...clients(),
      cert: certificate.current.certificatePem,
      key: certificate.current.privateKeyPem,
      ALPNProtocols: serving.http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
      ...(serving.named.length > 0 && {
        SNICallback: (name, done) => done(null, byName(name)),
      }),
    }
  }
  let current = read()
  function reload(why: string): void {
    try {
      current = read()
    } catch (error) {
      log.error('the changed certificates are not used', { why: (error as Error).message })
      return
    }
    log.info('certificates for new connections', { why })
    for (const callback of callbacks) callback(current)
  }

  const files = new Set(
    serving.named.flatMap(({ certificateFile, privateKeyFile }) => [certificateFile, privateKeyFile]),
  )
  for (const path of files)
    stops.push(followFile(path, { text: readText(path), clock, log }, () => reload(`${goQuote(path)} changed`)))
  trust.onChange(() => reload('the authorities changed'))
  certificate.onChange(() => reload('the certificate changed'))
  return {
    get options() {
      return current
    },
    onChange: (callback) => void callbacks.push(callback),
    stop() {
      certificate.stop()
      for (const stop of stops) stop()
    },
  }
}
