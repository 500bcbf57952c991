import type { UserInfo } from '../../api/user.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'

/** What fairness looks at in a request. */
export interface FairnessRequest {
  readonly user: UserInfo
  readonly verb: string
  readonly resourceRequest: boolean
  readonly namespace: string
  readonly apiGroup: string
  readonly resource: string
  readonly subresource: string
  readonly path: string
  /** How much of the server it takes, 1 for most; a list of many objects takes more (at most 10). */
  readonly seats?: number
}

/** UIDs of the flow schema and the priority level under which a request is served. */
export interface Classification {
  readonly flowSchemaUid: string
  readonly priorityLevelUid: string
}

/** A request's leave to be served. */
export interface Seat {
  /** Sent with the answer: X-Kubernetes-PF-FlowSchema-UID and X-Kubernetes-PF-PriorityLevel-UID. Absent: nobody classified it. */
  readonly classified?: Classification
  /** The request is served: must be called once; a watch calls it when it has begun. */
  release(): void
}

/**
 * Priority and fairness: nobody's flood keeps others from being served (KEP-1040; apiserver pkg/util/flowcontrol).
 * Long-running requests (exec, proxy, logs that follow) are not concerned. Synchronous as long as there is room.
 * Throws 429 with retryAfterSeconds when the queues of the request's level are full, or it waited too long in one.
 */
export interface Fairness {
  admit(request: FairnessRequest): Seat | Promise<Seat>
  /** From here on it is counted there what happens. */
  tellInto?(metrics: MetricsRegistry): void
  stop(): void
}
