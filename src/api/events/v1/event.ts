import type { ObjectMeta } from '../../../machinery/meta/object.ts'
import { validateObjectMeta } from '../../../machinery/validation/object-meta.ts'
import { nameChecks } from '../../../machinery/validation/object-name.ts'
import type { Column } from '../../definition.ts'
import { defineKind, finalizerNames } from '../../define-kind.ts'
import type { Event, EventsV1Event } from '../../types.generated.ts'
import { eventColumns } from '../../core/v1/event/columns.ts'
import { eventFields } from '../../core/v1/event/fields.ts'
import { validateEvent, validateEventUpdate, validateNewEvent } from '../../core/v1/event/validation.ts'
import { toCoreEvent, toEventsV1 } from './conversion.ts'

const fieldNames = [
  'reason',
  'regarding.kind',
  'regarding.namespace',
  'regarding.name',
  'regarding.uid',
  'regarding.apiVersion',
  'regarding.resourceVersion',
  'regarding.fieldPath',
  'reportingController',
  'type',
]

/** Rules of another group's objects see them as they are stored. */
const stored = (event: EventsV1Event) => event as unknown as Event

/** The same objects as core's events, told in other words. */
export const eventsV1Events = defineKind<EventsV1Event>(
  { group: 'events.k8s.io', version: 'v1', kind: 'Event' },
  {
    defaultDeletionPolicy: 'unsupported',
    allowCreateOnUpdate: true,
    withoutWatchCache: true,
    allowUnconditionalUpdate: true,
    columns: eventColumns as readonly Column[],
    checksMetadata: true,
    validate: (event) => [
      ...validateEvent(stored(event), 'reportingController'),
      ...validateObjectMeta(event.metadata as ObjectMeta, { namespaced: true, nameCheck: nameChecks.dns1123Subdomain }),
      ...finalizerNames(event),
      ...validateNewEvent(stored(event)),
    ],
    validateUpdate: (event, old) => [
      ...validateEvent(stored(event), 'reportingController'),
      ...validateEventUpdate(stored(event), stored(old)),
    ],
    selectableFieldNames: fieldNames,
    selectableFields(event) {
      const fields = eventFields(toCoreEvent(event))
      const renamed = Object.entries(fields).map(([name, value]) => [
        name.replace(/^involvedObject\./, 'regarding.').replace(/^reportingComponent$/, 'reportingController'),
        value,
      ])
      return Object.fromEntries(renamed)
    },
    conversion: { toStorage: toCoreEvent, fromStorage: (stored) => toEventsV1(stored as Event) },
  },
)
