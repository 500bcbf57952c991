import type { PeerCertificate, TLSSocket } from 'node:tls'
import type { IncomingMessage } from 'node:http'
import { subjectAccessReviews } from '../../api/authorization/v1/subject-access-review.ts'
import { tokenReviews } from '../../api/authentication/v1/token-review.ts'
import type { SubjectAccessReview, TokenReview } from '../../api/types.generated.ts'
import type { UserInfo } from '../../api/user.ts'
import type { Client } from '../../client/client.ts'
import { delegatedReviewMetrics } from '../../client/delegated-review-metrics.ts'
import { TokenCacheMetrics } from '../../client/token-cache-metrics.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'
import { clientCertificateExpiry } from '../../machinery/x509/client-certificate-expiry.ts'
import { nodeAttributes, type NodeAttributes } from './attributes.ts'

/** Who may use the kubelet's server: each route is authenticated and authorized (security.md: kubelet API). */
export interface KubeletAccess {
  /** The caller, by client certificate or bearer token; undefined when there is none that holds. */
  authenticate(request: IncomingMessage): Promise<UserInfo | undefined>
  authorize(user: UserInfo, method: string, path: string): Promise<boolean>
}

/** Upstream's defaults for answers of the API server (kubelet config authentication.webhook, authorization.webhook). */
const cacheMs = { token: 120_000, allowed: 300_000, denied: 30_000 } as const
const maxCached = 1000

/** Asks the API server (TokenReview, SubjectAccessReview) and remembers its answers for a while. */
export function createKubeletAccess(options: {
  readonly client: Client
  readonly nodeName: string
  readonly clock: Clock
  readonly metrics: MetricsRegistry
}): KubeletAccess {
  const { client, nodeName, clock, metrics } = options
  const measured = delegatedReviewMetrics(metrics, clock)
  const cacheMetrics = new TokenCacheMetrics(metrics, clock)
  const expiry = clientCertificateExpiry(metrics)
  /** Connections whose certificate has been measured. */
  const shown = new WeakSet<TLSSocket>()
  const tokens = new Expiring<UserInfo | undefined>(clock)
  const decisions = new Expiring<boolean>(clock)

  const reviewToken = async (token: string): Promise<UserInfo | undefined> => {
    const question = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {}, spec: { token } }
    const review = await measured.authentication(() =>
      client.create<TokenReview, TokenReview>(tokenReviews, question as TokenReview),
    )
    const user = review.status.authenticated ? review.status.user : undefined
    return (
      user && {
        name: user.username ?? '',
        uid: user.uid,
        groups: user.groups ?? [],
        extra: user.extra as UserInfo['extra'],
      }
    )
  }
  const reviewAccess = async (user: UserInfo, attributes: NodeAttributes): Promise<boolean> => {
    const question = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      metadata: {},
      spec: {
        user: user.name,
        uid: user.uid,
        groups: user.groups,
        extra: user.extra,
        resourceAttributes: {
          verb: attributes.verb,
          version: 'v1',
          resource: 'nodes',
          subresource: attributes.subresource,
          name: nodeName,
        },
      },
    } as SubjectAccessReview
    const review = await measured.authorization(() =>
      client.create<SubjectAccessReview, SubjectAccessReview>(subjectAccessReviews, question),
    )
    return review.status?.allowed === true
  }

  return {
    async authenticate(request) {
      const socket = request.socket as TLSSocket
      const certificate = userOf(socket)
      if (certificate) {
        if (!shown.has(socket)) expiry.observe((Date.parse(socket.getPeerCertificate().valid_to) - clock.now()) / 1000)
        shown.add(socket)
        return certificate
      }
      const token = /^bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
      if (token === undefined) return undefined
      const known = tokens.has(token)
      const user = tokens.get(
        token,
        (found) => (found ? cacheMs.token : 0),
        () => cacheMetrics.fetch(() => reviewToken(token)),
      )
      return cacheMetrics.asked(known, user)
    },
    async authorize(user, method, path) {
      for (const attributes of nodeAttributes(method, path)) {
        const key = JSON.stringify([user.name, user.uid, user.groups, user.extra, attributes])
        if (
          await decisions.get(
            key,
            (allowed) => (allowed ? cacheMs.allowed : cacheMs.denied),
            () => reviewAccess(user, attributes),
          )
        )
          return true
      }
      return false
    },
  }
}

/** CN is the name, each O a group, of a certificate that the cluster's CA signed. */
function userOf(socket: TLSSocket): UserInfo | undefined {
  if (!socket.authorized) return undefined
  const { subject } = socket.getPeerCertificate() as Partial<PeerCertificate>
  if (!subject?.CN) return undefined
  const groups: string[] = ([] as string[]).concat(subject.O ?? [])
  return { name: String(subject.CN), groups: [...groups, 'system:authenticated'] }
}

class Expiring<Value> {
  readonly #clock: Clock
  readonly #kept = new Map<string, { value: Value; until: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  has(key: string): boolean {
    const kept = this.#kept.get(key)
    return kept !== undefined && kept.until > this.#clock.monotonic()
  }

  async get(key: string, keepMs: (value: Value) => number, make: () => Promise<Value>): Promise<Value> {
    if (this.has(key)) return this.#kept.get(key)!.value
    const value = await make()
    if (this.#kept.size >= maxCached) this.#kept.clear()
    this.#kept.set(key, { value, until: this.#clock.monotonic() + keepMs(value) })
    return value
  }
}
