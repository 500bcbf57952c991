import { eventsV1Events } from '../../api/events/v1/event.ts'
import { type Clock, formatMicroTime } from '../../machinery/clock.ts'
import { type Logger, silentLogger } from '../../machinery/log.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { Random } from '../../machinery/random.ts'
import type { Client } from '../client.ts'
import { eventName, type EventType, type ObjectReference, referenceTo } from './event-recorder.ts'
import { EventWriter } from './event-writer.ts'

interface SeriesEvent {
  readonly apiVersion: 'events.k8s.io/v1'
  readonly kind: 'Event'
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly eventTime: string
  readonly series?: { readonly count: number; readonly lastObservedTime: string }
  readonly reportingController: string
  readonly reportingInstance: string
  readonly action: string
  readonly reason: string
  readonly regarding: ObjectReference
  readonly related?: ObjectReference
  readonly note: string
  readonly type: EventType
}

/** Records events.k8s.io/v1 events, as the scheduler and kube-proxy do. Never waits, never fails. */
export interface SeriesEventRecorder {
  event(
    regarding: KubeObject | ObjectReference,
    related: KubeObject | ObjectReference | undefined,
    type: EventType,
    reason: string,
    action: string,
    note: string,
  ): void
  flushed(): Promise<void>
  stop(): void
}

const refreshMs = 30 * 60_000
const finishMs = 6 * 60_000

/**
 * An event that comes again begins a series: written at once with count 2, then every half hour, and a last time when it
 * has been quiet for six minutes (client-go tools/events/event_broadcaster.go).
 */
export function createSeriesEventRecorder(options: {
  readonly client: Client
  /** `default-scheduler`. */
  readonly reportingController: string
  /** Default: the controller's name. */
  readonly reportingInstance?: string
  readonly clock: Clock
  readonly random: Random
  readonly log?: Logger
}): SeriesEventRecorder {
  const { client, reportingController, clock, random, log = silentLogger } = options
  const reportingInstance = options.reportingInstance ?? reportingController
  const known = new Map<string, { event: SeriesEvent; lastMs: number }>()
  let lastNano = 0n
  let cancelTimer = () => {}
  let lastRefreshMs = clock.monotonic()
  const writer = new EventWriter<SeriesEvent>({
    clock,
    random,
    log,
    isUpdate: (event) => event.series !== undefined,
    create: (event) => client.create(eventsV1Events, event as KubeObject),
    update: ({ metadata, series }) => client.patch(eventsV1Events, metadata, 'strategic', { series }),
  })
  // One timer while anything is remembered, none when idle.
  const schedule = () => {
    cancelTimer = clock.after(finishMs, () => {
      const now = clock.monotonic()
      const refresh = now - lastRefreshMs >= refreshMs
      if (refresh) lastRefreshMs = now
      for (const [key, { event, lastMs }] of known) {
        const finished = now - lastMs >= finishMs
        if (finished) known.delete(key)
        if (event.series !== undefined && (finished || refresh)) writer.write(event)
      }
      if (known.size > 0) schedule()
    })
  }

  return {
    event(regarding, related, type, reason, action, note) {
      const about = referenceTo(regarding)
      const other = related === undefined ? undefined : referenceTo(related)
      const key = JSON.stringify([type, action, reason, about, other])
      const now = clock.monotonic()
      const eventTime = formatMicroTime(clock.now())
      const before = known.get(key)
      if (before !== undefined) {
        const series = { count: (before.event.series?.count ?? 1) + 1, lastObservedTime: eventTime }
        const event = { ...before.event, series }
        known.set(key, { event, lastMs: now })
        if (series.count === 2) writer.write(event)
        return
      }
      const nano = BigInt(Math.round(clock.now() * 1000)) * 1000n + BigInt(Math.floor(random.float() * 1000))
      lastNano = nano > lastNano ? nano : lastNano + 1n
      const event: SeriesEvent = {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: eventName(about.name ?? '', lastNano, random.uuid), namespace: about.namespace || 'default' },
        eventTime,
        reportingController,
        reportingInstance,
        action,
        reason,
        regarding: about,
        related: other,
        note,
        type,
      }
      if (known.size === 0) schedule()
      known.set(key, { event, lastMs: now })
      writer.write(event)
    },
    flushed: () => writer.flushed(),
    stop() {
      cancelTimer()
      known.clear()
      writer.stop()
    },
  }
}
