import type { Event, EventsV1Event } from '../../types.generated.ts'

/** Between the two forms of an event (pkg/apis/events/v1/conversion.go). */
const coreName: Readonly<Record<string, string>> = {
  note: 'message',
  regarding: 'involvedObject',
  reportingController: 'reportingComponent',
  deprecatedSource: 'source',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedCount: 'count',
}
const eventsName = Object.fromEntries(Object.entries(coreName).map(([theirs, ours]) => [ours, theirs]))

function renamed(event: object, names: Readonly<Record<string, string>>, apiVersion: string): object {
  const members = Object.entries(event).map(([name, value]) => [Object.hasOwn(names, name) ? names[name] : name, value])
  return { ...Object.fromEntries(members), apiVersion, kind: 'Event' }
}

export function toCoreEvent(event: EventsV1Event): Event {
  return {
    involvedObject: {},
    source: {},
    reportingComponent: '',
    reportingInstance: '',
    ...(renamed(event, coreName, 'v1') as object),
  } as Event
}

export function toEventsV1(event: Event): EventsV1Event {
  const { reportingComponent, reportingInstance, source, involvedObject, ...rest } = event
  return {
    ...(renamed(rest, eventsName, 'events.k8s.io/v1') as EventsV1Event),
    regarding: involvedObject ?? {},
    deprecatedSource: source ?? {},
    ...(reportingComponent ? { reportingController: reportingComponent } : {}),
    ...(reportingInstance ? { reportingInstance } : {}),
  }
}
