import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import { validateConditions } from '../../../machinery/validation/conditions.ts'
import { interfaceAddress } from '../../../machinery/validation/ip-fields.ts'
import { requireAll } from '../../field-checks.ts'
import { validateNodeSelector } from '../../core/v1/node-selector-validation.ts'
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceRequestAllocationResult,
  ResourceClaim,
  ResourceClaimStatus,
} from '../../types.generated.ts'
import { validateBindingConditions } from './binding-conditions.ts'
import {
  checkRequestReference,
  checkRequestReferences,
  requestNamesOf,
  validateDeviceConfiguration,
  type RequestNames,
} from './device-claim-validation.ts'
import { checkDeviceName, checkDriverName, checkPoolName } from './device-names.ts'
import { checkItems, checkJsonObject } from './item-checks.ts'
import { validateSkipOperations } from './skip-operations.ts'
import { validateDeviceTolerations } from './taint-validation.ts'

/** pkg/apis/resource/validation ValidateResourceClaimStatusUpdate, less what is declared with the types. */

const maxReservations = 256
const maxResults = 32
const maxConfigs = 64
const maxConditions = 8
const maxDataBytes = 10 * 1024
const maxIps = 16

export function validateClaimStatusUpdate(
  { metadata, spec, status = {} }: ResourceClaim,
  old: ResourceClaim,
): FieldError[] {
  const { allocation, devices, reservedFor } = status
  const before = old.status ?? {}
  const allocated = new Set((allocation?.devices?.results ?? []).map(deviceId))
  const errors = [
    ...checkItems(reservedFor, 'status.reservedFor', { max: maxReservations, declared: true }, (each, at) =>
      requireAll(each, at, 'resource', 'name', 'uid'),
    ),
    ...checkItems(devices, 'status.devices', {}, (each, at) => validateDeviceStatus(each, at, allocated)),
    ...validateReservations(status, before, metadata.deletionTimestamp !== undefined),
  ]
  // What is allocated cannot change, and what was is not checked again.
  if (allocation !== undefined && before.allocation === undefined) {
    errors.push(...validateAllocation(allocation, 'status.allocation', requestNamesOf(spec.devices ?? {})))
  }
  return errors
}

export function deviceId({ driver, pool, device, shareID }: Omit<AllocatedDeviceStatus, 'conditions'>): string {
  return JSON.stringify([driver, pool, device, shareID])
}

function validateReservations(
  { allocation, reservedFor = [] }: ResourceClaimStatus,
  before: ResourceClaimStatus,
  deleted: boolean,
): FieldError[] {
  if (reservedFor.length === 0) return []
  const forbid = (detail: string) => [fieldErrors.forbidden('status.reservedFor', detail)]
  if (allocation === undefined) return forbid('may not be specified when `allocated` is not set')
  const isNew = reservedFor.some((each) => !(before.reservedFor ?? []).some((known) => jsonEqual(known, each)))
  if (!deleted || !isNew) return []
  return forbid('new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set')
}

function validateAllocation(
  { devices, nodeSelector }: AllocationResult,
  field: string,
  names: RequestNames,
): FieldError[] {
  const { results, config } = devices ?? {}
  return [
    ...checkItems(results, `${field}.devices.results`, { max: maxResults, declared: true }, (each, at) =>
      validateResult(each, at, names),
    ),
    ...checkItems(config, `${field}.devices.config`, { max: maxConfigs, declared: true }, (each, at) => [
      ...checkRequestReferences(each.requests, `${at}.requests`, names),
      ...validateDeviceConfiguration(each, at, false),
    ]),
    ...(nodeSelector === undefined
      ? []
      : validateNodeSelector(nodeSelector, `${field}.nodeSelector`, { allowInvalidValues: false })),
  ]
}

function validateResult(result: DeviceRequestAllocationResult, field: string, names: RequestNames): FieldError[] {
  return [
    ...checkRequestReference(result.request, `${field}.request`, names),
    ...checkDeviceName(result.device, `${field}.device`),
    ...validateBindingConditions(result, field),
    ...validateDeviceTolerations(result.tolerations, `${field}.tolerations`),
    ...validateSkipOperations(result.skipNodeOperations, `${field}.skipNodeOperations`),
  ]
}

function validateDeviceStatus(
  status: AllocatedDeviceStatus,
  field: string,
  allocated: ReadonlySet<string>,
): FieldError[] {
  const { driver, pool, device, data, networkData } = status
  const conditions = status.conditions ?? []
  const errors = [
    ...checkDriverName(driver, `${field}.driver`),
    ...checkPoolName(pool, `${field}.pool`),
    ...checkDeviceName(device, `${field}.device`),
  ]
  if (!allocated.has(deviceId(status))) {
    const shown = { Driver: driver, Pool: pool, Device: device, ShareID: status.shareID ?? '' }
    errors.push(fieldErrors.invalid(field, shown, 'must be an allocated device in the claim'))
  }
  if (conditions.length > maxConditions) {
    errors.push(fieldErrors.tooMany(`${field}.conditions`, conditions.length, maxConditions))
  }
  errors.push(...validateConditions(conditions, `${field}.conditions`))
  if (data !== undefined) errors.push(...checkJsonObject(data, `${field}.data`, maxDataBytes, false))
  const ips = `${field}.networkData.ips`
  const limit = { max: maxIps, declared: true }
  errors.push(...checkItems(networkData?.ips, ips, limit, (address, at) => interfaceAddress(at, address)))
  return errors
}
