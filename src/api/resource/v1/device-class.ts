import { defineKind } from '../../define-kind.ts'
import type { DeviceClass } from '../../types.generated.ts'

export const deviceClasses = defineKind<DeviceClass>({ group: 'resource.k8s.io', version: 'v1', kind: 'DeviceClass' })
