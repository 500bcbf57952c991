import { formatTime } from '../../../machinery/clock.ts'
import type { Draft } from '../../../machinery/json.ts'
import { defaulterOf, type TypeDefaults } from '../../../machinery/schema/default.ts'
import type { DeviceTaint, DeviceSubRequest, ExactDeviceRequest } from '../../types.generated.ts'

/** pkg/apis/resource/v1/defaults.go. */
export const request = defaulterOf<ExactDeviceRequest | DeviceSubRequest>((draft) => {
  draft.allocationMode ||= 'ExactCount'
  if (draft.allocationMode === 'ExactCount') draft.count ||= 1
})

/** A taint without a time begins now. */
export function setTaintTime(taint: Draft<DeviceTaint>, now: number | undefined): void {
  if (now !== undefined) taint.timeAdded ??= formatTime(now)
}

export const resourceTypeDefaults: TypeDefaults = {
  'io.k8s.api.resource.v1.ExactDeviceRequest': request,
  'io.k8s.api.resource.v1.DeviceSubRequest': request,
}
