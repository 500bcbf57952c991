import { nodes } from '../../api/core/v1/node.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { services } from '../../api/core/v1/service.ts'
import { endpointSlices } from '../../api/discovery/v1/endpoint-slice.ts'
import type { EndpointSlice, Node, Pod } from '../../api/types.generated.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { selectedPods, servicesOfPodChange } from '../endpoints/pod-endpoints.ts'
import { nodeNameIndex, nodeOfPod } from '../nodes/pods-on-node.ts'
import { keyOf } from '../../client/informer.ts'
import { defineController, watching } from '../runtime/define-controller.ts'
import { serviceNameLabel } from './desired.ts'
import { reconcile, serviceIndex } from './reconcile.ts'

const zoneLabel = 'topology.kubernetes.io/zone'

export const serviceOfSlice = (slice: KubeObject): readonly string[] => {
  const name = slice.metadata.labels?.[serviceNameLabel]
  return name ? [`${slice.metadata.namespace}/${name}`] : []
}

/** EndpointSlice: publishes the pods of each service. */
export const endpointSliceController = defineController({
  name: 'endpointslice-controller',
  eventSource: 'endpoint-slice-controller',
  for: services,
  indexes: [
    { ref: endpointSlices, name: serviceIndex, values: serviceOfSlice },
    { ref: pods, name: nodeNameIndex, values: nodeOfPod },
  ],
  watches: [
    watching<EndpointSlice>({
      ref: endpointSlices,
      keys: ({ object, old }) => [...serviceOfSlice(object), ...(old === undefined ? [] : serviceOfSlice(old))],
    }),
    watching<Pod>({
      ref: pods,
      keys: (change, view) =>
        servicesOfPodChange(change, view(services).byIndex('namespace', change.object.metadata.namespace ?? '')),
    }),
    watching<Node>({
      ref: nodes,
      // Endpoints carry their node's zone, and wait for a node that is not known yet.
      keys: ({ type, object: node, old }, view) => {
        const moved = old?.metadata.labels?.[zoneLabel] !== node.metadata.labels?.[zoneLabel]
        if (type === 'deleted' || (type === 'updated' && !moved)) return []
        const there = view(pods).byIndex(nodeNameIndex, node.metadata.name ?? '')
        const namespaces = new Set(there.map(({ metadata }) => metadata.namespace ?? ''))
        return [...namespaces].flatMap((namespace) =>
          view(services)
            .byIndex('namespace', namespace)
            .filter((service) => service.spec.selector != null && selectedPods(service, there).length > 0)
            .map(keyOf),
        )
      },
    }),
  ],
  reconcile,
})
