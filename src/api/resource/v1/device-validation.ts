import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import { dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import { checkField } from '../../field-checks.ts'
import { validateNodeSelector } from '../../core/v1/node-selector-validation.ts'
import type { FeatureEnabled } from '../../features/feature-gates.ts'
import type { Device } from '../../types.generated.ts'
import { valueCount, validateAttribute } from './attribute-validation.ts'
import { validateBindingConditions } from './binding-conditions.ts'
import { validateCapacity } from './capacity-validation.ts'
import { checkAttributeName, checkDeviceName } from './device-names.ts'
import { checkEntries, checkItems } from './item-checks.ts'
import { validateNodeAllocatable } from './node-allocatable-validation.ts'
import { validateDeviceTaint } from './taint-validation.ts'

/** pkg/apis/resource/validation validateDevice, less what is declared with the types. */

const maxAttributesAndCapacities = 32
const maxAttributeValues = 48
const maxTaints = 16
const maxConsumptions = 2
const maxCounters = 32
const maxCounterName = 63
const maxKey = 63 + 1 + 32

export function validateDevice(
  device: Device,
  old: Device | undefined,
  field: string,
  perDeviceNodes: boolean,
  enabled: FeatureEnabled,
): FieldError[] {
  const { attributes = {}, capacity = {}, taints } = device
  const errors = checkDeviceName(device.name, `${field}.name`)
  const tooMany = (count: number, max: number, what: string) => {
    if (count <= max) return
    errors.push(fieldErrors.invalid(field, count, `the total number of ${what} must not exceed ${max}`))
  }
  const entries = Object.keys(attributes).length + Object.keys(capacity).length
  tooMany(entries, maxAttributesAndCapacities, 'attributes and capacities')
  tooMany(valueCount(attributes), maxAttributeValues, 'attribute values')
  errors.push(
    ...checkEntries(attributes, `${field}.attributes`, { truncate: maxKey }, checkAttributeName, validateAttribute),
  )
  if (!jsonEqual(old?.capacity, device.capacity)) {
    const shared = device.allowMultipleAllocations === true
    errors.push(
      ...checkEntries(capacity, `${field}.capacity`, { truncate: maxKey }, checkAttributeName, (each, at) =>
        validateCapacity(each, at, shared, enabled),
      ),
    )
  }
  if (!jsonEqual(old?.taints, taints)) {
    errors.push(...checkItems(taints, `${field}.taints`, { max: maxTaints }, validateDeviceTaint))
  }
  return [
    ...errors,
    ...checkItems(
      device.consumesCounters,
      `${field}.consumesCounters`,
      { max: maxConsumptions, declared: true },
      ({ counters }, at) => checkCounters(counters, `${at}.counters`),
    ),
    ...validateNodes(device, field, perDeviceNodes),
    ...validateBindingConditions(device, field),
    ...validateNodeAllocatable(device, `${field}.nodeAllocatableResources`),
  ]
}

/** Names of counters are declared; how many there may be is not. */
export function checkCounters(counters: Readonly<Record<string, unknown>> | undefined, field: string): FieldError[] {
  const limit = { max: maxCounters, truncate: maxCounterName }
  return checkEntries(
    counters,
    field,
    limit,
    () => [],
    () => [],
  )
}

/** Where a device can be used, when its slice leaves that to it. */
function validateNodes(
  { nodeName, nodeSelector, allNodes }: Device,
  field: string,
  perDeviceNodes: boolean,
): FieldError[] {
  if (!perDeviceNodes) {
    if (nodeName === undefined && nodeSelector === undefined && allNodes === undefined) return []
    const detail =
      '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
    return [fieldErrors.invalid(field, null, detail)]
  }
  const errors = checkNodes({ nodeName, nodeSelector, allNodes }, field, 'must not be empty')
  const set: string[] = []
  if (nodeName) set.push('`nodeName`')
  if (nodeSelector !== undefined) set.push('`nodeSelector`')
  if (allNodes === true) set.push('`allNodes`')
  if (set.length === 1) return errors
  const detail =
    'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
  if (set.length === 0) return [...errors, fieldErrors.required(field, detail)]
  return [...errors, fieldErrors.invalid(field, `{${set.join(', ')}}`, detail)]
}

/** What a slice says of nodes, and a device. */
export function checkNodes(
  { nodeName, nodeSelector, allNodes }: Pick<Device, 'nodeName' | 'nodeSelector' | 'allNodes'>,
  field: string,
  emptyName: string,
  ofSelector: (field: string) => FieldError[] = () => [],
): FieldError[] {
  const errors: FieldError[] = []
  const nameAt = `${field}.nodeName`
  if (nodeName === '') errors.push(fieldErrors.invalid(nameAt, nodeName, emptyName))
  else if (nodeName !== undefined) errors.push(...checkField(nodeName, nameAt, (text) => dns1123Subdomain(text)))
  if (nodeSelector !== undefined) {
    const at = `${field}.nodeSelector`
    errors.push(...validateNodeSelector(nodeSelector, at, { allowInvalidValues: false }), ...ofSelector(at))
  }
  if (allNodes === false) {
    errors.push(fieldErrors.invalid(`${field}.allNodes`, allNodes, 'must be either unset or set to true'))
  }
  return errors
}
