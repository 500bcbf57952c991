import type { UserInfo } from '../api/user.ts'
import { internalError, noSuchPath, notFound, PageNotFound, methodNotAllowed } from '../machinery/errors.ts'
import type { Logger } from '../machinery/log.ts'
import { inSpan, type Span } from '../machinery/tracing/span.ts'
import type { Tracer } from '../machinery/tracing/tracer.ts'
import type { Answer } from './answer.ts'
import type { AuditRecord } from './audit/audit-record.ts'
import type { Audit } from './audit/audit.ts'
import type { AuthenticationRequest, AuthenticationResult } from './authentication/authenticator.ts'
import { anonymousUser } from './authentication/chain.ts'
import { impersonate } from './authentication/impersonation.ts'
import { forbiddenRequest } from './authorization/forbidden.ts'
import { requestAttributes } from './authorization/request-attributes.ts'
import type { Authorizer } from './authorization/authorizer.ts'
import { errorAnswer } from './error-answer.ts'
import { Overloaded } from './fairness/overloaded.ts'
import type { Classification, Fairness, Seat } from './fairness/fairness.ts'
import { handleConnect } from './handlers/connect.ts'
import { handleResource } from './handlers/handle-resource.ts'
import type { HandlerServices } from './handlers/services.ts'
import type { AccessMetrics } from './http/access-metrics.ts'
import type { RequestContext } from './request-context.ts'
import { checkRouteMediaTypes } from './negotiation/route-media-types.ts'
import type { ServerRequest } from './request.ts'
import type { PathHandler, PathRouter } from './routing/path-router.ts'
import { parseRequestInfo, type RequestInfo } from './routing/request-info.ts'
import type { ResourceMap } from './routing/resource-map.ts'
import { beginRequestSpan } from './tracing/request-span.ts'
import { isServedPath } from './routing/served-path.ts'

export interface Outcome {
  readonly answer: Answer
  readonly info: RequestInfo
  readonly user: UserInfo | undefined
  readonly warnings: ReadonlySet<string>
  /** The flow schema and priority level that the request was served under. */
  readonly classified?: Classification
  /** Nobody looked at it, for too many others were served. */
  readonly refused?: boolean
  /** Of a request that is recorded; ended by whoever writes the answer. */
  readonly span?: Span
}

export interface PipelineOptions {
  readonly authenticate: (request: AuthenticationRequest) => Promise<AuthenticationResult>
  readonly authorizer: Authorizer
  /** Absent: nothing is told. */
  readonly audit?: Audit
  /** Absent: every request is served at once. */
  readonly fairness?: Fairness
  readonly metrics: AccessMetrics
  readonly resources: ResourceMap
  readonly paths: PathRouter
  /** Paths that other servers answer. */
  readonly remotes?: { find(segments: readonly string[]): PathHandler | undefined }
  readonly services: HandlerServices
  /** Absent: nothing is recorded. */
  readonly tracer?: Tracer
  readonly log: Logger
}

/**
 * The way of every request, from the wire or from this process: who is it, may they, what do they want. Never throws: what
 * goes wrong becomes the answer.
 */
export class Pipeline {
  readonly #options: PipelineOptions

  constructor(options: PipelineOptions) {
    this.#options = options
  }

  /** `auditId`: what the answer calls the request; made when something is told of it. */
  async handle(request: ServerRequest, known?: RequestInfo, auditId?: string): Promise<Outcome> {
    const info = known ?? parseRequestInfo(request.method, request.path, request.segments, request.query)
    const { audit, log, tracer } = this.#options
    const warnings = new Set<string>()
    let user: UserInfo | undefined
    let seat: Seat | undefined
    let span: Span | undefined
    let record: AuditRecord | undefined
    let isAllowed = false
    const told = (answer: Answer): Answer | Promise<Answer> => (record === undefined ? answer : record.answered(answer))
    try {
      user = request.user ?? (await this.#authenticate(request)).user
      if (user.name === anonymousUser) this.#keepNoConnection(request)
      const begun = audit?.begin(request, info, user, auditId)
      record = begun instanceof Promise ? await begun : begun
      if (request.user === undefined) user = await this.#actingUser(request, info, user, record)
      const context: RequestContext = { request, info, user, warnings, audit: record }
      span = tracer && beginRequestSpan(tracer, request, info, user, auditId)
      const admitting = this.#seat(info, user)
      seat = admitting instanceof Promise ? await admitting : admitting
      await this.#authorize(info, user, record)
      isAllowed = true
      const routing = span === undefined ? this.#route(context) : inSpan(span, () => this.#route(context))
      const answer = told(await routing)
      return {
        answer: answer instanceof Promise ? await answer : answer,
        info,
        user,
        warnings,
        classified: seat?.classified,
        span,
      }
    } catch (error) {
      if (user === undefined) {
        this.#keepNoConnection(request)
        record = await audit?.begin(request, info, undefined, auditId)
      }
      const refusal = errorAnswer(error, log, request.path)
      // What the caller chose is in the text of access control's refusals (responsewriters.Forbidden).
      const headers = !isAllowed && user !== undefined && refusal.code !== 429 ? noSniff : undefined
      const failure = { ...refusal, headers }
      const answer = isOwnFault(error) ? (record?.panicked(error, failure) ?? failure) : told(failure)
      const refused = error instanceof Overloaded
      const classified = refused ? error.classified : seat?.classified
      return { answer: await answer, info, user, warnings, classified, refused, span }
    } finally {
      seat?.release()
    }
  }

  #authenticate(request: ServerRequest): Promise<AuthenticationResult> {
    const { metrics, authenticate } = this.#options
    return metrics.authentication(authenticate(request))
  }

  /** Who is nobody asks once for each connection of HTTP/2, which is dear to serve and was abused (CVE-2023-44487). */
  #keepNoConnection({ exchange }: ServerRequest): void {
    if (exchange?.protocol !== 'HTTP/2.0') return
    if (this.#options.services.enabled('UnauthenticatedHTTP2DOSMitigation')) exchange.closeAfter()
  }

  /** As whom the request acts. */
  async #actingUser(
    request: ServerRequest,
    info: RequestInfo,
    user: UserInfo,
    record: AuditRecord | undefined,
  ): Promise<UserInfo> {
    if (!impersonates(request.headers)) return user
    const acted = await impersonate(request, requestAttributes(info, user), this.#options.authorizer, {
      constrained: this.#options.services.enabled('ConstrainedImpersonation'),
    })
    if (acted === undefined) return user
    record?.impersonates(acted.user, acted.constraint)
    return acted.user
  }

  /** A watch holds its seat until it has begun; connections that last hold none. */
  #seat(info: RequestInfo, user: UserInfo): Seat | Promise<Seat> | undefined {
    const { fairness, resources } = this.#options
    if (fairness === undefined) return undefined
    const { apiGroup, apiVersion, resource, subresource } = info
    const lasting =
      subresource !== '' && resources.get(apiGroup, apiVersion, resource)?.connects.has(subresource) === true
    return lasting ? undefined : fairness.admit({ ...info, user })
  }

  async #authorize(info: RequestInfo, user: UserInfo, record: AuditRecord | undefined): Promise<void> {
    const attributes = requestAttributes(info, user)
    const { metrics, authorizer } = this.#options
    const deciding = metrics.authorization(() => authorizer.authorize(attributes))
    const { decision, reason, error } = deciding instanceof Promise ? await deciding : deciding
    const tells = (key: string, text: string) => record?.annotate(`authorization.k8s.io/${key}`, text)
    if (decision !== 'allow' && error !== undefined) {
      tells('reason', 'internal error')
      throw internalError(error)
    }
    tells('decision', decision === 'allow' ? 'allow' : 'forbid')
    tells('reason', reason)
    if (decision === 'allow') return
    throw forbiddenRequest(attributes, reason)
  }

  #route(context: RequestContext): Promise<Answer> | Answer {
    const { info, request } = context
    const { resources, paths, remotes, services } = this.#options
    const remote = remotes?.find(request.segments)
    if (remote !== undefined) return remote(context)
    if (!info.resourceRequest) {
      const handler = paths.find(request.segments)
      if (handler === undefined) throw new PageNotFound()
      return handler(context)
    }
    const route = resources.get(info.apiGroup, info.apiVersion, info.resource)
    if (route === undefined) {
      const handler = paths.find(request.segments)
      if (handler === undefined) throw new PageNotFound()
      return handler(context)
    }
    if (info.verb === 'proxy') throw noSuchPath()
    if (request.method === 'HEAD' && !route.connects.has(info.subresource)) throw methodNotAllowed()
    const { definition } = route
    if (info.namespace !== '' && !definition.namespaced && info.resource !== 'namespaces')
      throw definition.protobuf ? noSuchPath() : new PageNotFound()
    const connect = route.connects.get(info.subresource)
    if (!definition.protobuf && definition.namespaced && info.namespace === '' && !everywhere.has(info.verb))
      throw new PageNotFound()
    // What serves custom resources tells of every path below them.
    if (!definition.protobuf && definition.deprecation !== undefined) context.warnings.add(definition.deprecation)
    if (definition.protobuf && !isServedPath(definition, info, connect?.subpath === true)) throw noSuchPath()
    if (definition.protobuf && connect === undefined) checkRouteMediaTypes(request, info.verb)
    if (route.virtual !== undefined) {
      if (info.subresource !== '') throw noSuchPath()
      if (!supports(definition.verbs, info.verb)) throw methodNotAllowed()
      return route.virtual(context, route, services)
    }
    if (info.subresource === '') {
      if (info.parts.length > 2) throw noSuchPath()
      if (!supports(definition.verbs, info.verb)) throw methodNotAllowed()
      return handleResource(context, route, services)
    }
    if (connect !== undefined) return handleConnect(context, route, connect, services)
    if (info.parts.length > 3) throw noSuchPath()
    const handler = route.subresources.get(info.subresource)
    if (handler !== undefined) {
      const serve = Object.hasOwn(handler, info.verb) ? handler[info.verb] : undefined
      if (serve === undefined) throw methodNotAllowed()
      return serve(context, route, services)
    }
    const subresource = definition.subresources.find(({ name }) => name === info.subresource)
    // Those of custom resources come and go with their definitions: the path is known, what it leads to is not there.
    if (subresource === undefined) throw definition.protobuf ? noSuchPath() : notFound(definition, info.name)
    if (!supports(subresource.verbs, info.verb)) throw methodNotAllowed()
    return handleResource(context, route, services)
  }
}

/** What the language throws when the code is wrong; Go would panic. */
function isOwnFault(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError
}

const noSniff = { 'x-content-type-options': 'nosniff' }

/** What can be asked of the custom resources of all namespaces at once. */
const everywhere: ReadonlySet<string> = new Set(['list', 'watch'])

function impersonates(headers: ServerRequest['headers']): boolean {
  for (const name in headers) if (name.startsWith('impersonate-')) return true
  return false
}

/** `list` and `watch` of a name that a field selector gave are those of the collection. */
function supports(verbs: readonly string[], verb: string): boolean {
  return verbs.includes(verb)
}
