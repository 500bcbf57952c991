import type { FieldError } from '../../../machinery/field-error.ts'

export type Level = 'privileged' | 'baseline' | 'restricted'

/** From lax to strict. */
const levels: readonly Level[] = ['privileged', 'baseline', 'restricted']

/** `minor` of a Kubernetes version 1.x; Infinity: the latest. */
export interface LevelVersion {
  readonly level: Level
  readonly minor: number
}

export interface Policy {
  readonly enforce: LevelVersion
  readonly audit: LevelVersion
  readonly warn: LevelVersion
}

type Labels = Readonly<Record<string, string>> | undefined | null

const prefix = 'pod-security.kubernetes.io/'
const nothing: LevelVersion = { level: 'privileged', minor: Infinity }

/** Below 0: `left` is laxer than `right`. */
export function compareLevels(left: Level, right: Level): number {
  return levels.indexOf(left) - levels.indexOf(right)
}

export function samePolicy(left: LevelVersion, right: LevelVersion): boolean {
  return left.level === right.level && left.minor === right.minor
}

/** `restricted:v1.30`, `baseline:latest`. */
export function levelVersionText({ level, minor }: LevelVersion): string {
  return `${level}:${minor === Infinity ? 'latest' : `v1.${minor}`}`
}

/**
 * What a namespace's labels ask of its pods (pod-security-admission api/helpers.go PolicyToEvaluate). Labels that mean
 * nothing are errors, and still give a policy: the strictest where it is enforced, none where it only tells.
 */
export function policyOf(labels: Labels): { readonly policy: Policy; readonly errors: readonly FieldError[] } {
  const errors: FieldError[] = []
  const invalid = (key: string, badValue: string, detail: string) => {
    errors.push({ type: 'FieldValueInvalid', field: `metadata.labels[${prefix}${key}]`, badValue, detail })
  }
  const level = (key: string, otherwise: Level): Level | undefined => {
    const value = labels?.[prefix + key]
    if (value === undefined) return undefined
    if (levels.includes(value as Level)) return value as Level
    invalid(key, value, `must be one of ${levels.join(', ')}`)
    return otherwise
  }
  const minor = (key: string): number | undefined => {
    const value = labels?.[prefix + key]
    if (value === undefined || value === 'latest') return value && Infinity
    const parsed = /^v1\.(0|[1-9][0-9]*)$/.exec(value)
    if (parsed !== null && Number.isSafeInteger(Number(parsed[1]))) return Number(parsed[1])
    invalid(key, value, 'must be "latest" or "v1.x"')
    return Infinity
  }
  const mode = (key: string, invalidLevel: Level) => ({
    level: level(key, invalidLevel),
    minor: minor(`${key}-version`),
  })
  const enforced = mode('enforce', 'restricted')
  const enforceHolds = errors.every(({ field }) => field !== `metadata.labels[${prefix}enforce]`)
  const audited = mode('audit', 'privileged')
  const warned = mode('warn', 'privileged')

  const enforce = { ...nothing, ...given(enforced) }
  const warn = { ...nothing, ...given(warned) }
  // Who enforces a level and says nothing of warnings is warned of that level, too.
  const follows = warned.level === undefined && enforced.level !== undefined && enforceHolds
  if (follows && compareLevels(enforce.level, warn.level) > 0) {
    warn.level = enforce.level
    if (warned.minor === undefined) warn.minor = enforce.minor
  }
  return { policy: { enforce, audit: { ...nothing, ...given(audited) }, warn }, errors }
}

function given(mode: { level: Level | undefined; minor: number | undefined }): { level?: Level; minor?: number } {
  return {
    ...(mode.level === undefined ? {} : { level: mode.level }),
    ...(mode.minor === undefined ? {} : { minor: mode.minor }),
  }
}
