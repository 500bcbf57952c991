import { defineKind } from '../../define-kind.ts'
import type { EventsV1Event } from '../../types.generated.ts'

export const eventsV1Events = defineKind<EventsV1Event>({ group: 'events.k8s.io', version: 'v1', kind: 'Event' })
