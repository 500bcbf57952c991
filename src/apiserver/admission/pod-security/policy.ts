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
/** Where nobody asks for anything. */
export const unrestricted: Policy = { enforce: nothing, audit: nothing, warn: nothing }

/** A level and a version as labels and configurations write them; undefined: it means nothing. */
export function parseLevel(text: string): Level | undefined {
  return levels.find((level) => level === text)
}
export function parseMinor(text: string): number | undefined {
  if (text === 'latest') return Infinity
  const minor = Number(/^v1\.(0|[1-9][0-9]*)$/.exec(text)?.[1])
  return Number.isSafeInteger(minor) ? minor : undefined
}
export const levelFault = `must be one of ${levels.join(', ')}`
export const versionFault = 'must be "latest" or "v1.x"'

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
export function policyOf(
  labels: Labels,
  defaults: Policy = unrestricted,
): { readonly policy: Policy; readonly errors: readonly FieldError[] } {
  const errors: FieldError[] = []
  const invalid = (key: string, badValue: string, detail: string) => {
    errors.push({ type: 'FieldValueInvalid', field: `metadata.labels[${prefix}${key}]`, badValue, detail })
  }
  const level = (key: string, otherwise: Level): Level | undefined => {
    const value = labels?.[prefix + key]
    if (value === undefined) return undefined
    const known = parseLevel(value)
    if (known === undefined) invalid(key, value, levelFault)
    return known ?? otherwise
  }
  const minor = (key: string): number | undefined => {
    const value = labels?.[prefix + key]
    if (value === undefined) return undefined
    const known = parseMinor(value)
    if (known === undefined) invalid(key, value, versionFault)
    return known ?? Infinity
  }
  const mode = (key: string, invalidLevel: Level) => ({
    level: level(key, invalidLevel),
    minor: minor(`${key}-version`),
  })
  const enforced = mode('enforce', 'restricted')
  const enforceHolds = errors.every(({ field }) => field !== `metadata.labels[${prefix}enforce]`)
  const audited = mode('audit', 'privileged')
  const warned = mode('warn', 'privileged')

  const enforce = { ...defaults.enforce, ...given(enforced) }
  const warn = { ...defaults.warn, ...given(warned) }
  // Who enforces a level and says nothing of warnings is warned of that level, too.
  const follows = warned.level === undefined && enforced.level !== undefined && enforceHolds
  if (follows && compareLevels(enforce.level, warn.level) > 0) {
    warn.level = enforce.level
    if (warned.minor === undefined) warn.minor = enforce.minor
  }
  return { policy: { enforce, audit: { ...defaults.audit, ...given(audited) }, warn }, errors }
}

function given(mode: { level: Level | undefined; minor: number | undefined }): { level?: Level; minor?: number } {
  return {
    ...(mode.level === undefined ? {} : { level: mode.level }),
    ...(mode.minor === undefined ? {} : { minor: mode.minor }),
  }
}

/** What an exempt namespace asks for in vain, as text; '' when that is nothing. */
export function ignoredPolicy(labels: Labels, policy: Policy, defaults: Policy): string {
  const modes = ['enforce', 'audit', 'warn'] as const
  const differs = modes.some((mode) => !samePolicy(policy[mode], defaults[mode]))
  if (!differs) return ''
  return modes
    .filter(
      (mode) =>
        policy[mode].level !== 'privileged' &&
        (labels?.[prefix + mode] !== undefined || labels?.[`${prefix}${mode}-version`] !== undefined),
    )
    .map((mode) => `${mode}=${levelVersionText(policy[mode])}`)
    .join(', ')
}
