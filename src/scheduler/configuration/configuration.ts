import { isObject } from '../../machinery/json.ts'
import type { ScoringStrategy } from '../plugins/node-resources-fit/scoring.ts'
import { extensionPoints, type PluginChoice } from './plugin-choice.ts'

/** A scheduler of its own name, beside others in the same process. */
export interface SchedulerProfile {
  /** Of the pods that it schedules. */
  readonly schedulerName: string
  readonly plugins?: PluginChoice
  /** Of NodeResourcesFit; default LeastAllocated over CPU and memory. */
  readonly scoringStrategy?: ScoringStrategy
}

/** What of KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1) is understood. */
export interface SchedulerConfiguration {
  readonly profiles: readonly SchedulerProfile[]
  readonly backoff?: { readonly initialMs: number; readonly maxMs: number }
}

const apiVersion = 'kubescheduler.config.k8s.io/v1'
const ignored = new Set(['clientConnection', 'leaderElection', 'parallelism', 'enableProfiling'])

/**
 * Reads a KubeSchedulerConfiguration. Throws an Error that names what is wrong, or what is not supported: nothing that
 * would change where pods go is passed over.
 */
export function schedulerConfiguration(value: unknown, pluginNames: ReadonlySet<string>): SchedulerConfiguration {
  if (!isObject(value) || value['kind'] !== 'KubeSchedulerConfiguration' || value['apiVersion'] !== apiVersion)
    throw new Error(`it must be a KubeSchedulerConfiguration of ${apiVersion}`)
  const { kind: _, apiVersion: __, profiles, podInitialBackoffSeconds, podMaxBackoffSeconds, ...rest } = value
  const unsupported = Object.keys(rest).find((field) => !ignored.has(field))
  if (unsupported !== undefined) throw new Error(`${unsupported}: not supported`)
  const list = profiles ?? [{}]
  if (!Array.isArray(list) || !list.every(isObject)) throw new Error('profiles: must be a list of profiles')
  const read = list.map((profile, index) => profileOf(profile, `profiles[${index}]`, pluginNames))
  const names = read.map(({ schedulerName }) => schedulerName)
  const twice = names.findIndex((name, index) => names.indexOf(name) < index)
  if (twice >= 0) throw new Error(`profiles[${twice}].schedulerName: Duplicate value: "${names[twice]}"`)
  const seconds = (given: unknown, field: string, usual: number) => {
    if (given === undefined) return usual
    if (typeof given !== 'number' || given <= 0) throw new Error(`${field}: must be greater than 0`)
    return given
  }
  return {
    profiles: read,
    backoff: {
      initialMs: seconds(podInitialBackoffSeconds, 'podInitialBackoffSeconds', 1) * 1000,
      maxMs: seconds(podMaxBackoffSeconds, 'podMaxBackoffSeconds', 10) * 1000,
    },
  }
}

type Fields = { readonly [field: string]: unknown }

function profileOf(profile: Fields, at: string, pluginNames: ReadonlySet<string>): SchedulerProfile {
  const { schedulerName = 'default-scheduler', plugins = {}, pluginConfig = [], ...rest } = profile
  const [unsupported] = Object.keys(rest)
  if (unsupported !== undefined) throw new Error(`${at}.${unsupported}: not supported`)
  if (typeof schedulerName !== 'string' || schedulerName === '') throw new Error(`${at}.schedulerName: Required value`)
  if (!isObject(plugins)) throw new Error(`${at}.plugins: must be an object`)
  for (const [point, set] of Object.entries(plugins)) {
    const where = `${at}.plugins.${point}`
    if (point !== 'multiPoint' && !extensionPoints.some((one) => one === point))
      throw new Error(`${where}: not supported`)
    if (!isObject(set)) throw new Error(`${where}: must be an object`)
    for (const part of ['enabled', 'disabled'] as const) {
      for (const one of (set[part] ?? []) as unknown as readonly Fields[]) {
        const name = one['name']
        if (typeof name !== 'string') throw new Error(`${where}.${part}: each needs a name`)
        if (!pluginNames.has(name) && !(part === 'disabled' && name === '*'))
          throw new Error(`${where}.${part}: there is no plugin "${name}"`)
      }
    }
  }
  const scoringStrategy = strategyOf(pluginConfig, `${at}.pluginConfig`)
  return { schedulerName, plugins: plugins as PluginChoice, ...(scoringStrategy && { scoringStrategy }) }
}

/** Of all arguments of plugins only NodeResourcesFit's scoringStrategy is understood. */
function strategyOf(pluginConfig: unknown, at: string): ScoringStrategy | undefined {
  if (!Array.isArray(pluginConfig)) throw new Error(`${at}: must be a list`)
  let strategy: ScoringStrategy | undefined
  for (const [index, one] of (pluginConfig as readonly Fields[]).entries()) {
    const where = `${at}[${index}]`
    const { kind: _, apiVersion: __, scoringStrategy, ...more } = (one['args'] ?? {}) as Fields
    const [other] = Object.keys(more)
    if (one['name'] !== 'NodeResourcesFit')
      throw new Error(`${where}: arguments of ${String(one['name'])}: not supported`)
    if (other !== undefined) throw new Error(`${where}.args.${other}: not supported`)
    if (!isObject(scoringStrategy)) continue
    const { type = 'LeastAllocated', resources } = scoringStrategy
    if (type !== 'LeastAllocated' && type !== 'MostAllocated')
      throw new Error(`${where}.args.scoringStrategy.type: ${String(type)}: not supported`)
    strategy = { type, resources: weightsOf(resources, `${where}.args.scoringStrategy.resources`) }
  }
  return strategy
}

function weightsOf(resources: unknown, at: string): ScoringStrategy['resources'] {
  const given = (resources ?? [{ name: 'cpu' }, { name: 'memory' }]) as readonly Fields[]
  return given.map(({ name, weight = 1 }, index) => {
    if (typeof name !== 'string' || name === '') throw new Error(`${at}[${index}].name: Required value`)
    if (typeof weight !== 'number' || weight < 1 || weight > 100)
      throw new Error(
        `${at}[${index}].weight: Invalid value: ${String(weight)}: resource weight of ${name} not in valid range [1, 100]`,
      )
    return { name, weight }
  })
}
