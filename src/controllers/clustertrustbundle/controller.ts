import { createHash } from 'node:crypto'
import { clusterTrustBundles } from '../../api/certificates/v1/cluster-trust-bundle.ts'
import type { ClusterTrustBundle } from '../../api/types.generated.ts'
import { isReason } from '../../machinery/errors.ts'
import { publisherMetrics } from '../rootca/publisher-metrics.ts'
import { defineSync } from '../runtime/define-sync.ts'

const syncs = publisherMetrics('clustertrustbundle_publisher')
const signerName = 'kubernetes.io/kube-apiserver-serving'

/** The name of a bundle with this content: another content is another bundle. */
export function bundleName(signer: string, trustBundle: string): string {
  const hash = createHash('sha256').update(trustBundle).digest('hex')
  return `${signer.replaceAll('/', ':')}:${hash.slice(0, 24)}`
}

/**
 * Cluster trust bundle publisher: tells everybody by whom the API server's certificates are signed, and forgets whom it
 * told before (certificates/clustertrustbundlepublisher).
 */
export const clusterTrustBundlePublisher = defineSync({
  name: 'kube-apiserver-serving-clustertrustbundle-publisher',
  enabled: ({ rootCa }) => Boolean(rootCa),
  setup(context) {
    const { client, informers, options, clock } = context
    const synced = syncs(context)
    const bundles = informers.for(clusterTrustBundles, { fieldSelector: `spec.signerName=${signerName}` })
    const trustBundle = options.rootCa!
    const name = bundleName(signerName, trustBundle)
    const publish = async () => {
      const present = bundles.get(name)
      if (present === undefined) {
        await client.create(clusterTrustBundles, {
          apiVersion: 'certificates.k8s.io/v1',
          kind: 'ClusterTrustBundle',
          metadata: { name },
          spec: { signerName, trustBundle },
        } as ClusterTrustBundle)
      } else if (present.spec.trustBundle !== trustBundle) {
        await client.update(clusterTrustBundles, { ...present, spec: { ...present.spec, trustBundle } })
      }
      for (const { metadata } of bundles.list()) {
        if (metadata.name === name) continue
        await client.delete(clusterTrustBundles, { name: metadata.name! }).catch((error: unknown) => {
          if (!isReason(error, 'NotFound')) throw error
        })
      }
    }
    return {
      ready: (signal) => bundles.whenSynced(signal),
      async sync() {
        const began = clock.monotonic()
        const tell = (error?: Error) => synced((clock.monotonic() - began) / 1000, error)
        await publish().then(
          () => tell(),
          (error: Error) => {
            tell(error)
            throw error
          },
        )
      },
      watch(queue) {
        const look = () => queue.add('bundles')
        look()
        return bundles.subscribe({ added: look, updated: look, deleted: look })
      },
    }
  },
})
