import { endpoints } from '../../api/core/v1/endpoints.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { services } from '../../api/core/v1/service.ts'
import type { Endpoints, Pod } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { servicesOfPodChange } from '../endpoints/pod-endpoints.ts'
import { defineController, watching } from '../runtime/define-controller.ts'
import { endpointsManager, managedByLabel, reconcile } from './reconcile.ts'

/** Endpoints: the elder of EndpointSlice. */
export const endpointController = defineController({
  name: 'endpoint-controller',
  for: services,
  watches: [
    watching<Endpoints>({
      ref: endpoints,
      // Those that were left behind by a service of which nobody saw the end.
      keys: ({ type, object }, view) => {
        const key = keyOf(object)
        const orphaned = object.metadata.labels?.[managedByLabel] === endpointsManager
        return type === 'deleted' || (orphaned && view(services).get(key) === undefined) ? [key] : []
      },
    }),
    watching<Pod>({
      ref: pods,
      keys: (change, view) =>
        servicesOfPodChange(change, view(services).byIndex('namespace', change.object.metadata.namespace ?? '')),
    }),
  ],
  reconcile,
  gone: (key, view) => {
    const left = view(endpoints).get(key)
    return left === undefined ? [] : [{ do: 'delete', ref: endpoints, object: left }]
  },
})
