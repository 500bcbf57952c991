import type { UserInfo } from '../../api/user.ts'
import { type Clock, formatMicroTime } from '../../machinery/clock.ts'
import { ApiError, type Status } from '../../machinery/errors.ts'
import { isObject } from '../../machinery/json.ts'
import { apiVersionOf } from '../../machinery/meta/object.ts'
import type { Answer } from '../answer.ts'
import type { ServerRequest } from '../request.ts'
import type { RequestInfo } from '../routing/request-info.ts'
import {
  type AuditEvent,
  type AuditObjectReference,
  type AuditSink,
  type AuditStage,
  type AuditUser,
  auditLevels,
  type Kept,
} from './event.ts'
import type { AuditMetrics } from './audit-metrics.ts'
import type { Auditing } from './policy.ts'
import { sourceAddresses } from './source-addresses.ts'

const maxUserAgent = 1024

interface Audited {
  readonly request: ServerRequest
  readonly info: RequestInfo
  readonly user: UserInfo | undefined
  readonly auditing: Auditing
  readonly sink: AuditSink
  readonly metrics: AuditMetrics
  readonly clock: Clock
  readonly auditId: string
}

/** What is told of one request, from its coming to the end of its answer. */
export class AuditRecord {
  readonly #of: Audited
  readonly #annotations = new Map<string, string>()
  /** What is the same in each stage. */
  readonly #known: Pick<AuditEvent, 'requestURI' | 'user' | 'sourceIPs' | 'userAgent' | 'requestReceivedTimestamp'>
  #objectRef: AuditObjectReference | undefined
  #impersonated: Pick<AuditEvent, 'impersonatedUser' | 'authenticationMetadata'> = {}
  #requestObject: unknown
  #response: Pick<AuditEvent, 'responseStatus' | 'responseObject'> = {}
  #complete = false

  constructor(of: Audited) {
    this.#of = of
    const { request, info, user, clock } = of
    const userAgent = request.headers['user-agent'] ?? ''
    this.#known = {
      requestURI: request.exchange?.target ?? targetOf(request),
      user: user === undefined ? {} : auditUser(user),
      sourceIPs: sourceAddresses(request),
      userAgent: userAgent.length > maxUserAgent ? `${userAgent.slice(0, maxUserAgent)}...TRUNCATED` : userAgent,
      requestReceivedTimestamp: formatMicroTime(clock.now()),
    }
    const { namespace, name, resource, subresource, apiGroup, apiVersion } = info
    if (info.resourceRequest) this.#objectRef = { namespace, name, resource, subresource, apiGroup, apiVersion }
  }

  /** Tells that the request came. False: that could not be kept, and the policy of the backend is to refuse it then. */
  begin(): Kept {
    return this.#of.user === undefined || this.#tell('RequestReceived')
  }

  /** `level`: the annotation is kept only where that much is told. The first value of a key stays. */
  annotate(key: string, value: string, level?: 'Request'): void {
    if (level !== undefined && !this.#tells(level)) return
    if (!this.#annotations.has(key)) this.#annotations.set(key, value)
  }
  /** The request acts as somebody else; `constraint`: the verb that allowed it, '' without one. */
  impersonates(user: UserInfo, constraint: string): void {
    this.#impersonated = {
      impersonatedUser: auditUser(user),
      authenticationMetadata: constraint === '' ? undefined : { impersonationConstraint: constraint },
    }
  }
  /** What was sent, decoded, before anything is changed in it. */
  sent(object: unknown): void {
    const metadata = isObject(object) && isObject(object['metadata']) ? object['metadata'] : {}
    const { namespace, name, uid, resourceVersion } = metadata as AuditObjectReference
    const ref = this.#objectRef ?? {}
    this.#objectRef = {
      ...ref,
      namespace: ref.namespace || namespace,
      name: ref.name || name,
      uid: ref.uid || uid,
      resourceVersion: ref.resourceVersion || resourceVersion,
    }
    this.sentPatch(object)
  }
  /** The document of a patch. */
  sentPatch(document: unknown): void {
    if (this.#tells('Request')) this.#requestObject = this.#copy(document)
  }
  /** The server itself is at fault, and nothing else is told of the request (upstream: a panic). */
  panicked(error: unknown, answer: Answer): Answer | Promise<Answer> {
    const message = `APIServer panic'd: ${error instanceof Error ? error.message : String(error)}`
    this.#response = {
      responseStatus: { metadata: {}, status: 'Failure', message, reason: 'InternalError', code: 500 },
    }
    return after(this.#tell('Panic'), answer)
  }
  /** The answer is known. The result is to be used in its place: it tells when it ends. */
  answered(answer: Answer): Answer | Promise<Answer> {
    this.#responds(answer)
    if (this.#of.user === undefined) return after(this.#tell('ResponseStarted'), answer)
    if (answer.type === 'watch') {
      return after(this.#tell('ResponseStarted'), {
        ...answer,
        open: (sink) => {
          const stop = answer.open(sink)
          return () => {
            stop()
            void this.#end()
          }
        },
      })
    }
    if (answer.type === 'connect') {
      const serve: typeof answer.serve = async (exchange) => {
        try {
          await answer.serve(exchange)
        } catch (error) {
          if (error instanceof ApiError)
            this.#responds({ type: 'object', code: error.status.code, object: error.status })
          throw error
        } finally {
          void this.#end()
        }
      }
      return after(this.#tell('ResponseStarted'), { ...answer, serve })
    }
    return after(this.#end(), answer)
  }

  #end(): Kept {
    if (this.#complete) return true
    this.#complete = true
    return this.#tell('ResponseComplete')
  }
  #tells(level: 'Request' | 'RequestResponse'): boolean {
    return auditLevels.indexOf(this.#of.auditing.level) >= auditLevels.indexOf(level)
  }
  #responds(answer: Answer): void {
    const code = answer.type === 'connect' ? 101 : answer.type === 'watch' ? 200 : answer.code
    const object = objectOf(answer)
    const failed = code >= 400 ? (object as Partial<Status> | undefined) : undefined
    this.#response = {
      responseStatus: {
        metadata: {},
        status: failed?.status,
        message: failed?.message,
        reason: failed?.reason,
        details: failed?.details,
        code,
      },
      responseObject:
        this.#of.info.resourceRequest && object !== undefined && this.#tells('RequestResponse')
          ? this.#copy(object)
          : undefined,
    }
  }
  /** As it is now: drafts change, and the event is written at the end. */
  #copy(object: unknown): unknown {
    const text = JSON.stringify(object, this.#of.auditing.omitManagedFields ? withoutManagedFields : undefined)
    return text === undefined ? undefined : JSON.parse(text)
  }
  #tell(stage: AuditStage): Kept {
    const { auditing, auditId, info, sink, metrics, clock } = this.#of
    if (auditing.omitStages.has(stage)) return true
    metrics.event()
    const { requestURI, user, sourceIPs, userAgent, requestReceivedTimestamp } = this.#known
    const event: AuditEvent = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: auditing.level,
      auditID: auditId,
      stage,
      requestURI,
      verb: info.verb,
      user,
      ...this.#impersonated,
      sourceIPs: sourceIPs!.length > 0 ? sourceIPs : undefined,
      userAgent: userAgent || undefined,
      objectRef: this.#objectRef && orderedRef(this.#objectRef),
      ...this.#responseAt(stage),
      requestReceivedTimestamp,
      stageTimestamp: stage === 'RequestReceived' ? requestReceivedTimestamp : formatMicroTime(clock.now()),
      annotations: this.#annotations.size > 0 ? Object.fromEntries([...this.#annotations].sort(byKey)) : undefined,
    }
    return sink.process([event])
  }
  #responseAt(stage: AuditStage): Partial<AuditEvent> {
    const { responseStatus, responseObject } = this.#response
    if (stage === 'RequestReceived') return {}
    return { responseStatus, requestObject: this.#requestObject, responseObject }
  }
}

/** The answer, once what is told of it is kept or given up. */
function after(kept: Kept, answer: Answer): Answer | Promise<Answer> {
  return kept instanceof Promise ? kept.then(() => answer) : answer
}

const byKey = ([left]: readonly [string, string], [right]: readonly [string, string]) => (left < right ? -1 : 1)

function withoutManagedFields(this: unknown, key: string, value: unknown): unknown {
  if (key !== 'metadata' || !isObject(value) || value['managedFields'] === undefined) return value
  return { ...value, managedFields: undefined }
}

function auditUser({ name, uid, groups, extra }: UserInfo): AuditUser {
  return {
    username: name || undefined,
    uid: uid || undefined,
    groups: groups.length > 0 ? groups : undefined,
    extra: extra && Object.keys(extra).length > 0 ? extra : undefined,
  }
}

function orderedRef(ref: AuditObjectReference): AuditObjectReference {
  return {
    resource: ref.resource || undefined,
    namespace: ref.namespace || undefined,
    name: ref.name || undefined,
    uid: ref.uid || undefined,
    apiGroup: ref.apiGroup || undefined,
    apiVersion: ref.apiVersion || undefined,
    resourceVersion: ref.resourceVersion || undefined,
    subresource: ref.subresource || undefined,
  }
}

function targetOf({ path, query }: ServerRequest): string {
  const parameters = new URLSearchParams()
  for (const [name, values] of query.entries()) for (const value of values) parameters.append(name, value)
  const text = parameters.toString()
  return text === '' ? path : `${path}?${text}`
}

function objectOf(answer: Answer): object | undefined {
  switch (answer.type) {
    case 'object':
      return answer.object
    case 'stored':
      return answer.object.object
    case 'list': {
      const { definition, metadata, items } = answer
      return {
        kind: definition.listKind,
        apiVersion: apiVersionOf(definition),
        metadata,
        items: items.map(({ object }) => object),
      }
    }
    default:
      return undefined
  }
}
