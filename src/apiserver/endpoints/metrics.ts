import { metricsContentType, type MetricsRegistry } from '../../machinery/metrics.ts'
import type { Answer } from '../answer.ts'
import type { PathHandler } from '../routing/path-router.ts'

/** `/metrics` */
export function serveMetrics(metrics: MetricsRegistry): PathHandler {
  return async (): Promise<Answer> => ({
    type: 'raw',
    code: 200,
    contentType: metricsContentType,
    body: await metrics.expose(),
  })
}
