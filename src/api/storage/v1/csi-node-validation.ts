import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import { qualifiedName } from '../../../machinery/validation/label-names.ts'
import { byteLength, fieldImmutableMessage } from '../../../machinery/validation/message-text.ts'
import { validateNonnegative } from '../../../machinery/validation/object-meta.ts'
import { conditionReason } from '../../../machinery/validation/value-formats.ts'
import { checkCsiDriverName } from '../../core/v1/volume-sources.ts'
import { checkField, checkOneOf, checkRequired } from '../../field-checks.ts'
import type { CSINode, CSINodeDriver, StorageHealth, StorageHealthCondition } from '../../types.generated.ts'

/** pkg/apis/storage/validation ValidateCSINode. */
const maxNodeIdBytes = 256
const maxConditions = 16
const maxReasonBytes = 256
const maxMessageBytes = 1024

export function validateCsiNode({ spec }: CSINode): FieldError[] {
  const names = new Set<string>()
  return (spec?.drivers ?? []).flatMap((driver, index) => validateDriver(driver, `spec.drivers[${index}]`, names))
}

/** `seen`: the names of the drivers before this one. */
function validateDriver(driver: CSINodeDriver, field: string, seen: Set<string>): FieldError[] {
  const { name = '', nodeID = '', allocatable, topologyKeys } = driver
  const errors = checkCsiDriverName(name, `${field}.name`)
  errors.push(...checkRequired(nodeID, `${field}.nodeID`))
  if (byteLength(nodeID) > maxNodeIdBytes) {
    errors.push(fieldErrors.invalid(`${field}.nodeID`, nodeID, `must be ${maxNodeIdBytes} characters or less`))
  }
  errors.push(...validateNonnegative(allocatable?.count, `${field}.allocatable.count`))
  if (seen.has(name)) errors.push(fieldErrors.duplicate(`${field}.name`, name))
  seen.add(name)
  for (const [index, key] of (topologyKeys ?? []).entries()) {
    if (key === '') errors.push(fieldErrors.required(field))
    if (topologyKeys!.indexOf(key) < index) errors.push(fieldErrors.duplicate(field, key))
    errors.push(...checkField(key, field, qualifiedName))
  }
  return errors
}

/** A driver that is there stays as it is, but for what can be allocated. */
export function validateCsiNodeUpdate(node: CSINode, old: CSINode): FieldError[] {
  const errors = validateCsiNode(node)
  for (const before of old.spec?.drivers ?? []) {
    for (const driver of node.spec?.drivers ?? []) {
      if (before.name !== driver.name) continue
      if (jsonEqual({ ...driver, allocatable: undefined }, { ...before, allocatable: undefined })) continue
      const { name, nodeID, topologyKeys } = driver
      const internal = { Name: name, NodeID: nodeID, TopologyKeys: topologyKeys ?? null, Allocatable: null }
      errors.push(fieldErrors.invalid('spec.drivers', internal, fieldImmutableMessage))
    }
  }
  return errors
}

export function validateCsiNodeStatus({ status }: CSINode): FieldError[] {
  const seen = new Set<string>()
  return (status?.storageHealth ?? []).flatMap((health, index) => {
    const field = `status.storageHealth[${index}]`
    const errors = seen.has(health.name) ? [fieldErrors.duplicate(field, health.name)] : []
    seen.add(health.name)
    return [...errors, ...validateHealth(health, field)]
  })
}

function validateHealth({ name, healthConditions }: StorageHealth, field: string): FieldError[] {
  const conditions = healthConditions ?? []
  const errors = checkCsiDriverName(name, `${field}.name`)
  const at = `${field}.healthConditions`
  if (conditions.length > maxConditions) {
    return [...errors, fieldErrors.tooMany(at, conditions.length, maxConditions)]
  }
  return [...errors, ...conditions.flatMap((condition, index) => validateHealthCondition(condition, `${at}[${index}]`))]
}

const healthStatuses: readonly string[] = ['StorageDegraded', 'StorageUnreachable']
const accessModes: readonly string[] = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const volumeModes: readonly string[] = ['Filesystem', 'Block']

function validateHealthCondition(condition: StorageHealthCondition, field: string): FieldError[] {
  const { status, reason = '', message = '', accessMode, volumeMode } = condition
  const errors = checkOneOf(status, `${field}.status`, healthStatuses)
  errors.push(...checkRequired(reason, `${field}.reason`, conditionReason))
  if (byteLength(reason) > maxReasonBytes) errors.push(fieldErrors.tooLong(`${field}.reason`, '', maxReasonBytes))
  if (byteLength(message) > maxMessageBytes) errors.push(fieldErrors.tooLong(`${field}.message`, '', maxMessageBytes))
  if (accessMode !== undefined) errors.push(...checkOneOf(accessMode, `${field}.accessMode`, accessModes))
  if (volumeMode !== undefined) errors.push(...checkOneOf(volumeMode, `${field}.volumeMode`, volumeModes))
  return errors
}
