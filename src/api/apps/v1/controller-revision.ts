import { defineKind } from '../../define-kind.ts'
import type { ControllerRevision } from '../../types.generated.ts'

export const controllerRevisions = defineKind<ControllerRevision>({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
})
