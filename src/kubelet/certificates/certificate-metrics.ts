import type { Clock } from '../../machinery/clock.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'
import type { CertificateManager, CertificateManagerOptions } from './certificate-manager.ts'

const day = 24 * 3600
/** From a minute to a decade (pkg/kubelet/certificate/kubelet.go). */
const ages = [
  60,
  3600,
  4 * 3600,
  day,
  7 * day,
  14 * day,
  30 * day,
  90 * day,
  180 * day,
  365 * day,
  730 * day,
  1460 * day,
  3650 * day,
]

type Told = NonNullable<CertificateManagerOptions['metrics']>

/** How long the kubelet's certificates hold, and how renewing them goes (pkg/kubelet/certificate, pkg/kubelet/metrics). */
export class CertificateMetrics {
  readonly client: Told
  readonly serving: Told
  readonly #metrics: MetricsRegistry
  readonly #clock: Clock

  constructor(metrics: MetricsRegistry, clock: Clock) {
    this.#metrics = metrics
    this.#clock = clock
    const failures = (name: string) =>
      metrics.counter(`kubelet_${name}`, 'Certificates that were not renewed.').labels()
    const clientFailures = failures('certificate_manager_client_expiration_renew_errors')
    const servingFailures = failures('server_expiration_renew_errors')
    const rotations = metrics
      .histogram('kubelet_certificate_manager_server_rotation_seconds', 'Age of certificates that gave way.', ages)
      .labels()
    this.client = { renewFailed: () => clientFailures.inc(), rotated: () => {} }
    this.serving = { renewFailed: () => servingFailures.inc(), rotated: (age) => rotations.observe(age) }
  }

  /** Tells how long what these show still holds; +Inf: there is none, as upstream's. */
  follow(client: Pick<CertificateManager, 'current'>, serving: Pick<CertificateManager, 'current'>): void {
    const left = (manager: Pick<CertificateManager, 'current'>) => {
      const pair = manager.current()
      return pair === undefined
        ? Number.POSITIVE_INFINITY
        : Math.trunc((pair.certificate.notAfter - this.#clock.now()) / 1000)
    }
    const ttl = (name: string, manager: Pick<CertificateManager, 'current'>) =>
      this.#metrics.collect(
        `kubelet_certificate_manager_${name}_ttl_seconds`,
        'Seconds until the certificate ends.',
        'gauge',
        [],
        () => [[[], left(manager)]],
      )
    ttl('client', client)
    ttl('server', serving)
  }
}
