import { podLimits, podRequests } from '../api/core/v1/pod/pod-resources.ts'
import type { Pod } from '../api/types.generated.ts'
import { MetricsRegistry } from '../machinery/metrics.ts'
import { quantityMilliValue, quantityValue } from '../machinery/quantity.ts'

const labels = ['namespace', 'pod', 'node', 'scheduler', 'priority', 'resource', 'unit']

/** What each pod that is not over asks for and may use (pkg/scheduler/metrics/resources). */
export function podResourceMetrics(pods: () => Iterable<Pod>): MetricsRegistry {
  const metrics = new MetricsRegistry()
  const perPod = (name: string, help: string, read: typeof podRequests) =>
    metrics.collect(name, help, 'gauge', labels, function* () {
      for (const pod of pods()) {
        const { metadata, spec, status } = pod
        if (spec === undefined) continue
        if (spec.nodeName && (status?.phase === 'Succeeded' || status?.phase === 'Failed')) continue
        const { namespace = '', name: podName = '' } = metadata
        const of = [namespace, podName, spec.nodeName ?? '', spec.schedulerName ?? '', String(spec.priority ?? '')]
        for (const [resource, quantity] of Object.entries(read(spec))) {
          const amount = resource === 'cpu' ? quantityMilliValue(quantity) / 1000 : quantityValue(quantity)
          if (amount !== 0) yield [[...of, resource, unitOf(resource)], amount] as const
        }
      }
    })
  perPod('kube_pod_resource_request', 'What pods ask for.', podRequests)
  perPod('kube_pod_resource_limit', 'What pods may use.', podLimits)
  return metrics
}

function unitOf(resource: string): string {
  if (resource === 'cpu') return 'cores'
  if (['memory', 'storage', 'ephemeral-storage'].includes(resource) || resource.startsWith('hugepages-')) return 'bytes'
  return resource.startsWith('attachable-volumes-') ? 'integer' : ''
}
