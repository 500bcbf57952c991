import type { VersionConversion } from '../../define-version.ts'
import { setDefaults } from '../../../machinery/schema/default.ts'
import { copyEmptied } from '../../../machinery/emptied.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { Draft } from '../../../machinery/json.ts'
import { schemaOfKind } from '../../schema/facts.ts'
import { request as setRequestDefaults, setTaintTime } from '../v1/type-defaults.ts'

/**
 * v1beta1 has a request's members beside `firstAvailable` rather than below `exactly`, and a device's below `basic`
 * (pkg/apis/resource/v1beta1/conversion.go).
 */
type Members = Record<string, unknown>

const ofRequest = [
  'deviceClassName',
  'selectors',
  'allocationMode',
  'count',
  'adminAccess',
  'tolerations',
  'capacity',
  'derivedAttributes',
]

function requestToHub(request: Members): Members {
  const [exactly, rest] = split(request, (name) => ofRequest.includes(name))
  const isEmpty = (value: unknown) => value === '' || value === 0
  return Object.values(exactly).every(isEmpty) ? rest : { ...rest, exactly }
}
function requestFromHub({ exactly, ...rest }: Members): Members {
  return { ...rest, ...(exactly as Members | undefined) }
}

function deviceToHub({ basic, ...device }: Members): Members {
  return { ...device, ...(basic as Members | undefined) }
}
function deviceFromHub(device: Members): Members {
  const [{ name }, basic] = split(device, (member) => member === 'name')
  return { name, basic }
}

function split(members: Members, belongs: (name: string) => boolean): [Members, Members] {
  const [mine, others]: [Members, Members] = [{}, {}]
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined) continue
    if (belongs(name)) mine[name] = value
    else others[name] = value
  }
  for (const part of [mine, others]) copyEmptied(members, part)
  return [mine, others]
}

/** Changes each item of the list at a path, in a copy of the object. */
function eachAt(path: readonly string[], change: (item: Members) => Members): (object: KubeObject) => KubeObject {
  const within = (value: unknown, [member, ...rest]: readonly string[]): unknown => {
    if (member === undefined) return Array.isArray(value) ? value.map((item) => change(item as Members)) : value
    if (typeof value !== 'object' || value === null || !(member in value)) return value
    return { ...value, [member]: within((value as Members)[member], rest) }
  }
  return (object) => within(object, path) as KubeObject
}

const requestsAt = (...path: string[]): VersionConversion => ({
  toHub: eachAt(path, requestToHub),
  fromHub: eachAt(path, requestFromHub),
})

function claimDefaults(kind: string): NonNullable<VersionConversion['setDefaults']> {
  const schema = () => schemaOfKind('resource.k8s.io', 'v1beta1', kind)!
  const types = {
    'io.k8s.api.resource.v1beta1.DeviceRequest': (draft: Members) => {
      // Without a class it has alternatives, which have their own.
      if (draft['deviceClassName']) setRequestDefaults(draft)
    },
    'io.k8s.api.resource.v1beta1.DeviceSubRequest': setRequestDefaults,
  }
  return (draft) => setDefaults(draft as unknown as Members, schema(), types)
}

export const claimConversion: VersionConversion = {
  ...requestsAt('spec', 'devices', 'requests'),
  setDefaults: claimDefaults('ResourceClaim'),
}
export const templateConversion: VersionConversion = {
  ...requestsAt('spec', 'spec', 'devices', 'requests'),
  setDefaults: claimDefaults('ResourceClaimTemplate'),
}

export const sliceConversion: VersionConversion = {
  toHub: eachAt(['spec', 'devices'], deviceToHub),
  fromHub: eachAt(['spec', 'devices'], deviceFromHub),
  setDefaults(draft, now) {
    const { spec } = draft as unknown as Draft<{ spec: { devices?: { basic?: { taints?: [] } }[] } }>
    for (const { basic } of spec.devices ?? []) for (const taint of basic?.taints ?? []) setTaintTime(taint, now)
  },
}
