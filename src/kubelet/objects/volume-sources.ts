import { clusterTrustBundles } from '../../api/certificates/v1/cluster-trust-bundle.ts'
import { persistentVolumeClaims } from '../../api/core/v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../../api/core/v1/persistent-volume.ts'
import type { ClusterTrustBundle, Pod } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import type { Informer, InformerFactory } from '../../client/informer.ts'
import { selectorOfLabelSelector } from '../../machinery/labels/label-selector.ts'
import type { PodCertificates } from '../certificates/pod-certificates.ts'
import type { TrustQuery, VolumeSources } from '../volumes/plugin.ts'
import type { WatchedObjects } from './referenced-objects.ts'
import type { TokenManager } from './token-manager.ts'

/** What volumes are filled from, by the node's own client. */
export function createVolumeSources(options: {
  readonly client: Client
  readonly informers: InformerFactory
  readonly objects: WatchedObjects
  readonly tokens: TokenManager
  readonly certificates: PodCertificates
  /** Trust anchors have come, changed or gone. */
  readonly onTrustChange: () => void
}): VolumeSources {
  const { client, informers, objects, tokens, certificates, onTrustChange } = options
  // Most nodes never need it.
  let trust: Informer<ClusterTrustBundle> | undefined
  const bundles = () => {
    if (trust === undefined) {
      trust = informers.for(clusterTrustBundles)
      trust.subscribe({ added: onTrustChange, updated: onTrustChange, deleted: onTrustChange })
    }
    return trust
  }
  return {
    configMap: (namespace, name) => objects.configMap(namespace, name),
    secret: (namespace, name) => objects.secret(namespace, name),
    serviceAccountToken: (pod, request) => tokens.token(pod, request),
    podCertificate: (...wanted) => certificates.credentials(...wanted),
    claim: (namespace, name) => client.get(persistentVolumeClaims, { namespace, name }),
    persistentVolume: (name) => client.get(persistentVolumes, { name }),
    async trustAnchors(query) {
      const informer = bundles()
      await informer.whenSynced()
      return anchors(informer.list(), query)
    },
  }
}

/** All certificates of the bundles that match, each once, as PEM (upstream: pkg/kubelet/clustertrustbundle). */
function anchors(bundles: readonly ClusterTrustBundle[], query: TrustQuery): string {
  const matching =
    query.name !== undefined
      ? bundles.filter(({ metadata }) => metadata.name === query.name)
      : bundles.filter(({ metadata, spec }) => {
          const selector = selectorOfLabelSelector(query.labelSelector as never)
          return spec.signerName === query.signerName && selector.matches(metadata.labels ?? {})
        })
  if (matching.length === 0) {
    if (query.optional) return ''
    throw new Error(
      query.name !== undefined
        ? `clustertrustbundle.certificates.k8s.io ${JSON.stringify(query.name)} not found`
        : `combined signer name ${JSON.stringify(query.signerName)} and label selector matched zero ClusterTrustBundles`,
    )
  }
  const blocks = matching.flatMap(
    ({ spec }) => spec.trustBundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [],
  )
  return `${[...new Set(blocks.map((block) => block.trim()))].join('\n')}\n`
}

/** Whether a volume of the pod is filled from trust anchors. */
export function trustsBundles({ spec }: Pod): boolean {
  return (spec.volumes ?? []).some(({ projected }) =>
    projected?.sources?.some(({ clusterTrustBundle }) => clusterTrustBundle !== undefined),
  )
}
