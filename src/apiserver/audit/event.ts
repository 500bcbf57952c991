import type { StatusDetails } from '../../machinery/errors.ts'

/** How much of a request is told. */
export type AuditLevel = 'None' | 'Metadata' | 'Request' | 'RequestResponse'

/** When it is told: answers that last (watches, connections) are told of when they start, too. */
export type AuditStage = 'RequestReceived' | 'ResponseStarted' | 'ResponseComplete' | 'Panic'

export const auditLevels: readonly AuditLevel[] = ['None', 'Metadata', 'Request', 'RequestResponse']
export const auditStages: readonly AuditStage[] = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic']

export interface AuditUser {
  readonly username?: string
  readonly uid?: string
  readonly groups?: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** What the request is for; for a path that is no resource there is none. */
export interface AuditObjectReference {
  readonly resource?: string
  readonly namespace?: string
  readonly name?: string
  readonly uid?: string
  readonly apiGroup?: string
  readonly apiVersion?: string
  readonly resourceVersion?: string
  readonly subresource?: string
}

/** One line of the audit log: audit.k8s.io/v1 Event, its fields in upstream's order. */
export interface AuditEvent {
  readonly kind: 'Event'
  readonly apiVersion: 'audit.k8s.io/v1'
  readonly level: AuditLevel
  /** The same in all events of a request, and in the answer's header Audit-ID. */
  readonly auditID: string
  readonly stage: AuditStage
  readonly requestURI: string
  readonly verb: string
  /** Who was authenticated; empty: nobody. */
  readonly user: AuditUser
  readonly impersonatedUser?: AuditUser
  readonly authenticationMetadata?: { readonly impersonationConstraint: string }
  /** As proxies say, then where the connection comes from: only the last is sure. */
  readonly sourceIPs?: readonly string[]
  readonly userAgent?: string
  readonly objectRef?: AuditObjectReference
  readonly responseStatus?: {
    readonly metadata: object
    readonly status?: string
    readonly message?: string
    readonly reason?: string
    readonly details?: StatusDetails
    readonly code: number
  }
  readonly requestObject?: unknown
  readonly responseObject?: unknown
  /** MicroTime. */
  readonly requestReceivedTimestamp: string
  readonly stageTimestamp: string
  readonly annotations?: Readonly<Record<string, string>>
}

/**
 * Whether events are kept; false: whoever asked for strictness must refuse the request. A promise: the request waits for it.
 */
export type Kept = boolean | Promise<boolean>

export function allKept(results: readonly Kept[]): Kept {
  if (!results.some((kept) => kept instanceof Promise)) return results.every((kept) => kept === true)
  return Promise.all(results.map(async (kept) => kept)).then((kept) => kept.every(Boolean))
}

/** Where audit events go. */
export interface AuditSink {
  /** Must not throw, nor reject. */
  process(events: readonly AuditEvent[]): Kept
  /** Resolves once what was taken is delivered, or given up. */
  close(): void | Promise<void>
}
