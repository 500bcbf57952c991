import type { Device, DeviceAttribute, DeviceConstraint } from '../../../../api/types.generated.ts'
import { type Candidate, fullName, type WantedDevices } from './claim-requests.ts'

/** What the devices of a claim must have in common, or not. Once it says no, more devices do not change that. */
export interface ClaimConstraint {
  /** Whether the device may join those that are there; if so, it has. */
  add(request: WantedDevices, candidate: Candidate): boolean
  /** Takes back the last device that joined. */
  remove(request: WantedDevices): void
}

export type AttributeOf = (request: WantedDevices, candidate: Candidate, name: string) => DeviceAttribute | undefined

export function claimConstraint(
  { requests = [], matchAttribute, distinctAttribute }: DeviceConstraint,
  lists: boolean,
  attributeOf: AttributeOf,
): ClaimConstraint | undefined {
  const names = new Set(requests)
  const name = matchAttribute ?? distinctAttribute
  if (name === undefined) return undefined
  const narrow = matchAttribute === undefined ? disjoint : common
  /** The last: what has been gathered of all devices that are there. */
  const stack: Values[][] = []
  const concerns = (request: WantedDevices) =>
    names.size === 0 || names.has(request.parent ?? request.name) || names.has(fullName(request))
  return {
    add(request, candidate) {
      if (!concerns(request)) return true
      const attribute = attributeOf(request, candidate, name)
      if (attribute === undefined) return false
      const values = valuesOf(attribute, lists)
      const next = values && narrow(stack.at(-1) ?? [], values)
      if (next === undefined) return false
      stack.push(next)
      return true
    },
    remove(request) {
      if (concerns(request)) stack.pop()
    },
  }
}

/** The attribute that a driver published; its own ones may be named without its domain. */
export function publishedAttribute({ attributes }: Device, driver: string, name: string): DeviceAttribute | undefined {
  if (attributes === undefined) return undefined
  if (Object.hasOwn(attributes, name)) return attributes[name]
  const slash = name.indexOf('/')
  const own = name.slice(slash + 1)
  return slash >= 0 && name.slice(0, slash) === driver && Object.hasOwn(attributes, own) ? attributes[own] : undefined
}

interface Values {
  readonly type: 'int' | 'bool' | 'string' | 'version'
  readonly values: ReadonlySet<unknown>
}

/** Undefined: of no type that is known. */
function valuesOf(attribute: DeviceAttribute, lists: boolean): Values | undefined {
  const { int, bool, string, version, ints = [], bools = [], strings = [], versions = [] } = attribute
  const found = (type: Values['type'], values: readonly unknown[]): Values => ({ type, values: new Set(values) })
  if (lists) {
    if (ints.length > 0) return found('int', ints)
    if (bools.length > 0) return found('bool', bools)
    if (strings.length > 0) return found('string', strings)
    if (versions.length > 0) return found('version', versions)
  }
  if (string !== undefined) return found('string', [string])
  if (int !== undefined) return found('int', [int])
  if (bool !== undefined) return found('bool', [bool])
  return version === undefined ? undefined : found('version', [version])
}

function shared(a: Values, b: Values): Values | undefined {
  const values = a.type === b.type ? a.values.intersection(b.values) : new Set()
  return values.size === 0 ? undefined : { type: a.type, values }
}

type Narrow = (present: readonly Values[], values: Values) => Values[] | undefined

/** All devices have a value in common. */
const common: Narrow = ([present], values) => {
  const both = present === undefined ? values : shared(present, values)
  return both && [both]
}

/** No two devices have a value in common. */
const disjoint: Narrow = (present, values) =>
  present.some((each) => shared(each, values)) ? undefined : [...present, values]
