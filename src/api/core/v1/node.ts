import { defineKind } from '../../define-kind.ts'
import type { Node } from '../../types.generated.ts'

export const nodes = defineKind<Node>({ group: '', version: 'v1', kind: 'Node' })
