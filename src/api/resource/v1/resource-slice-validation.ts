import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { validateImmutable } from '../../../machinery/validation/object-meta.ts'
import { internalForm } from '../../internal-form.ts'
import { checkPositive } from '../../field-checks.ts'
import type { ResourcePool, ResourceSlice, ResourceSliceSpec } from '../../types.generated.ts'
import type { FeatureEnabled } from '../../features/feature-gates.ts'
import { hasList } from './attribute-validation.ts'
import { validateSkipOperations } from './skip-operations.ts'
import { checkAttributeName, checkDriverName, checkPoolName } from './device-names.ts'
import { checkCounters, checkNodes, validateDevice } from './device-validation.ts'
import { checkItems } from './item-checks.ts'

/** pkg/apis/resource/validation validateResourceSliceSpec, less what is declared with the types. */

const maxDevices = 128
/** For slices whose devices have taints, lists as attributes, or consume counters. */
const maxElaborateDevices = 64
const maxCounterSets = 8

export function validateResourceSlice(
  { spec }: ResourceSlice,
  old: ResourceSlice | undefined,
  enabled: FeatureEnabled,
): FieldError[] {
  const before = old?.spec
  const { driver, pool, devices, sharedCounters, perDeviceNodeSelection } = spec
  const unchanged = (value: unknown, known: unknown, field: string) =>
    validateImmutable(value ?? null, known ?? null, field)
  return [
    ...checkDriverName(driver, 'spec.driver'),
    ...validatePool(pool, 'spec.pool'),
    ...(before === undefined
      ? []
      : [
          ...unchanged(pool.name, before.pool.name, 'spec.pool.name'),
          ...unchanged(driver, before.driver, 'spec.driver'),
          ...unchanged(spec.nodeName, before.nodeName, 'spec.nodeName'),
        ]),
    ...validateNodes(spec),
    ...(sharedCounters && devices
      ? [fieldErrors.invalid('spec', '', 'only one of `sharedCounters` or `devices` is allowed')]
      : []),
    ...checkItems(devices, 'spec.devices', { max: deviceLimit(spec), key: ({ name }) => name }, (device, at) => {
      const known = before?.devices?.find(({ name }) => name === device.name)
      return validateDevice(device, known, at, perDeviceNodeSelection === true, enabled)
    }),
    ...checkItems(sharedCounters, 'spec.sharedCounters', { max: maxCounterSets, declared: true }, ({ counters }, at) =>
      checkCounters(counters, `${at}.counters`),
    ),
    ...validatePartitionType(spec),
    ...validateSkipOperations(spec.skipNodeOperations, 'spec.skipNodeOperations'),
  ]
}

function deviceLimit({ devices = [] }: ResourceSliceSpec): number {
  const elaborate = devices.some(
    ({ taints = [], consumesCounters = [], attributes = {} }) =>
      taints.length > 0 || consumesCounters.length > 0 || Object.values(attributes).some(hasList),
  )
  return elaborate ? maxElaborateDevices : maxDevices
}

/** The attribute that tells partitions apart is one that every device has that consumes counters. */
function validatePartitionType({ partitionTypeAttribute: name, driver, devices = [] }: ResourceSliceSpec) {
  if (name === undefined) return []
  const consuming = [...devices.entries()].filter(([, { consumesCounters = [] }]) => consumesCounters.length > 0)
  if (consuming.length === 0) {
    const detail = 'may only be set on a slice which declares devices that consume counters'
    return [fieldErrors.invalid('spec.partitionTypeAttribute', name, detail)]
  }
  if (!name.includes('/') || checkAttributeName(name, '').length > 0) return []
  const bare = name.startsWith(`${driver}/`) ? name.slice(driver.length + 1) : name
  return consuming.flatMap(([index, { attributes = {} }]) => {
    const field = `spec.devices[${index}].attributes[${name}]`
    const attribute = attributes[name] ?? attributes[bare]
    if (attribute === undefined) {
      const detail = 'device consumes counters and `partitionTypeAttribute` names this attribute, so it must be set'
      return [fieldErrors.required(field, detail)]
    }
    if (attribute.string !== undefined) return []
    const shown = internalForm('io.k8s.api.resource.v1.DeviceAttribute', attribute)
    return [
      fieldErrors.invalid(field, shown, 'must be a string value because `partitionTypeAttribute` names this attribute'),
    ]
  })
}

function validatePool({ name, resourceSliceCount, generation }: ResourcePool, field: string): FieldError[] {
  const errors = [
    ...checkPoolName(name, `${field}.name`),
    ...checkPositive(resourceSliceCount, `${field}.resourceSliceCount`),
  ]
  if (generation < 0) {
    errors.push(fieldErrors.invalid(`${field}.generation`, generation, 'must be greater than or equal to zero'))
  }
  return errors
}

function validateNodes(spec: ResourceSliceSpec): FieldError[] {
  const { nodeName, nodeSelector, allNodes, perDeviceNodeSelection } = spec
  const errors = checkNodes(spec, 'spec', 'must be either unset or set to a non-empty string', (at) => {
    const { nodeSelectorTerms } = nodeSelector!
    if (nodeSelectorTerms?.length === 1) return []
    // One term, so that selectors of several slices can be merged.
    const detail = 'must have exactly one node selector term'
    const shown = nodeSelectorTerms?.map((term) => internalForm('io.k8s.api.core.v1.NodeSelectorTerm', term)) ?? null
    return [fieldErrors.invalid(`${at}.nodeSelectorTerms`, shown, detail)]
  })
  if (perDeviceNodeSelection === false) {
    const detail = 'must be either unset or set to true'
    errors.push(fieldErrors.invalid('spec.perDeviceNodeSelection', perDeviceNodeSelection, detail))
  }
  const given = {
    '`nodeName`': Boolean(nodeName),
    '`nodeSelector`': nodeSelector !== undefined,
    '`allNodes`': allNodes === true,
    '`perDeviceNodeSelection`': perDeviceNodeSelection === true,
  }
  const set = Object.entries(given).flatMap(([name, isSet]) => (isSet ? [name] : []))
  const oneOf = `exactly one of ${Object.keys(given).join(', ')} is required`
  if (set.length === 0) errors.push(fieldErrors.required('spec', oneOf))
  if (set.length > 1) {
    errors.push(fieldErrors.invalid('spec', `{${set.join(', ')}}`, `${oneOf}, but multiple fields are set`))
  }
  return errors
}
