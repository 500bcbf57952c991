import { fieldErrors, goQuote, type FieldError } from '../../../machinery/field-error.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'

/** Names for what is configured by files (pkg/apis/admissionregistration/validation/static_suffix.go). */
const suffix = '.static.k8s.io'
const text = `names ending with ${goQuote(suffix)} are reserved for static manifest-based configurations and cannot be managed via the API`

export function checkReservedName({ metadata: { name = '' } }: KubeObject): FieldError[] {
  return name.endsWith(suffix) ? [fieldErrors.invalid('metadata.name', name, text)] : []
}

/** Of one that is there already. */
export function reservedNameWarnings({ metadata: { name = '' } }: KubeObject, old: KubeObject | undefined): string[] {
  return old !== undefined && name.endsWith(suffix) ? [`metadata.name: ${text}`] : []
}
