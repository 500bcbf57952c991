import { endpoints } from '../../api/core/v1/endpoints.ts'
import { services } from '../../api/core/v1/service.ts'
import { endpointSlices } from '../../api/discovery/v1/endpoint-slice.ts'
import type { EndpointSlice, Service } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { serviceOfSlice } from '../endpointslice/controller.ts'
import { managedByLabel } from '../endpointslice/desired.ts'
import { serviceIndex } from '../endpointslice/reconcile.ts'
import { defineController, watching } from '../runtime/define-controller.ts'
import { measure } from './metrics.ts'
import { deletion, mirroredSlices, mirrorManager, reconcile } from './reconcile.ts'

/** Mirrors Endpoints that no controller made into EndpointSlices. */
export const endpointSliceMirroringController = defineController({
  name: 'endpointslicemirroring-controller',
  eventSource: 'endpoint-slice-mirroring-controller',
  for: endpoints,
  indexes: [{ ref: endpointSlices, name: serviceIndex, values: serviceOfSlice }],
  watches: [
    watching<Service>({
      ref: services,
      keys: ({ type, object, old }) =>
        type === 'updated' && (old?.spec.selector == null) === (object.spec.selector == null) ? [] : [keyOf(object)],
    }),
    watching<EndpointSlice>({
      ref: endpointSlices,
      keys: ({ object, old }) =>
        [object, ...(old === undefined ? [] : [old])]
          .filter(({ metadata }) => metadata.labels?.[managedByLabel] === mirrorManager)
          .flatMap(serviceOfSlice),
    }),
  ],
  measure,
  reconcile,
  gone: (key, view) => mirroredSlices(view(endpointSlices), key).map(deletion),
})
