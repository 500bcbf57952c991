import { TokenBucket } from '../../../client/token-bucket.ts'
import type { Clock } from '../../../machinery/clock.ts'
import { aggregate, tooManyRequests } from '../../../machinery/errors.ts'
import { errorText, fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { isObject } from '../../../machinery/json.ts'
import type { ConfigKind } from '../../options/config-file.ts'
import { integer, list, object, string, type ValueOf } from '../../options/config-shape.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts'

const shape = object({ limits: list(object({ type: string, qps: integer, burst: integer, cacheSize: integer })) })
export type EventRateLimitConfiguration = ValueOf<typeof shape>
type Limit = EventRateLimitConfiguration['limits'][number]

export const eventRateLimitKind: ConfigKind<EventRateLimitConfiguration> = {
  apiVersions: ['eventratelimit.admission.k8s.io/v1alpha1'],
  kind: 'Configuration',
  shape,
}

const defaultCacheSize = 4096

/** By what events are counted. */
const keyOf: Readonly<Record<string, (attributes: AdmissionAttributes) => string>> = {
  Server: () => '',
  Namespace: ({ namespace }) => namespace,
  User: ({ user }) => user.name,
  SourceAndObject({ object: event }) {
    const { source, involvedObject } = event as { source?: unknown; involvedObject?: unknown }
    const text = (part: unknown, names: readonly string[]) =>
      names.map((name) => (isObject(part) ? String(part[name] ?? '') : '')).join('')
    return (
      text(source, ['component', 'host']) + text(involvedObject, ['kind', 'namespace', 'name', 'uid', 'apiVersion'])
    )
  },
}

/** Keeps floods of events off the store (plugin/pkg/admission/eventratelimit). Throws an Error for a wrong configuration. */
export function createEventRateLimit(
  { clock }: { readonly clock: Clock },
  configuration: EventRateLimitConfiguration | undefined,
): AdmissionPlugin {
  const errors = limitErrors(configuration?.limits ?? [])
  if (errors.length > 0) throw new Error(aggregate(errors.map(errorText)))
  const limiters = configuration!.limits.map((limit) => new Limiter(limit, clock))
  return {
    name: 'EventRateLimit',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    validate(attributes) {
      if (attributes.kind.kind !== 'Event' || !['', 'events.k8s.io'].includes(attributes.kind.group)) return
      if (attributes.dryRun) return
      // Each is asked, though one refused: all of them count.
      const refused = limiters.flatMap((limiter) => limiter.refusal(attributes) ?? [])
      if (refused.length > 0) throw tooManyRequests(aggregate(refused), 0)
    },
  }
}

class Limiter {
  readonly #limit: Limit
  readonly #clock: Clock
  readonly #buckets = new Map<string, TokenBucket>()
  constructor(limit: Limit, clock: Clock) {
    this.#limit = limit
    this.#clock = clock
  }

  refusal(attributes: AdmissionAttributes): string | undefined {
    const key = keyOf[this.#limit.type]!(attributes)
    return this.#bucket(key).tryTake() ? undefined : `limit reached on type ${this.#limit.type} for key ${key}`
  }

  #bucket(key: string): TokenBucket {
    const { qps, burst, cacheSize } = this.#limit
    const known = this.#buckets.get(key)
    const bucket = known ?? new TokenBucket(this.#clock, { perSecond: qps, burst })
    // The least recently used goes first.
    this.#buckets.delete(key)
    if (this.#buckets.size >= (cacheSize || defaultCacheSize)) this.#buckets.delete(this.#buckets.keys().next().value!)
    this.#buckets.set(key, bucket)
    return bucket
  }
}

function limitErrors(limits: readonly Limit[]): FieldError[] {
  if (limits.length === 0) return [fieldErrors.invalid('limits', [], 'must not be empty')]
  return limits.flatMap(({ type, qps, burst, cacheSize }, index) => {
    const at = `limits[${index}]`
    return [
      ...(Object.hasOwn(keyOf, type) ? [] : [fieldErrors.notSupported(`${at}.type`, type, Object.keys(keyOf))]),
      ...(burst <= 0 ? [fieldErrors.invalid(`${at}.burst`, burst, 'must be positive')] : []),
      ...(qps <= 0 ? [fieldErrors.invalid(`${at}.qps`, qps, 'must be positive')] : []),
      ...(type !== 'Server' && cacheSize < 0
        ? [fieldErrors.invalid(`${at}.cacheSize`, cacheSize, 'must not be negative')]
        : []),
    ]
  })
}
