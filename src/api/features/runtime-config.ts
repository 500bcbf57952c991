import { servedByDefault } from '../schema/facts.ts'
import { schemeVersions } from '../schema/scheme-versions.ts'
import { parseGoBoolean } from './go-boolean.ts'

/** Whether a resource of a version is served, as far as versions and resources are turned on and off. */
export type ResourceEnabled = (group: string, version: string, resource: string) => boolean

/** The versions of each group that may be named. */
const known = new Map(
  [...Map.groupBy(schemeVersions, ({ group }) => group)].map(([group, versions]) => [
    group,
    new Set(versions.map(({ version }) => version)),
  ]),
)

/** The words for many versions at once, in the order in which they hold. */
const families: Readonly<Record<string, RegExp>> = {
  'api/all': /^/,
  'api/ga': /^v\d+$/,
  'api/beta': /^v\d+beta\d+$/,
  'api/alpha': /^v\d+alpha\d+$/,
}

/**
 * Reads `--runtime-config`: `api/beta=true`, `GROUP/VERSION=false`, `GROUP/VERSION/RESOURCE` and so on. The narrower
 * setting wins, whatever the order. Throws an Error in upstream's words (apiserver
 * pkg/server/options/api_enablement.go, pkg/server/resourceconfig/helpers.go).
 */
export function parseRuntimeConfig(settings: readonly string[]): ResourceEnabled {
  const values = new Map<string, string>()
  for (const setting of settings) {
    const [, key, value = ''] = /^([^=]*)(?:=(.*))?$/s.exec(setting)!.map((part) => part?.trim())
    if (key) values.set(Object.hasOwn(oldNames, key) ? oldNames[key]! : key, value)
  }
  values.delete('')
  const faults = [...conflicts(values), ...checkGroups(values)]
  if (faults.length > 0) throw new Error(faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`)
  return readPreferences(values)
}

/** The core group's one version has other names; one means nothing any more (pkg/controlplane/apiserver/options). */
const oldNames: Readonly<Record<string, string>> = { v1: '/v1', 'api/v1': '/v1', 'api/legacy': '' }

/** Priority and fairness, which cannot be switched off, keeps its state in an API. */
function conflicts(values: ReadonlyMap<string, string>): string[] {
  for (const key of ['flowcontrol.apiserver.k8s.io/v1', 'api/ga', 'api/all']) {
    const value = values.get(key)
    if (value === 'false') return [`--runtime-config=${key}=false conflicts with --enable-priority-and-fairness=true`]
    if (value === 'true') return []
  }
  return []
}

function checkGroups(values: ReadonlyMap<string, string>): string[] {
  if (values.size === 1 && values.get('api/all') === 'false') return ['invalid runtime-config with only api/all=false']
  const unknown = new Set<string>()
  for (const key of values.keys()) {
    if (Object.hasOwn(families, key)) continue
    const parts = key.split('/')
    if (parts.length !== 2 && parts.length !== 3) return [`runtime-config invalid key ${key}`]
    const [group = '', version = ''] = parts
    if (!known.has(group)) unknown.add(group === '' ? version : `${group}/${version}`)
  }
  return unknown.size === 0 ? [] : [`unknown api groups ${[...unknown].sort().join(',')}`]
}

function readPreferences(values: ReadonlyMap<string, string>): ResourceEnabled {
  const ofFamily: [RegExp, boolean][] = []
  for (const [key, matches] of Object.entries(families)) {
    const value = values.get(key)
    if (value === undefined) continue
    if (value !== 'true' && value !== 'false') throw new Error(`invalid value ${key}=${value}`)
    ofFamily.push([matches, value === 'true'])
  }
  const own = new Map<string, boolean>()
  for (const [key, value] of values) {
    if (Object.hasOwn(families, key)) continue
    const [group = '', version = '', resource] = key.split('/')
    if (!known.get(group)!.has(version)) {
      const name = group === '' ? version : `${group}/${version}`
      throw new Error(`group version ${name} that has not been registered`)
    }
    const enabled = value === '' ? true : parseGoBoolean(value)
    if (typeof enabled === 'string') throw new Error(`invalid value of ${key}: ${value}, err: ${enabled}`)
    if (resource !== undefined && resource.toLowerCase() !== resource) {
      throw new Error(
        `invalid key ${key}: group/version/resource and resource is always lowercase plural, not ${JSON.stringify(resource)}`,
      )
    }
    own.set(key, enabled)
  }
  return (group, version, resource) =>
    own.get(`${group}/${version}/${resource}`) ??
    own.get(`${group}/${version}`) ??
    ofFamily.findLast(([matches]) => matches.test(version))?.[1] ??
    servedByDefault(version)
}

/** What is served unless told otherwise: stable versions. */
export const defaultRuntimeConfig: ResourceEnabled = parseRuntimeConfig([])
