import { apiServices } from '../../api/apiregistration/v1/api-service.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'
import type { Lister } from '../lister.ts'

/** Which APIServices are not available (kube-aggregator pkg/controllers/status/metrics). */
export function addApiServiceMetrics(metrics: MetricsRegistry, lister: Lister): void {
  metrics.collect(
    'aggregator_unavailable_apiservice',
    '1 for each APIService that is not available, 0 for the others.',
    'gauge',
    ['name'],
    function* () {
      for (const { metadata, status } of lister.list(apiServices)) {
        const available = status?.conditions?.find(({ type }) => type === 'Available')
        yield [[metadata.name ?? ''], available?.status === 'True' ? 0 : 1] as const
      }
    },
  )
}
