import { fieldErrors, type FieldError } from '../../../../../machinery/field-error.ts'
import { itemsOf, printedItems, type Schema } from './schema.ts'

/** What x-kubernetes-{map,list}-type and -list-map-keys ask of a schema (validation.go, ValidateCustomResourceDefinitionOpenAPISchema). */
export function validateListTypes(schema: Schema, field: string, atomicSetItems: boolean): FieldError[] {
  const { type = '', 'x-kubernetes-map-type': mapType, 'x-kubernetes-list-type': listType } = schema
  const errors: FieldError[] = []
  const typeError = (detail: string) =>
    type ? fieldErrors.invalid(`${field}.type`, type, detail) : fieldErrors.required(`${field}.type`, detail)
  if (mapType !== undefined && type !== 'object')
    errors.push(typeError('must be object if x-kubernetes-map-type is specified'))
  if (mapType !== undefined && mapType !== 'atomic' && mapType !== 'granular')
    errors.push(fieldErrors.notSupported(`${field}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']))
  if (listType !== undefined && type !== 'array')
    errors.push(typeError('must be array if x-kubernetes-list-type is specified'))
  else if (atomicSetItems) errors.push(...nonAtomicItems(schema, field))
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType))
    errors.push(fieldErrors.notSupported(`${field}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']))
  errors.push(...validateMapKeys(schema, field))
  return errors
}

/** Whether a set has items that are not atomic; lists are atomic unless they say otherwise, objects only if they say so. */
export function nonAtomicItems(schema: Schema, field: string): FieldError[] {
  const items = itemsOf(schema)
  if (schema['x-kubernetes-list-type'] !== 'set' || items === undefined) return []
  const { 'x-kubernetes-list-type': listType, 'x-kubernetes-map-type': mapType } = items
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic')
    return [fieldErrors.invalid(`${field}.items.x-kubernetes-list-type`, listType, detail)]
  // Upstream shows the type of the list here, too.
  if (items.type === 'object' && mapType !== 'atomic')
    return [fieldErrors.invalid(`${field}.items.x-kubernetes-map-type`, listType ?? null, detail)]
  return []
}

function validateMapKeys(schema: Schema, field: string): FieldError[] {
  const { 'x-kubernetes-list-type': listType, 'x-kubernetes-list-map-keys': keys = [] } = schema
  const errors: FieldError[] = []
  if (keys.length > 0 && listType !== 'map') {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty'
    const at = `${field}.x-kubernetes-list-type`
    errors.push(listType === undefined ? fieldErrors.required(at, detail) : fieldErrors.invalid(at, listType, detail))
  }
  if (listType !== 'map') return errors
  const keysField = `${field}.x-kubernetes-list-map-keys`
  if (keys.length === 0)
    errors.push(fieldErrors.required(keysField, 'must not be empty if x-kubernetes-list-type is map'))
  if (!schema.items) {
    errors.push(fieldErrors.required(`${field}.items`, 'must have a schema if x-kubernetes-list-type is map'))
    return errors
  }
  const items = itemsOf(schema)
  if (items === undefined) {
    const detail = 'must only have a single schema if x-kubernetes-list-type is map'
    errors.push(fieldErrors.invalid(`${field}.items`, printedItems(schema.items), detail))
    return errors
  }
  if (items.type !== 'object') {
    const detail = "must be object if parent array's x-kubernetes-list-type is map"
    errors.push(fieldErrors.invalid(`${field}.items.type`, items.type ?? '', detail))
    return errors
  }
  for (const [index, key] of keys.entries()) {
    const property = items.properties && Object.hasOwn(items.properties, key) ? items.properties[key] : undefined
    if (property === undefined)
      errors.push(fieldErrors.invalid(keysField, keys, 'entries must all be names of item properties'))
    else if (property.type === 'array' || property.type === 'object') {
      const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map"
      errors.push(fieldErrors.invalid(`${field}.items.properties[${key}].type`, items.type, detail))
    }
    if (keys.indexOf(key) < index)
      errors.push(fieldErrors.invalid(keysField, keys, 'must not contain duplicate entries'))
  }
  return errors
}

/** By their keys alone items are told apart (validateMapListKeysMapSet). */
export function validateKeyValues(schema: Schema, field: string): FieldError[] {
  const { 'x-kubernetes-list-type': listType, 'x-kubernetes-list-map-keys': keys = [] } = schema
  const items = itemsOf(schema)
  if (items === undefined || (listType !== 'set' && listType !== 'map')) return []
  const errors: FieldError[] = []
  if (items.nullable) {
    const detail = `cannot be nullable when x-kubernetes-list-type is ${listType}`
    errors.push(fieldErrors.forbidden(`${field}.items.nullable`, detail))
  }
  if (listType === 'set') return errors
  for (const key of keys) {
    const property = items.properties && Object.hasOwn(items.properties, key) ? items.properties[key] : undefined
    if (property === undefined) continue
    const at = `${field}.items.properties[${key}]`
    const why = 'this property is in x-kubernetes-list-map-keys, so it'
    if (!items.required?.includes(key) && (property.default ?? undefined) === undefined)
      errors.push(fieldErrors.required(`${at}.default`, `${why} must have a default or be a required property`))
    if (property.nullable) errors.push(fieldErrors.forbidden(`${at}.nullable`, `${why} cannot be nullable`))
  }
  return errors
}
