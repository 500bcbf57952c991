import type { Node } from '../../api/types.generated.ts'
import { readyStatus } from '../nodes/node-state.ts'
import { controllerMetrics, exponentialBuckets } from '../runtime/controller-metrics.ts'
import { byZone } from './zones.ts'

/** How nodes fare, zone by zone (pkg/controller/nodelifecycle/metrics.go). */
export const lifecycleMetrics = controllerMetrics((registry) => {
  /** Those of the controller that runs. */
  let nodes: () => readonly Node[] = () => []
  const perZone = (name: string, help: string, read: (zone: readonly Node[]) => number) =>
    registry.collect(`node_collector_${name}`, help, 'gauge', ['zone'], function* () {
      for (const [zone, ofZone] of byZone(nodes())) yield [[zone], read(ofZone)] as const
    })
  const unready = (zone: readonly Node[]) => zone.filter((node) => readyStatus(node) !== 'True').length
  perZone('zone_size', 'Nodes of a zone.', (zone) => zone.length)
  perZone('unhealthy_nodes_in_zone', 'Nodes of a zone that are not ready.', unready)
  perZone(
    'zone_health',
    'Percentage of a zone’s nodes that are ready.',
    (zone) => 100 - (100 * unready(zone)) / zone.length,
  )
  const duration = (name: string, help: string, buckets: readonly number[]) =>
    registry.histogram(`node_collector_update_${name}_health_duration_seconds`, help, buckets).labels()
  return {
    read: (list: () => readonly Node[]) => void (nodes = list),
    evictions: registry.counter('node_collector_evictions_total', 'Nodes whose pods had to go.', ['zone']),
    node: duration('node', 'Time that it took to look at a node.', exponentialBuckets(0.001, 4, 8)),
    allNodes: duration('all_nodes', 'Time that it took to look at all zones.', exponentialBuckets(0.01, 4, 8)),
  }
})
