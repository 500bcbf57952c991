import { configMaps } from '../../api/core/v1/config-map.ts'
import { namespaces } from '../../api/core/v1/namespace.ts'
import type { ConfigMap } from '../../api/types.generated.ts'
import { defineController, watching } from '../runtime/define-controller.ts'
import { publisherMetrics } from './publisher-metrics.ts'
import { reconcile, rootCaName } from './reconcile.ts'

const syncs = publisherMetrics('root_ca_cert_publisher')

/** Root CA publisher: tells every namespace whom to trust. */
export const rootCaController = defineController({
  name: 'root-ca-cert-publisher',
  for: namespaces,
  watches: [
    watching<ConfigMap>({
      ref: configMaps,
      keys: ({ type, object }) =>
        type !== 'added' && object.metadata.name === rootCaName ? [object.metadata.namespace ?? ''] : [],
    }),
  ],
  measure(context) {
    const synced = syncs(context)
    return () =>
      ({ seconds, error }) =>
        synced(seconds, error)
  },
  reconcile: (observed, { options }) => reconcile(observed, options.rootCa),
})
