import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'

/** Who does not prepare does not clean up either; which operations there are is declared. */
export function validateSkipOperations(operations: readonly string[] | undefined, field: string): FieldError[] {
  if (!operations?.includes('NodePrepareResources')) return []
  if (operations.includes('NodeUnprepareResources') || operations.includes('*')) return []
  const detail = 'NodePrepareResources cannot be skipped unless NodeUnprepareResources is also skipped'
  return [fieldErrors.invalid(field, operations, detail)]
}
