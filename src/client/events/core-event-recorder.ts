import { events } from '../../api/core/v1/event.ts'
import { type Clock, formatTime } from '../../machinery/clock.ts'
import { type Logger, silentLogger } from '../../machinery/log.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { Random } from '../../machinery/random.ts'
import type { Client } from '../client.ts'
import { type CoreEvent, EventCorrelator } from './event-correlator.ts'
import { eventName, type EventRecorder, type EventType, type ObjectReference, referenceTo } from './event-recorder.ts'
import { EventWriter } from './event-writer.ts'

/**
 * Records core/v1 events as upstream's controllers and kubelet do: source `component` and `host`, repeated ones counted,
 * similar ones combined, floods cut (client-go tools/record).
 */
export function createEventRecorder(options: {
  readonly client: Client
  readonly component: string
  /** The node, for components of a node. */
  readonly host?: string
  readonly clock: Clock
  readonly random: Random
  readonly log?: Logger
}): EventRecorder {
  const { client, component, host, clock, random, log = silentLogger } = options
  // Two events of the same millisecond must not have the same name.
  let last = 0n
  const nameOf = (refName: string) => {
    const nano = BigInt(Math.round(clock.now() * 1000)) * 1000n + BigInt(Math.floor(random.float() * 1000))
    last = nano > last ? nano : last + 1n
    return eventName(refName, last, random.uuid)
  }
  const correlator = new EventCorrelator(clock, nameOf)
  const writer = new EventWriter<CoreEvent>({
    clock,
    random,
    log,
    isUpdate: (event) => event.count > 1,
    create: (event) => client.create(events, event as KubeObject),
    update: ({ metadata, count, lastTimestamp, message }) =>
      client.patch(events, metadata, 'strategic', { count, lastTimestamp, message }),
  })

  return {
    event(
      about: KubeObject | ObjectReference,
      type: EventType,
      reason: string,
      message: string,
      annotations?: Readonly<Record<string, string>>,
    ) {
      const involvedObject = referenceTo(about)
      const timestamp = formatTime(clock.now())
      const { name = '', namespace } = involvedObject
      const event = correlator.correlate({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: nameOf(name), namespace: namespace || 'default', annotations },
        involvedObject,
        reason,
        message,
        source: { component, host },
        firstTimestamp: timestamp,
        lastTimestamp: timestamp,
        count: 1,
        type,
        reportingComponent: component,
        reportingInstance: host ?? '',
      })
      if (event !== undefined) writer.write(event)
    },
    flushed: () => writer.flushed(),
    stop: () => writer.stop(),
  }
}
