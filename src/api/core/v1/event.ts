import { defineKind } from '../../define-kind.ts'
import type { Event } from '../../types.generated.ts'
import { eventColumns } from './event/columns.ts'
import { validateEvent } from './event/validation.ts'
import { eventFieldNames, eventFields } from './event/fields.ts'

export const events = defineKind<Event>(
  { group: '', version: 'v1', kind: 'Event' },
  {
    defaultDeletionPolicy: 'unsupported',
    allowCreateOnUpdate: true,
    withoutWatchCache: true,
    allowUnconditionalUpdate: true,
    // Of old, metadata was not looked at.
    checksMetadata: true,
    validate: (event) => validateEvent(event, 'reportingComponent'),
    validateUpdate: (event) => validateEvent(event, 'reportingComponent'),
    columns: eventColumns,
    selectableFieldNames: eventFieldNames,
    selectableFields: eventFields,
  },
)
