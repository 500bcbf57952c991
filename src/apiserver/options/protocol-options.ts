import type { ServerOptionValues } from './server-options.ts'

/** How requests are served, whoever makes them: what upstream's ServerRunOptions say (apiserver pkg/server/options). */
export interface ProtocolOptions {
  readonly requestTimeoutMs: number
  readonly minRequestTimeoutSeconds: number
  /** Requests that are served at once; whether reads and writes share, by priority and fairness, or have each their own. */
  readonly inFlight: { readonly shared: boolean; readonly reads: number; readonly writes: number }
  /** Whether scripts of this origin may read answers; undefined: nobody asked for CORS. */
  readonly isAllowedOrigin?: (origin: string) => boolean
  /** The value of Strict-Transport-Security. */
  readonly strictTransportSecurity?: string
  /** How probable it is that a request over HTTP/2 ends its connection, so that clients spread over servers again. */
  readonly goawayChance: number
  /** Streams of one connection. */
  readonly maxStreams: number
  /** How much history stays at least; 0: all of it. */
  readonly compactionIntervalMs: number
  /** How long events are kept; undefined: for ever. */
  readonly eventTtlSeconds: number | undefined
  readonly deleteCollectionWorkers: number
  readonly shutdown: {
    /** How long requests are served as before once the server is told to stop, but not ready any more. */
    readonly delayMs: number
    /** Whether new requests are told to try again, until those that were there are through. */
    readonly sendsRetryAfter: boolean
    /** Over what time watches are ended; 0: all at once. */
    readonly watchGraceMs: number
  }
}

/** Throws an Error, one sentence, naming the flag that is wrong. The code for what is not asked for is not loaded. */
export async function loadProtocolOptions(values: ServerOptionValues): Promise<ProtocolOptions> {
  const options = protocolOptions(values)
  const patterns = values['cors-allowed-origins'] ?? []
  if (patterns.length === 0) return options
  const { allowedOrigins } = await import('./allowed-origins.ts')
  return { ...options, isAllowedOrigin: allowedOrigins(patterns) }
}

/** The same without `isAllowedOrigin`. */
export function protocolOptions(values: ServerOptionValues): ProtocolOptions {
  const notNegative = (name: 'request-timeout' | 'min-request-timeout' | 'shutdown-delay-duration', usual: number) => {
    const value = values[name] ?? usual
    if (value < 0) throw new Error(`--${name} can not be negative value`)
    return value
  }
  const goawayChance = values['goaway-chance'] ?? 0
  if (goawayChance < 0 || goawayChance > 0.02) {
    throw new Error('--goaway-chance can not be less than 0 or greater than 0.02')
  }
  const eventTtl = values['event-ttl'] ?? 3600
  return {
    requestTimeoutMs: notNegative('request-timeout', 60) * 1000,
    minRequestTimeoutSeconds: notNegative('min-request-timeout', 1800),
    inFlight: inFlight(values),
    strictTransportSecurity: transportSecurity(values['strict-transport-security-directives'] ?? []),
    goawayChance,
    // Upstream's 250 are few for a process that holds all watches of a controller manager.
    maxStreams: values['http2-max-streams-per-connection'] || 1000,
    compactionIntervalMs: Math.max(0, (values['etcd-compaction-interval'] ?? 300) * 1000),
    eventTtlSeconds: eventTtl > 0 ? eventTtl : undefined,
    // Upstream's one makes the end of a namespace slow.
    deleteCollectionWorkers: Math.max(1, values['delete-collection-workers'] ?? 16),
    shutdown: {
      delayMs: notNegative('shutdown-delay-duration', 0) * 1000,
      sendsRetryAfter: values['shutdown-send-retry-after'] ?? false,
      watchGraceMs: watchGraceMs(values),
    },
  }
}

function inFlight(values: ServerOptionValues): ProtocolOptions['inFlight'] {
  const limit = (name: 'max-requests-inflight' | 'max-mutating-requests-inflight', usual: number) => {
    const value = values[name] ?? usual
    if (value < 0) throw new Error(`--${name} can not be negative value`)
    return value
  }
  const reads = limit('max-requests-inflight', 400)
  const writes = limit('max-mutating-requests-inflight', 200)
  const shared = values['enable-priority-and-fairness'] ?? true
  if (shared && reads + writes === 0)
    throw new Error(
      'invalid configuration: MaxRequestsInFlight=0 and MaxMutatingRequestsInFlight=0; they must add up to something positive',
    )
  return { shared, reads, writes }
}

function watchGraceMs(values: ServerOptionValues): number {
  const seconds = values['shutdown-watch-termination-grace-period'] ?? 0
  if (seconds < 0) throw new Error('shutdown-watch-termination-grace-period, if provided, can not be a negative value')
  return seconds * 1000
}

function transportSecurity(directives: readonly string[]): string | undefined {
  for (const directive of directives) {
    if (directive.trim() === '') throw new Error('empty value in strict-transport-security-directives')
    if (/^(?:includeSubDomains|preload|max-age=[^=]*)$/.test(directive)) continue
    throw new Error(
      '--strict-transport-security-directives invalid, allowed values: max-age=expireTime, includeSubDomains, preload. see https://tools.ietf.org/html/rfc6797#section-6.1 for more information',
    )
  }
  return directives.length === 0 ? undefined : directives.join('; ')
}
