import { metricsContentType, type MetricsRegistry } from '../../machinery/metrics.ts'
import type { Answer, RawAnswer } from '../answer.ts'
import type { PathHandler } from '../routing/path-router.ts'

/** `/metrics` */
export function serveMetrics(metrics: MetricsRegistry, headers?: RawAnswer['headers']): PathHandler {
  return async (): Promise<Answer> => ({
    type: 'raw',
    code: 200,
    contentType: metricsContentType,
    headers,
    body: await metrics.expose(),
    compressed: true,
  })
}
