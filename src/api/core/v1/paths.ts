import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'

/** Paths that end up below a folder of the node (pkg/apis/core/validation). */

/** No `..` among the elements. */
export function checkNoBacksteps(path: string, field: string): FieldError[] {
  return path.split('/').includes('..') ? [fieldErrors.invalid(field, path, "must not contain '..'")] : []
}

/** Relative, and it does not leave the folder. */
export function checkDescendingPath(path: string, field: string): FieldError[] {
  const absolute = path.startsWith('/') ? [fieldErrors.invalid(field, path, 'must be a relative path')] : []
  return [...absolute, ...checkNoBacksteps(path, field)]
}

/** As {@link checkDescendingPath}; names that begin with `..` belong to the kubelet's atomic writer. */
export function checkProjectedPath(path: string, field: string): FieldError[] {
  const errors = checkDescendingPath(path, field)
  if (path.startsWith('..') && !path.startsWith('../')) {
    errors.push(fieldErrors.invalid(field, path, "must not start with '..'"))
  }
  return errors
}
