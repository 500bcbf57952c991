import type { UserInfo } from '../../api/user.ts'
import { internalError, PageNotFound } from '../../machinery/errors.ts'
import type { Logger } from '../../machinery/log.ts'
import { forbiddenRequest } from '../authorization/forbidden.ts'
import { requestAttributes } from '../authorization/request-attributes.ts'
import { errorAnswer } from '../error-answer.ts'
import type { AccessMetrics } from '../http/access-metrics.ts'
import type { Outcome } from '../pipeline.ts'
import type { ServerRequest } from '../request.ts'
import type { PathRouter } from '../routing/path-router.ts'
import type { RequestInfo } from '../routing/request-info.ts'
import type { DelegatedAccess } from './delegated-access.ts'

/** The way of requests to a part that serves a few paths and no objects. Never throws, as the API server's. */
export class PathPipeline {
  readonly #access: DelegatedAccess
  readonly #paths: PathRouter
  readonly #metrics: AccessMetrics
  readonly #log: Logger

  constructor(options: {
    readonly access: DelegatedAccess
    readonly paths: PathRouter
    readonly metrics: AccessMetrics
    readonly log: Logger
  }) {
    this.#access = options.access
    this.#paths = options.paths
    this.#metrics = options.metrics
    this.#log = options.log
  }

  async handle(request: ServerRequest, info: RequestInfo): Promise<Outcome> {
    const warnings = new Set<string>()
    let user: UserInfo | undefined
    try {
      user = (await this.#metrics.authentication(this.#access.authentication.authenticate(request))).user
      const attributes = requestAttributes(info, user)
      const { decision, reason, error } = await this.#metrics.authorization(() =>
        this.#access.authorizer.authorize(attributes),
      )
      if (decision !== 'allow' && error !== undefined) throw internalError(error)
      if (decision !== 'allow') throw forbiddenRequest(attributes, reason)
      const handler = this.#paths.find(request.segments)
      if (handler === undefined) throw new PageNotFound()
      return { answer: await handler({ request, info, user, warnings }), info, user, warnings }
    } catch (error) {
      return { answer: errorAnswer(error, this.#log, request.path), info, user, warnings }
    }
  }
}
