import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { statusWithoutMetadata } from '../../object-metadata.ts'
import type { VolumeAttachment } from '../../types.generated.ts'
import { validateVolumeAttachment, validateVolumeAttachmentUpdate } from './volume-attachment-validation.ts'

export const volumeAttachments = defineKind<VolumeAttachment>(
  { group: 'storage.k8s.io', version: 'v1', kind: 'VolumeAttachment' },
  {
    returnsDeletedObject: true,
    generation: false,
    validate: validateVolumeAttachment,
    validateUpdate: validateVolumeAttachmentUpdate,
    subresources: { status: { ...statusWithoutMetadata, validateUpdate: validateVolumeAttachmentUpdate } },
    columns: [
      nameColumn,
      column('Attacher', 'string', ({ spec }) => spec.attacher, { format: 'name' }),
      column('PV', 'string', ({ spec }) => spec.source?.persistentVolumeName ?? ''),
      column('Node', 'string', ({ spec }) => spec.nodeName),
      column('Attached', 'boolean', ({ status }) => status?.attached ?? false),
      ageColumn,
    ],
  },
)
