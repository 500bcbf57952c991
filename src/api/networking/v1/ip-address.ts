import { defineKind } from '../../define-kind.ts'
import type { IPAddress } from '../../types.generated.ts'

export const ipAddresses = defineKind<IPAddress>({ group: 'networking.k8s.io', version: 'v1', kind: 'IPAddress' })
