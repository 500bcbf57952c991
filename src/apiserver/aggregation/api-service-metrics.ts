import { apiServices } from '../../api/apiregistration/v1/api-service.ts'
import type { APIService } from '../../api/types.generated.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'
import type { Lister } from '../lister.ts'

/** Which APIServices are not available (kube-aggregator pkg/controllers/status/metrics). */
export function addApiServiceMetrics(metrics: MetricsRegistry, lister: Lister): void {
  const lost = metrics.counter('aggregator_unavailable_apiservice_total', 'Times that an APIService was lost.', [
    'name',
    'reason',
  ])
  lister.watch(apiServices, ({ type, object, old }) => {
    const now = availability(object)
    if (type === 'deleted' || old === undefined || now?.status === 'True') return
    if (availability(old)?.status === 'True')
      lost.labels(object.metadata.name ?? '', now?.reason ?? 'UnknownReason').inc()
  })
  metrics.collect(
    'aggregator_unavailable_apiservice',
    '1 for each APIService that is not available, 0 for the others.',
    'gauge',
    ['name'],
    function* () {
      for (const service of lister.list(apiServices))
        yield [[service.metadata.name ?? ''], availability(service)?.status === 'True' ? 0 : 1] as const
    },
  )
}

function availability({ status }: APIService) {
  return status?.conditions?.find(({ type }) => type === 'Available')
}
