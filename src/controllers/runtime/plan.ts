import type { ResourceRef } from '../../api/definition.ts'
import type { DeleteOptions, ObjectKey, PatchType } from '../../client/client.ts'
import type { EventType } from '../../client/events/event-recorder.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'

/** An event about the plan's object, unless it names another. */
export interface Note {
  readonly type: EventType
  readonly reason: string
  readonly message: string
  readonly about?: KubeObject
}

interface WriteBase {
  /** What to tell when it is done. `result`: as the server answered (the deleted object for a deletion). */
  readonly succeeded?: (result: KubeObject) => Note | undefined
  readonly failed?: (error: Error) => Note | undefined
  /** Errors that are as good as success. NotFound of a deletion always is. */
  readonly ignore?: (error: Error) => boolean
  /** What to do instead when it fails so; undefined: fail. */
  readonly recover?: (error: Error) => readonly Step[] | undefined
}

/** One call of the API, as data. */
export type Write = WriteBase &
  (
    | { readonly do: 'create'; readonly ref: ResourceRef; readonly object: KubeObject; readonly subresource?: string }
    | { readonly do: 'update'; readonly ref: ResourceRef; readonly object: KubeObject; readonly subresource?: string }
    | {
        readonly do: 'patch'
        readonly ref: ResourceRef
        readonly key: ObjectKey
        readonly type: PatchType
        readonly patch: unknown
        readonly subresource?: string
        /** For `apply`: whose fields these are. Conflicts are won. */
        readonly fieldManager?: string
      }
    | {
        readonly do: 'delete'
        readonly ref: ResourceRef
        readonly object: KubeObject
        readonly options?: DeleteOptions
      }
  )

/**
 * Writes done side by side. `slowStart`: 1, then 2, 4, 8 …, ending with the first batch in which one fails, so that what
 * cannot succeed is not tried a thousand times.
 */
export interface Batch {
  readonly do: 'batch'
  readonly slowStart: boolean
  readonly writes: readonly Write[]
}

export interface Tell extends Note {
  readonly do: 'tell'
}

export type Step = Write | Batch | Tell

/** How the steps of a plan went. */
export interface Outcome {
  /** Why they ended early. */
  readonly error: Error | undefined
  /** What the server answered to the writes, in the order of the answers. */
  readonly results?: readonly KubeObject[]
}

/** What a reconciliation decided, as data: the runner does it. */
export interface Plan<Status = unknown> {
  /** In order; the first that fails ends them. */
  readonly steps?: readonly Step[]
  /** The status that the object should have, written if it differs from what it has. Computed after the steps. */
  readonly status?: (outcome: Outcome) => Status
  /** Told once the status has been written. */
  readonly afterStatus?: readonly Note[]
  /** Look again after so long, though nothing changed. */
  readonly requeueAfterMs?: number
}

export const nothingToDo: Plan = Object.freeze({})

export function tell(type: EventType, reason: string, message: string, about?: KubeObject): Tell {
  return { do: 'tell', type, reason, message, about }
}
