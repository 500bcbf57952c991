import { nodes } from '../../api/core/v1/node.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { services } from '../../api/core/v1/service.ts'
import { endpointSlices } from '../../api/discovery/v1/endpoint-slice.ts'
import type { EndpointSlice, Node, Pod, Service } from '../../api/types.generated.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { selectedPods, servicesOfPodChange } from '../endpoints/pod-endpoints.ts'
import { readyStatus } from '../nodes/node-state.ts'
import { nodeNameIndex, nodeOfPod } from '../nodes/pods-on-node.ts'
import { type Informer, keyOf } from '../../client/informer.ts'
import { defineController, watching } from '../runtime/define-controller.ts'
import { serviceNameLabel } from './desired.ts'
import { measure } from './metrics.ts'
import { reconcile, serviceIndex } from './reconcile.ts'
import { dealsOutZones } from './zone-hints.ts'

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
      keys: ({ type, object: node, old }, view) => {
        const moved = old?.metadata.labels?.[zoneLabel] !== node.metadata.labels?.[zoneLabel]
        const found: string[] = []
        // Endpoints carry their node's zone, and wait for a node that is not known yet.
        if (type === 'added' || moved) found.push(...servicesOn(node, view(pods), view(services)))
        const resized =
          old === undefined ||
          moved ||
          readyStatus(node) !== readyStatus(old) ||
          node.status?.allocatable?.cpu !== old.status?.allocatable?.cpu
        if (resized) found.push(...view(services).list().filter(dealsOutZones).map(keyOf))
        return found
      },
    }),
  ],
  measure,
  reconcile,
})

function servicesOn(node: Node, allPods: Informer<Pod>, allServices: Informer<Service>): readonly string[] {
  const there = allPods.byIndex(nodeNameIndex, node.metadata.name ?? '')
  const namespaces = new Set(there.map(({ metadata }) => metadata.namespace ?? ''))
  return [...namespaces].flatMap((namespace) =>
    allServices
      .byIndex('namespace', namespace)
      .filter((service) => service.spec.selector != null && selectedPods(service, there).length > 0)
      .map(keyOf),
  )
}
