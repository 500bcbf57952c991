import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import type { DeviceConstraint, DeviceSubRequest } from '../../types.generated.ts'
import { checkItems } from './item-checks.ts'

/** The attributes that constraints ask for, by the request they are of, '' for all (gatherConstraintAttributes). */
export type ConstrainedAttributes = ReadonlyMap<string, ReadonlySet<string>>

export function constrainedAttributes(constraints: readonly DeviceConstraint[] = []): ConstrainedAttributes {
  const found = new Map<string, Set<string>>()
  for (const { requests = [], matchAttribute, distinctAttribute } of constraints) {
    const attribute = matchAttribute ?? distinctAttribute
    if (attribute === undefined) continue
    for (const request of requests.length > 0 ? requests : [''])
      found.set(request, (found.get(request) ?? new Set()).add(attribute))
  }
  return found
}

/** Attributes that a request computes; `request`: its name, or `request/alternative`. */
export function validateDerivedAttributes(
  attributes: DeviceSubRequest['derivedAttributes'],
  field: string,
  request: string,
  constrained: ConstrainedAttributes,
): FieldError[] {
  const asked = ['', request, request.split('/')[0]!]
  return checkItems(attributes, field, { key: ({ name }) => name }, ({ name }, at) => {
    if (name === '' || asked.some((each) => constrained.get(each)?.has(name))) return []
    const detail =
      'must be referenced by at least one matchAttribute or distinctAttribute constraint targeting this request'
    return [fieldErrors.invalid(`${at}.name`, name, detail)]
  })
}
