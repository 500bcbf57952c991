import { defaulterOf, type TypeDefaults } from '../../../machinery/schema/default.ts'
import type { DeviceSubRequest, ExactDeviceRequest } from '../../types.generated.ts'

/** pkg/apis/resource/v1/defaults.go. */
const request = defaulterOf<ExactDeviceRequest | DeviceSubRequest>((draft) => {
  draft.allocationMode ||= 'ExactCount'
  if (draft.allocationMode === 'ExactCount') draft.count ||= 1
})

export const resourceTypeDefaults: TypeDefaults = {
  'io.k8s.api.resource.v1.ExactDeviceRequest': request,
  'io.k8s.api.resource.v1.DeviceSubRequest': request,
}
