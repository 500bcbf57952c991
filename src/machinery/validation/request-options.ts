import { fieldErrors, type FieldError } from '../field-error.ts'
import { byteLength } from './message-text.ts'

/** Options of requests (apimachinery pkg/apis/meta/v1/validation/validation.go). */
export interface WriteRequestOptions {
  readonly fieldManager?: string
  readonly dryRun?: readonly string[]
  readonly fieldValidation?: string
}

export interface PatchRequestOptions extends WriteRequestOptions {
  readonly force?: boolean
}

export interface DeleteRequestOptions {
  readonly dryRun?: readonly string[]
  readonly orphanDependents?: boolean
  readonly propagationPolicy?: string
  readonly gracePeriodSeconds?: number
  readonly preconditions?: unknown
  readonly ignoreStoreReadErrorWithClusterBreakingPotential?: boolean
}

/** Of a create or an update. */
export function validateWriteOptions(options: WriteRequestOptions): FieldError[] {
  return [
    ...validateFieldManager(options.fieldManager ?? '', 'fieldManager'),
    ...validateDryRun(options.dryRun ?? [], 'dryRun'),
    ...validateFieldValidation(options.fieldValidation ?? ''),
  ]
}

export function validatePatchOptions(options: PatchRequestOptions, isApply: boolean): FieldError[] {
  const errors: FieldError[] = []
  if (isApply) {
    if (!options.fieldManager) errors.push(fieldErrors.required('fieldManager', 'is required for apply patch'))
  } else if (options.force !== undefined) {
    errors.push(fieldErrors.forbidden('force', 'may not be specified for non-apply patch'))
  }
  return [...errors, ...validateWriteOptions(options)]
}

export function validateDeleteOptions(options: DeleteRequestOptions): FieldError[] {
  const errors: FieldError[] = []
  const { propagationPolicy: policy, orphanDependents } = options
  if (orphanDependents !== undefined && policy !== undefined) {
    const detail = 'orphanDependents and deletionPropagation cannot be both set'
    errors.push(fieldErrors.invalid('propagationPolicy', policy, detail))
  }
  if (policy !== undefined && !['Foreground', 'Background', 'Orphan'].includes(policy)) {
    const supported = ['Foreground', 'Background', 'Orphan', 'nil']
    errors.push(fieldErrors.notSupported('propagationPolicy', policy, supported))
  }
  errors.push(...validateDryRun(options.dryRun ?? [], 'dryRun'))
  if (options.ignoreStoreReadErrorWithClusterBreakingPotential === true) {
    for (const member of ['propagationPolicy', 'orphanDependents', 'gracePeriodSeconds', 'preconditions'] as const) {
      if (options[member] === undefined) continue
      const field = 'ignoreStoreReadErrorWithClusterBreakingPotential'
      errors.push(fieldErrors.invalid(field, true, `cannot be set together with .${member}`))
    }
  }
  return errors
}

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

export function validateFieldManager(manager: string, field: string): FieldError[] {
  const errors: FieldError[] = []
  if (byteLength(manager) > 128) errors.push(fieldErrors.tooLong(field, '', 128))
  let position = 0
  for (const char of manager) {
    if (!printable.test(char)) {
      const code = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
      errors.push(fieldErrors.invalid(field, manager, `invalid character U+${code} (at position ${position})`))
    }
    position += byteLength(char)
  }
  return errors
}

export function validateDryRun(dryRun: readonly string[], field: string): FieldError[] {
  return dryRun.every((value) => value === 'All') ? [] : [fieldErrors.notSupported(field, dryRun, ['All'])]
}

export function validateFieldValidation(value: string): FieldError[] {
  const supported = ['', 'Ignore', 'Strict', 'Warn']
  return supported.includes(value) ? [] : [fieldErrors.notSupported('fieldValidation', value, supported)]
}
