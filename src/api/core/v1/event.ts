import { defineKind } from '../../define-kind.ts'
import type { Event } from '../../types.generated.ts'

export const events = defineKind<Event>({ group: '', version: 'v1', kind: 'Event' })
