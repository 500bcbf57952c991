import { column, nameColumn, timeSince } from '../../../columns.ts'
import type { Column } from '../../../definition.ts'
import type { Event } from '../../../types.generated.ts'

/** pkg/printers/internalversion/printers.go printEvent. */
function firstSeen(event: Event, now: number): string {
  return timeSince(event.firstTimestamp || event.eventTime, now)
}

function lastSeen(event: Event, now: number): string {
  if (event.series) return timeSince(event.series.lastObservedTime, now)
  return event.lastTimestamp ? timeSince(event.lastTimestamp, now) : firstSeen(event, now)
}

function objectCell({ involvedObject }: Event): string {
  const kind = (involvedObject?.kind ?? '').toLowerCase()
  return involvedObject?.name ? `${kind}/${involvedObject.name}` : kind
}

function sourceCell({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component || reportingComponent || ''
  const instance = source?.host || reportingInstance || ''
  return instance === '' ? component : `${component}, ${instance}`
}

export const eventColumns: readonly Column<Event>[] = [
  column('Last Seen', 'string', lastSeen),
  column('Type', 'string', ({ type }) => type ?? ''),
  column('Reason', 'string', ({ reason }) => reason ?? ''),
  column('Object', 'string', objectCell),
  column('Subobject', 'string', ({ involvedObject }) => involvedObject?.fieldPath ?? '', { wide: true }),
  column('Source', 'string', sourceCell, { wide: true }),
  column('Message', 'string', ({ message }) => (message ?? '').trim()),
  column('First Seen', 'string', firstSeen, { wide: true }),
  column('Count', 'string', ({ series, count }) => (series ? (series.count ?? 0) : count || 1), { wide: true }),
  { ...nameColumn, priority: 1 },
]
