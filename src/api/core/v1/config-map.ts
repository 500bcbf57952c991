import { defineKind } from '../../define-kind.ts'
import type { ConfigMap } from '../../types.generated.ts'

export const configMaps = defineKind<ConfigMap>({ group: '', version: 'v1', kind: 'ConfigMap' })
