import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import { checkPositive, checkRequired } from '../../field-checks.ts'
import type {
  DeviceClaim,
  DeviceConfiguration,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceSubRequest,
  ExactDeviceRequest,
} from '../../types.generated.ts'
import type { FeatureEnabled } from '../../features/feature-gates.ts'
import { constrainedAttributes, validateDerivedAttributes, type ConstrainedAttributes } from './derived-attributes.ts'
import { checkDeviceName } from './device-names.ts'
import { checkItems, checkJsonObject } from './item-checks.ts'
import { checkSelectorExpression } from './selector-expression.ts'
import { validateDeviceTolerations } from './taint-validation.ts'

/** pkg/apis/resource/validation validateDeviceClaim, less what is declared with the types. */

const maxRequests = 32
const maxAlternatives = 8
const maxSelectors = 32
const maxParameterBytes = 10 * 1024

/** The requests by name, each with the names of its alternatives. */
export type RequestNames = ReadonlyMap<string, ReadonlySet<string>>

export function requestNamesOf({ requests }: DeviceClaim): RequestNames {
  return new Map(
    (requests ?? []).map(({ name, firstAvailable }) => [
      name,
      new Set((firstAvailable ?? []).map((each) => each.name)),
    ]),
  )
}

export function validateDeviceClaim(claim: DeviceClaim, field: string, enabled: FeatureEnabled): FieldError[] {
  const names = requestNamesOf(claim)
  const constrained = constrainedAttributes(claim.constraints)
  const limit = { max: maxRequests, declared: true }
  return [
    ...checkItems(claim.requests, `${field}.requests`, limit, (each, at) => validateRequest(each, at, constrained)),
    ...checkItems(claim.constraints, `${field}.constraints`, limit, (each, at) =>
      validateConstraint(each, at, names, enabled),
    ),
    ...checkItems(claim.config, `${field}.config`, limit, (each, at) => [
      ...checkRequestReferences(each.requests, `${at}.requests`, names),
      ...validateDeviceConfiguration(each, at, false),
    ]),
  ]
}

function validateRequest(
  { name, exactly, firstAvailable = [] }: DeviceRequest,
  field: string,
  constrained: ConstrainedAttributes,
): FieldError[] {
  const errors = checkDeviceName(name, `${field}.name`)
  const oneOf = 'exactly one of `exactly` or `firstAvailable` is required'
  if (firstAvailable.length > 0) {
    if (exactly !== undefined) {
      return [...errors, fieldErrors.invalid(field, null, `${oneOf}, but multiple fields are set`)]
    }
    const limit = { max: maxAlternatives, declared: true }
    return [
      ...errors,
      ...checkItems(firstAvailable, `${field}.firstAvailable`, limit, (each, at) =>
        validateAlternative(each, at, name, constrained),
      ),
    ]
  }
  if (exactly === undefined) return [...errors, fieldErrors.required(field, oneOf)]
  const at = `${field}.exactly`
  return [
    ...errors,
    ...checkRequired(exactly.deviceClassName, `${at}.deviceClassName`, (text) => dns1123Subdomain(text)),
    ...validateWanted(exactly, at, name, constrained),
  ]
}

function validateAlternative(
  request: DeviceSubRequest,
  field: string,
  parent: string,
  constrained: ConstrainedAttributes,
): FieldError[] {
  return [
    ...checkDeviceName(request.name, `${field}.name`),
    ...validateWanted(request, field, `${parent}/${request.name}`, constrained),
  ]
}

function validateWanted(
  request: ExactDeviceRequest | DeviceSubRequest,
  field: string,
  name: string,
  constrained: ConstrainedAttributes,
): FieldError[] {
  return [
    ...validateSelectors(request.selectors, `${field}.selectors`),
    ...validateDerivedAttributes(request.derivedAttributes, `${field}.derivedAttributes`, name, constrained),
    ...validateAllocationMode(request, field),
    ...validateDeviceTolerations(request.tolerations, `${field}.tolerations`),
  ]
}

function validateAllocationMode(
  { allocationMode = '', count = 0 }: { readonly allocationMode?: string; readonly count?: number },
  field: string,
): FieldError[] {
  const at = `${field}.count`
  if (allocationMode === 'ExactCount') return checkPositive(count, at)
  if (allocationMode !== 'All' || count === 0) return []
  return [fieldErrors.invalid(at, count, "must not be specified when allocationMode is 'All'")]
}

export function validateSelectors(
  selectors: readonly DeviceSelector[] | undefined,
  field: string,
  stored = false,
): FieldError[] {
  return checkItems(selectors, field, { max: maxSelectors, declared: true }, ({ cel }, at) => {
    if (cel === undefined) return [fieldErrors.required(`${at}.cel`)]
    // What is stored was valid in its time.
    return stored ? [] : checkSelectorExpression(cel.expression, `${at}.cel.expression`)
  })
}

function validateConstraint(
  { requests, matchAttribute, distinctAttribute }: DeviceConstraint,
  field: string,
  names: RequestNames,
  enabled: FeatureEnabled,
): FieldError[] {
  const errors = checkRequestReferences(requests, `${field}.requests`, names)
  if (matchAttribute !== undefined || distinctAttribute !== undefined) return errors
  if (!enabled('DRAConsumableCapacity')) return [...errors, fieldErrors.required(`${field}.matchAttribute`)]
  const detail = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'
  return [...errors, fieldErrors.required(field, detail)]
}

export function checkRequestReferences(
  requests: readonly string[] | undefined,
  field: string,
  names: RequestNames,
): FieldError[] {
  return checkItems(requests, field, { max: maxRequests, declared: true }, (each, at) =>
    checkRequestReference(each, at, names),
  )
}

/** `request` or `request/alternative`. */
export function checkRequestReference(reference: string, field: string, names: RequestNames): FieldError[] {
  const segments = reference.split('/')
  const unknown = fieldErrors.invalid(
    field,
    reference,
    "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
  )
  if (segments.length > 2) return [unknown]
  const errors = segments.flatMap((segment) => checkDeviceName(segment, field))
  const alternatives = names.get(segments[0]!)
  const found = alternatives !== undefined && (segments.length === 1 || alternatives.has(segments[1]!))
  return found ? errors : [...errors, unknown]
}

export function validateDeviceConfiguration(
  { opaque }: DeviceConfiguration,
  field: string,
  stored: boolean,
): FieldError[] {
  if (opaque === undefined) return [fieldErrors.required(`${field}.opaque`)]
  return checkJsonObject(opaque.parameters, `${field}.opaque.parameters`, maxParameterBytes, stored)
}
