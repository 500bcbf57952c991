import type { Endpoints } from '../../api/types.generated.ts'
import { controllerMetrics, exponentialBuckets } from '../runtime/controller-metrics.ts'
import type { Measure } from '../runtime/define-controller.ts'

const durations = controllerMetrics((registry) =>
  registry
    .histogram(
      'endpoint_slice_mirroring_controller_endpoints_sync_duration',
      'Time of syncs of Endpoints.',
      exponentialBuckets(0.001, 2, 15),
    )
    .labels(),
)

/** How long mirroring takes (pkg/controller/endpointslicemirroring/metrics). */
export const measure: Measure<Endpoints> = (context) => {
  const duration = durations(context)
  return () =>
    ({ seconds }) =>
      duration.observe(seconds)
}
