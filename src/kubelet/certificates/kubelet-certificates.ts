import type { NodeAddress } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { Random } from '../../machinery/random.ts'
import { alternativeNamesOf, noAlternativeNames } from '../../machinery/x509/alternative-names.ts'
import { parseCertificate } from '../../machinery/x509/certificate.ts'
import { decodePem } from '../../machinery/x509/pem.ts'
import type { CertificateMetrics } from './certificate-metrics.ts'
import { createCertificateManager, type CertificateManager } from './certificate-manager.ts'
import { fileCertificateStore } from './certificate-store.ts'

/** The two certificates of a kubelet (pkg/kubelet/certificate/kubelet.go). */
export interface KubeletCertificates {
  /** By which it is system:node:NAME. */
  readonly client: CertificateManager
  /** With which it serves. */
  readonly serving: CertificateManager
}

export function createKubeletCertificates(options: {
  readonly nodeName: string
  /** `/var/lib/kubelet/pki` */
  readonly folder: string
  /** PEM of the cluster's authority: what another signed is of another cluster. */
  readonly authority: string
  /** Who asks as long as there is no certificate: one that may only do that. */
  readonly bootstrapClient: () => Client
  /** The node itself. */
  readonly nodeClient: () => Client
  readonly addresses: () => readonly NodeAddress[]
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics?: CertificateMetrics
}): KubeletCertificates {
  const { nodeName, folder, clock, random, log, metrics } = options
  const subject = { commonName: `system:node:${nodeName}`, organizations: ['system:nodes'] }
  const keys = decodePem(options.authority).map(({ bytes }) => parseCertificate(bytes).publicKey)
  const shared = {
    trusted: ({ certificate }: { certificate: { signedBy(key: (typeof keys)[number]): boolean } }) =>
      keys.some((key) => certificate.signedBy(key)),
    clock,
    random,
    log,
  }
  const client = createCertificateManager({
    ...shared,
    metrics: metrics?.client,
    signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
    usages: ['digital signature', 'client auth'],
    wish: () => ({ subject, alternativeNames: noAlternativeNames }),
    store: fileCertificateStore({ folder, name: 'kubelet-client', clock }),
    clientFor: (current) => (current === undefined ? options.bootstrapClient() : options.nodeClient()),
  })
  const serving = createCertificateManager({
    ...shared,
    metrics: metrics?.serving,
    signerName: 'kubernetes.io/kubelet-serving',
    usages: ['digital signature', 'server auth'],
    wish: () => {
      const alternativeNames = alternativeNamesOf(hostsOf(options.addresses()))
      return alternativeNames.ipAddresses.length === 0 ? undefined : { subject, alternativeNames }
    },
    store: fileCertificateStore({ folder, name: 'kubelet-server', clock }),
    clientFor: options.nodeClient,
  })
  metrics?.follow(client, serving)
  return { client, serving }
}

/** Names and addresses under which a node is reached, each once, in a stable order. */
export function hostsOf(addresses: readonly NodeAddress[]): string[] {
  return [...new Set(addresses.map(({ address }) => address).filter((address) => address !== ''))].sort()
}
