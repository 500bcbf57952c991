import { defineKind } from '../../define-kind.ts'
import type { VolumeAttachment } from '../../types.generated.ts'

export const volumeAttachments = defineKind<VolumeAttachment>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
})
