import type { UserInfo } from '../../../api/user.ts'
import type { AccessDecision, AccessQuestion, AskAccess } from '../../../machinery/cel/libraries/authorizer.ts'
import { serviceAccountGroups, serviceAccountUser } from '../../authentication/service-account-name.ts'
import type { AuthorizationResult, Authorizer } from '../../authorization/authorizer.ts'

/** An expression asked what only a later moment can tell. */
class Pending extends Error {
  override readonly name = 'Pending'
  readonly answer: Promise<unknown>
  constructor(answer: Promise<unknown>) {
    super('the answer is not there yet')
    this.answer = answer
  }
}

/**
 * Answers the authorization questions of expressions, each once per request (apiserver
 * pkg/admission/plugin/authorizer/caching_authorizer.go). Expressions are evaluated at once, authorizers may take their
 * time: who waits for one starts the evaluation over when it has answered.
 */
export class AccessAnswers {
  readonly #authorizer: Authorizer
  readonly #user: UserInfo
  readonly #known = new Map<string, AccessDecision>()
  constructor(authorizer: Authorizer, user: UserInfo) {
    this.#authorizer = authorizer
    this.#user = user
  }

  readonly ask: AskAccess = (question) => {
    const key = JSON.stringify(question)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const answer = this.#authorizer.authorize(attributesOf(question, this.#user))
    if (!(answer instanceof Promise)) return this.#remember(key, answer)
    throw new Pending(answer.then((result) => this.#remember(key, result)))
  }

  /** Evaluates, again after each answer that was waited for. `evaluation` has no effects. */
  async settle<T>(evaluation: () => T): Promise<T> {
    for (;;) {
      try {
        return evaluation()
      } catch (error) {
        if (!(error instanceof Pending)) throw error
        await error.answer
      }
    }
  }

  #remember(key: string, { decision, reason, error }: AuthorizationResult): AccessDecision {
    const known = { allowed: decision === 'allow', reason, error }
    this.#known.set(key, known)
    return known
  }
}

function attributesOf({ serviceAccount, verb, path, resource }: AccessQuestion, user: UserInfo) {
  return {
    user: serviceAccount === undefined ? user : accountUser(serviceAccount),
    verb,
    resourceRequest: resource !== undefined,
    namespace: resource?.namespace ?? '',
    apiGroup: resource?.group ?? '',
    apiVersion: resource === undefined ? '' : '*',
    resource: resource?.resource ?? '',
    subresource: resource?.subresource ?? '',
    name: resource?.name ?? '',
    path: path ?? '',
    fieldSelector: resource?.fieldSelector,
    labelSelector: resource?.labelSelector,
  }
}

function accountUser({ namespace, name }: NonNullable<AccessQuestion['serviceAccount']>): UserInfo {
  return { name: serviceAccountUser(namespace, name), groups: serviceAccountGroups(namespace) }
}
