import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import { dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import { validateLabelSelector } from '../../../machinery/validation/label-selector.ts'
import { fieldImmutableMessage } from '../../../machinery/validation/message-text.ts'
import { nodeLabelWarning } from '../../core/v1/node-label-warnings.ts'
import { checkField, checkNonnegativeQuantity } from '../../field-checks.ts'
import type { CSIStorageCapacity } from '../../types.generated.ts'

/** pkg/apis/storage/validation ValidateCSIStorageCapacity. */
export function validateStorageCapacity(object: CSIStorageCapacity, old?: CSIStorageCapacity): FieldError[] {
  const { nodeTopology, storageClassName, capacity } = object
  const allowInvalidLabelValue = validateLabelSelector(old?.nodeTopology, '').length > 0
  return [
    ...validateLabelSelector(nodeTopology, 'nodeTopology', { allowInvalidLabelValue }),
    ...checkField(storageClassName ?? '', 'storageClassName', (name) => dns1123Subdomain(name)),
    ...(capacity === undefined ? [] : checkNonnegativeQuantity(capacity, 'capacity')),
  ]
}

export function validateStorageCapacityUpdate(capacity: CSIStorageCapacity, old: CSIStorageCapacity): FieldError[] {
  const changed = (['nodeTopology', 'storageClassName'] as const).filter(
    (member) => !jsonEqual(capacity[member], old[member]),
  )
  return [
    ...validateStorageCapacity(capacity, old),
    ...changed.map((member) => fieldErrors.invalid(member, capacity[member], fieldImmutableMessage)),
  ]
}

/** pkg/api/node GetWarningsForNodeSelector. */
export function storageCapacityWarnings({ nodeTopology }: CSIStorageCapacity): string[] {
  const { matchExpressions, matchLabels } = nodeTopology ?? {}
  const inExpressions = (matchExpressions ?? []).flatMap(({ key }, index) => {
    const text = nodeLabelWarning(key)
    return text ? [`nodeTopology.matchExpressions[${index}].key: ${key} is ${text}`] : []
  })
  const inLabels = Object.keys(matchLabels ?? {}).flatMap((label) => {
    const text = nodeLabelWarning(label)
    return text ? [`nodeTopology.matchLabels.${label}: ${text}`] : []
  })
  return [...inExpressions, ...inLabels]
}
