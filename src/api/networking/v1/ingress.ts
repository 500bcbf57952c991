import { defineKind } from '../../define-kind.ts'
import type { Ingress } from '../../types.generated.ts'

export const ingresses = defineKind<Ingress>({ group: 'networking.k8s.io', version: 'v1', kind: 'Ingress' })
