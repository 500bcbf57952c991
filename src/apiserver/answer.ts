import type { ResourceDefinition } from '../api/definition.ts'
import type { ListMeta } from '../machinery/meta/object.ts'
import type { WatchNotice } from './cache/watch-event.ts'
import type { StoredObject } from './cache/stored-object.ts'
import type { AnswerHeaders, Exchange } from './http/exchange.ts'
import type { Conversion } from './negotiation/accept.ts'

/** What a handler answers, before it is encoded. In-process callers take it as it is. */
export type Answer = ObjectAnswer | StoredAnswer | ListAnswer | WatchAnswer | RawAnswer | ConnectAnswer

/** A made object: Status, Table, review, partial metadata. */
export interface ObjectAnswer {
  readonly type: 'object'
  readonly code: number
  readonly object: object
  /** The same object, of which one member is long. */
  readonly list?: MadeList
  /** What goes over the wire instead. */
  readonly plain?: string
  readonly headers?: AnswerHeaders
}

/** A table's rows, or metadata of a list's items: made one by one while they are written. */
export interface MadeList {
  readonly head: object
  /** The last one of the object. */
  readonly member: 'rows' | 'items'
  readonly elements: () => Iterator<object>
}

/** An object of the resource, whose bytes are at hand. */
export interface StoredAnswer {
  readonly type: 'stored'
  readonly code: number
  readonly definition: ResourceDefinition
  readonly object: StoredObject
}

export interface ListAnswer {
  readonly type: 'list'
  readonly code: number
  readonly definition: ResourceDefinition
  readonly metadata: ListMeta
  readonly items: readonly StoredObject[]
}

export interface WatchAnswer {
  readonly type: 'watch'
  readonly definition: ResourceDefinition
  /** How the objects of events are shown, when the client asked for another form. */
  readonly convert: ObjectConversion | undefined
  /**
   * Begins the stream: what is to be told at first, then events as they come. The result stops it. Called once.
   */
  readonly open: (sink: WatchSink) => () => void
}

/** Shows an object of an event in another form; `first`: it is the first one of its watch (tables print headers once). */
export interface ObjectConversion extends Conversion {
  readonly apply: (object: StoredObject, first: boolean) => object
}

/** Takes the events of a watch. */
export interface WatchSink {
  /** Hands over what happened next. The sink may keep it a moment, to send more at once. */
  notice(notice: WatchNotice): void
  /** Bytes or events that the reader has not taken yet; the watch is cut when it grows too large. */
  readonly backlog: number
  /** The last event: a Status, e.g. 410 Expired. The watch ends. */
  error(status: object): void
  /** The watch ended in order: time is up, the server stops. */
  end(): void
}

export interface RawAnswer {
  readonly type: 'raw'
  readonly code: number
  /** Absent: there is nothing that has a type. */
  readonly contentType: string | undefined
  readonly headers?: AnswerHeaders
  readonly body: Uint8Array | string
  /** Whether it goes out with gzip to who takes that, when it is large. */
  readonly compressed?: boolean
}

/** The handler has taken over the exchange and answers it itself. */
export interface ConnectAnswer {
  readonly type: 'connect'
  readonly serve: (exchange: Exchange) => Promise<void>
}
