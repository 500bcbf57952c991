import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'

interface WithConditions {
  readonly status?: { readonly conditions?: readonly { readonly type?: string }[] }
}

/** The conditions of flow schemas and priority levels (pkg/apis/flowcontrol/validation). */
export function validateFlowStatus({ status }: WithConditions): FieldError[] {
  const types = new Set<string>()
  return (status?.conditions ?? []).flatMap(({ type = '' }, index) => {
    const field = `status.conditions[${index}].type`
    const errors = types.has(type) ? [fieldErrors.duplicate(field, type)] : []
    types.add(type)
    return type === '' ? [...errors, fieldErrors.required(field)] : errors
  })
}
