import table from './feature-gates.generated.json' with { type: 'json' }
import { parseGoBoolean } from './go-boolean.ts'

/** What rules ask: whether a feature of upstream's is on. */
export type FeatureEnabled = (feature: string) => boolean

/** The feature gates of a server. */
export interface FeatureGates {
  readonly enabled: FeatureEnabled
  /** All known ones by name, as the metric kubernetes_feature_enabled shows them. */
  readonly all: readonly FeatureGate[]
  /** What who set them is told. */
  readonly warnings: readonly string[]
}
export interface FeatureGate {
  readonly name: string
  /** `ALPHA`, `BETA`, `DEPRECATED`, '' when it is there to stay. */
  readonly stage: string
  readonly enabled: boolean
}

interface GateFacts {
  readonly stage: string
  readonly default: boolean
  readonly locked?: boolean
  readonly needs?: readonly string[]
}

/** These two stand for all of a stage that are not set themselves. */
const known: Readonly<Record<string, GateFacts>> = {
  ...(table as Readonly<Record<string, GateFacts>>),
  AllAlpha: { stage: 'ALPHA', default: false },
  AllBeta: { stage: 'BETA', default: false },
}
const stageOf: Readonly<Record<string, string>> = { AllAlpha: 'ALPHA', AllBeta: 'BETA' }
const named = (name: string): GateFacts | undefined => (Object.hasOwn(known, name) ? known[name] : undefined)

/**
 * Reads `--feature-gates`: `Name=true`, one each. Throws an Error in upstream's words for what is unknown, locked, or on
 * without what it needs (component-base featuregate/feature_gate.go).
 */
export function parseFeatureGates(settings: readonly string[]): FeatureGates {
  const wanted = new Map<string, boolean>()
  for (const setting of settings) {
    if (setting === '') continue
    const at = setting.indexOf('=')
    const name = (at < 0 ? setting : setting.slice(0, at)).trim()
    if (at < 0) throw new Error(`missing bool value for ${name}`)
    const text = setting.slice(at + 1).trim()
    const value = parseGoBoolean(text)
    if (typeof value === 'string') throw new Error(`invalid value of ${name}=${text}, err: ${value}`)
    wanted.set(name, value)
  }
  return gatesOf(wanted)
}

/** As upstream has them unless told otherwise. */
export const defaultFeatureGates: FeatureGates = gatesOf(new Map())

function gatesOf(wanted: ReadonlyMap<string, boolean>): FeatureGates {
  const values = new Map<string, boolean>()
  const warnings: string[] = []
  const faults: string[] = []
  for (const [name, value] of wanted) {
    const facts = named(name)
    if (facts === undefined) throw new Error(`unrecognized feature gate: ${name}`)
    if (facts.locked && facts.default !== value)
      faults.push(`cannot set feature gate ${name} to ${value}, feature is locked to ${facts.default}`)
    else if (facts.stage === 'PRE-ALPHA')
      faults.push(
        `cannot set feature gate ${name} to ${value}, feature is PreAlpha at emulated version 1.37, min compatibility version 1.36`,
      )
    if (facts.stage === 'DEPRECATED') warnings.push(`setting deprecated feature gate ${name}=${value}`)
    else if (facts.stage === '') warnings.push(`setting GA feature gate ${name}=${value}`)
    values.set(name, value)
  }
  const enabled: FeatureEnabled = (feature) => {
    const facts = named(feature)
    if (facts === undefined) throw new Error(`no feature gate is called ${feature}`)
    const own = values.get(feature)
    if (own !== undefined) return own
    const ofStage = stageOf[feature] ? undefined : Object.entries(stageOf).find(([, stage]) => stage === facts.stage)
    return (ofStage && values.get(ofStage[0])) ?? facts.default
  }
  // What was refused already is not looked at again.
  if (faults.length === 0) faults.push(...unmetNeeds(enabled))
  if (faults.length > 0) throw new Error(faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`)
  return {
    enabled,
    get all() {
      return Object.keys(known)
        .sort()
        .map((name) => ({ name, stage: known[name]!.stage, enabled: enabled(name) }))
    },
    warnings,
  }
}

function unmetNeeds(enabled: FeatureEnabled): string[] {
  return Object.entries(known).flatMap(([name, { needs }]) => {
    if (needs === undefined || !enabled(name)) return []
    const off = needs.filter((need) => !enabled(need))
    return off.length === 0 ? [] : [`${name} is enabled, but depends on features that are disabled: [${off.join(' ')}]`]
  })
}
