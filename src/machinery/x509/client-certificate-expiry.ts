import type { Histogram, MetricsRegistry } from '../metrics.ts'

const hour = 3600
const day = 24 * hour
const untilExpiry = [
  ...[0, 0.5, 1, 2, 6, 12].map((hours) => hours * hour),
  ...[1, 2, 4, 7, 30, 90, 180, 360].map((days) => days * day),
]

/** How long the certificates still hold that clients show, in seconds (apiserver pkg/authentication/request/x509). */
export function clientCertificateExpiry(metrics: MetricsRegistry): Histogram {
  const name = 'apiserver_client_certificate_expiration_seconds'
  return metrics.histogram(name, 'How long certificates still hold.', untilExpiry).labels()
}
