import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { ServerOptionValues } from '../options/server-options.ts'
import { givenServing } from './given-files.ts'
import type { Pki } from './pki.ts'
import { type ShownCertificate, shownCertificate } from './shown-certificate.ts'

/** By which others know this server: kubelets, and extension API servers. */
export interface ClientCertificates {
  readonly kubelets: ShownCertificate
  readonly aggregated: ShownCertificate
  stop(): void
}

/** Those of the flags, else the cluster's own. Throws an Error that names the file that is wrong. */
export function clientCertificates(
  values: ServerOptionValues,
  services: { readonly pki: Pki; readonly clock: Clock; readonly log: Logger },
): ClientCertificates {
  const { pki } = services
  type Pair = readonly [certificate: keyof ServerOptionValues, key: keyof ServerOptionValues]
  const shown = ([certificate, key]: Pair, own: () => ReturnType<Pki['frontProxyClient']>) => {
    const certificateFile = values[certificate] as string | undefined
    const privateKeyFile = values[key] as string | undefined
    if (!certificateFile && !privateKeyFile) return shownCertificate({ ...services, read: own, given: false })
    if (!certificateFile || !privateKeyFile) throw new Error(`--${certificate} and --${key} go together: give both`)
    return shownCertificate({
      ...services,
      read: () => givenServing({ certificateFile, privateKeyFile }),
      given: true,
    })
  }
  const kubelets = shown(['kubelet-client-certificate', 'kubelet-client-key'], () => pki.apiServerKubeletClient())
  const aggregated = shown(['proxy-client-cert-file', 'proxy-client-key-file'], () => pki.frontProxyClient())
  return {
    kubelets,
    aggregated,
    stop() {
      kubelets.stop()
      aggregated.stop()
    },
  }
}
