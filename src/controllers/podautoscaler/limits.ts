import type { HorizontalPodAutoscaler, HPAScalingRules } from '../../api/types.generated.ts'
import type { ScaleHistory } from './scale-history.ts'

/** A count of replicas, and why it is that one. */
export interface Reasoned {
  readonly replicas: number
  readonly reason: string
  readonly message: string
}

export interface Limited {
  readonly replicas: number
  /** How the condition AbleToScale becomes. */
  readonly able: Omit<Reasoned, 'replicas'>
  readonly limited: Omit<Reasoned, 'replicas'> & { readonly status: 'True' | 'False' }
}

const downscaleStabilizationMs = 5 * 60_000
const lower = 'recent recommendations were lower than current one, applying the lowest recent recommendation'
const higher = 'recent recommendations were higher than current one, applying the highest recent recommendation'
const inRange = { reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' }
const tooFast = (direction: string) => `the desired replica count is ${direction} faster than the maximum scale rate`
const tooMany = 'the desired replica count is more than the maximum replica count'
const tooFew = 'the desired replica count is less than the minimum replica count'

interface Wish {
  readonly history: ScaleHistory
  readonly current: number
  readonly desired: number
  readonly min: number
  readonly max: number
  readonly now: number
}

/** What of a wish is granted now (horizontal.go normalizeDesiredReplicas, …WithBehaviors). */
export function limit(behavior: HorizontalPodAutoscaler['spec']['behavior'], wish: Wish): Limited {
  const stable = behavior === undefined ? stabilized(wish) : stabilizedBy(behavior, wish)
  const able =
    stable.replicas === wish.desired
      ? { reason: 'ReadyForNewScale', message: 'recommended size matches current size' }
      : { reason: stable.reason, message: stable.message }
  const next = { ...wish, desired: stable.replicas }
  const { replicas, reason, message } = behavior === undefined ? withinRange(next) : withinRate(behavior, next)
  return {
    replicas,
    able,
    limited: { status: replicas === stable.replicas ? 'False' : 'True', reason, message },
  }
}

function stabilized({ history, desired, now }: Wish): Reasoned {
  const recent = history.recommendationsSince(now - downscaleStabilizationMs - 1)
  history.recommend(desired, now, downscaleStabilizationMs)
  return { replicas: Math.max(desired, ...recent), reason: 'ScaleDownStabilized', message: higher }
}

type Behavior = NonNullable<HorizontalPodAutoscaler['spec']['behavior']>

function stabilizedBy({ scaleUp, scaleDown }: Behavior, { history, current, desired, now }: Wish): Reasoned {
  const upMs = (scaleUp?.stabilizationWindowSeconds ?? 0) * 1000
  const downSeconds = scaleDown?.stabilizationWindowSeconds
  const downMs = downSeconds === undefined ? downscaleStabilizationMs : downSeconds * 1000
  const least = Math.min(desired, ...history.recommendationsSince(now - upMs))
  const most = Math.max(desired, ...history.recommendationsSince(now - downMs))
  history.recommend(desired, now, Math.max(upMs, downMs))
  const replicas = Math.min(Math.max(current, least), most)
  return desired >= current
    ? { replicas, reason: 'ScaleUpStabilized', message: lower }
    : { replicas, reason: 'ScaleDownStabilized', message: higher }
}

/** Without a behavior: at most twice as many as there are, or four. */
function withinRange({ current, desired, min, max }: Wish): Reasoned {
  const fastest = Math.max(2 * current, 4)
  if (desired < min) return { replicas: min, reason: 'TooFewReplicas', message: tooFew }
  if (max > fastest && desired > fastest) {
    return { replicas: fastest, reason: 'ScaleUpLimit', message: tooFast('increasing') }
  }
  if (desired > max) return { replicas: max, reason: 'TooManyReplicas', message: tooMany }
  return { replicas: desired, ...inRange }
}

function withinRate({ scaleUp, scaleDown }: Behavior, wish: Wish): Reasoned {
  const { current, desired, min, max } = wish
  if (desired > current) {
    const fastest = Math.max(current, upLimit(scaleUp ?? {}, wish))
    const most = Math.min(max, fastest)
    if (desired <= most) return { replicas: desired, ...inRange }
    return max > fastest
      ? { replicas: most, reason: 'ScaleUpLimit', message: tooFast('increasing') }
      : { replicas: most, reason: 'TooManyReplicas', message: tooMany }
  }
  if (desired < current) {
    const fastest = Math.min(current, downLimit(scaleDown ?? {}, wish))
    const least = Math.max(min, fastest)
    if (desired >= least) return { replicas: desired, ...inRange }
    return min < fastest
      ? { replicas: least, reason: 'ScaleDownLimit', message: tooFast('decreasing') }
      : { replicas: least, reason: 'TooFewReplicas', message: tooFew }
  }
  return { replicas: desired, ...inRange }
}

function upLimit({ selectPolicy = 'Max', policies = [] }: HPAScalingRules, { history, current, now }: Wish): number {
  if (selectPolicy === 'Disabled') return current
  const proposals = policies.map(({ type, value, periodSeconds }) => {
    const before = history.replicasBefore(periodSeconds, current, now)
    // Rounded up, or a single pod would never get a companion.
    return type === 'Pods' ? before + value : Math.ceil(before * (1 + value / 100))
  })
  return selectPolicy === 'Min' ? Math.min(...proposals) : Math.max(...proposals)
}

function downLimit({ selectPolicy = 'Max', policies = [] }: HPAScalingRules, { history, current, now }: Wish): number {
  if (selectPolicy === 'Disabled') return current
  const proposals = policies.map(({ type, value, periodSeconds }) => {
    const before = history.replicasBefore(periodSeconds, current, now)
    return type === 'Pods' ? before - value : Math.trunc(before * (1 - value / 100))
  })
  // The greatest change leaves the fewest.
  return selectPolicy === 'Min' ? Math.max(...proposals) : Math.min(...proposals)
}
