import type { KubeObject } from '../machinery/meta/object.ts'
import type { ServingHosts } from './certificates/serving-hosts.ts'
import type { CertificateSigner } from './certificates/sign.ts'

/** What the cluster tells its controllers; each reads what concerns it. */
export interface ControllerOptions {
  /** PEM of the certificate authority that pods trust; for kube-root-ca.crt. */
  readonly rootCa?: string
  /** How long a deleted namespace is left alone before its content goes (default 1 s; several API servers: 5 s). */
  readonly namespaceDeletionDelayMs?: number
  /** Makes the token for a Secret of an account. Absent: such Secrets stay empty. */
  readonly issueLegacyToken?: (account: KubeObject, secretName: string) => Promise<string>
  /** Signs what approved certificate requests ask for. Absent: they are not signed. */
  readonly certificateSigner?: CertificateSigner
  /** For which names and addresses kubelets get serving certificates unasked. Absent: people approve them. */
  readonly servingHosts?: ServingHosts
  /** The longest life of a certificate that is signed (default a year). */
  readonly certificateDurationMs?: number
  /** Of schedules that name none: `Europe/Berlin` (default UTC). */
  readonly timeZone?: string
  /** How long a node may be silent before it counts as lost (default 50 s). */
  readonly nodeMonitorGraceMs?: number
  /** The same for a node that has never said anything (default 60 s). */
  readonly nodeStartupGraceMs?: number
  /** How many ended pods are kept (default 12500; 0: all). */
  readonly terminatedPodThreshold?: number
  /** Networks from which nodes get theirs for pods, one of each family at most: `10.244.0.0/16`. Absent: they get none. */
  readonly podCidrs?: readonly string[]
  /** Prefix lengths of nodes' networks by family (default 24 and 64). */
  readonly nodeCidrMaskSizes?: { readonly 4?: number; readonly 6?: number }
  /** Where nodes keep the volumes of `local-volumes.skiff`. Absent: none are made. */
  readonly localVolumeFolder?: string
  /** Networks of services, which nodes must not get. */
  readonly serviceCidrs?: readonly string[]
}
