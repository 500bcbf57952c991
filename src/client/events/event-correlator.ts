import { type Clock, formatTime } from '../../machinery/clock.ts'
import { TokenBucket } from '../token-bucket.ts'
import type { EventType, ObjectReference } from './event-recorder.ts'
import { LeastRecent } from './least-recent.ts'

/** A core/v1 Event as a component writes it. */
export interface CoreEvent {
  readonly apiVersion: 'v1'
  readonly kind: 'Event'
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly involvedObject: ObjectReference
  readonly reason: string
  readonly message: string
  readonly source: { readonly component?: string; readonly host?: string }
  readonly firstTimestamp: string
  readonly lastTimestamp: string
  readonly count: number
  readonly type: EventType
  readonly reportingComponent: string
  readonly reportingInstance: string
}

/** Similar events (all but the message alike) from this many on become one, */
const aggregateMaxEvents = 10
/** when the last of them is not older than this. */
const aggregateIntervalMs = 600_000
/** Events of a source about an object: so many at once, */
const spamBurst = 25
/** then one in five minutes. */
const spamPerSecond = 1 / 300
const cacheSize = 4096

/**
 * Decides what becomes of an event: written anew, counted on one that is there (`count` > 1), merged with similar ones,
 * or dropped as spam (client-go tools/record/events_cache.go).
 */
export class EventCorrelator {
  readonly #clock: Clock
  readonly #nameOf: (refName: string) => string
  readonly #similar = new LeastRecent<string, { messages: Set<string>; lastMs: number }>(cacheSize)
  readonly #seen = new LeastRecent<string, { count: number; firstTimestamp: string; name: string }>(cacheSize)
  readonly #buckets = new LeastRecent<string, TokenBucket>(cacheSize)

  constructor(clock: Clock, nameOf: (refName: string) => string) {
    this.#clock = clock
    this.#nameOf = nameOf
  }

  /** The event to write; undefined: drop it. */
  correlate(event: CoreEvent): CoreEvent | undefined {
    const { event: aggregated, key } = this.#aggregate(event)
    const last = this.#seen.get(key)
    let observed = aggregated
    if (last !== undefined) {
      const { name, firstTimestamp, count } = last
      const metadata = { ...aggregated.metadata, name }
      observed = { ...aggregated, metadata, firstTimestamp, count: count + 1 }
    }
    const { count, firstTimestamp, metadata } = observed
    this.#seen.set(key, { count, firstTimestamp, name: metadata.name })
    return this.#isSpam(observed) ? undefined : observed
  }

  #aggregate(event: CoreEvent): { event: CoreEvent; key: string } {
    const now = this.#clock.now()
    const key = similarKey(event)
    let record = this.#similar.get(key)
    if (record === undefined || now - record.lastMs > aggregateIntervalMs) record = { messages: new Set(), lastMs: now }
    record.messages.add(event.message)
    record.lastMs = now
    this.#similar.set(key, record)
    if (record.messages.size < aggregateMaxEvents) return { event, key: sameKey(event) }
    record.messages.delete(record.messages.values().next().value as string)
    const { namespace } = event.metadata
    const timestamp = formatTime(now)
    const combined = {
      ...event,
      metadata: { name: this.#nameOf(event.involvedObject.name ?? ''), namespace },
      firstTimestamp: timestamp,
      lastTimestamp: timestamp,
      message: `(combined from similar events): ${event.message}`,
      reportingComponent: '',
      reportingInstance: '',
    }
    return { event: combined, key }
  }
  #isSpam(event: CoreEvent): boolean {
    const key = spamKey(event)
    let bucket = this.#buckets.get(key)
    if (bucket === undefined) bucket = new TokenBucket(this.#clock, { perSecond: spamPerSecond, burst: spamBurst })
    this.#buckets.set(key, bucket)
    return !bucket.tryTake()
  }
}

const join = (...parts: (string | undefined)[]) => parts.map((part) => part ?? '').join('\0')

function sameKey({ source, involvedObject: about, type, reason, message }: CoreEvent): string {
  const { kind, namespace, name, fieldPath, uid, apiVersion } = about
  const { component, host } = source
  return join(component, host, kind, namespace, name, fieldPath, uid, apiVersion, type, reason, message)
}
function similarKey({ source, involvedObject: about, type, reason, ...event }: CoreEvent): string {
  const { kind, namespace, name, uid, apiVersion } = about
  const { reportingComponent, reportingInstance } = event
  const from = [source.component, source.host]
  return join('~', ...from, kind, namespace, name, uid, apiVersion, type, reason, reportingComponent, reportingInstance)
}
function spamKey({ source, involvedObject: about, type }: CoreEvent): string {
  const { kind, namespace, name, uid, apiVersion } = about
  return join(source.component, source.host, kind, namespace, name, uid, apiVersion, type)
}
