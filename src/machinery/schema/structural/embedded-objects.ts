import { DecodeError } from '../../codec/decode-error.ts'
import { decodeValue } from '../../codec/json/decode.ts'
import { errorText, fieldErrors, type FieldError } from '../../field-error.ts'
import { isObject } from '../../json.ts'
import { goUnmarshalName } from '../../go-print.ts'
import type { ObjectMeta } from '../../meta/object.ts'
import { dns1035Label } from '../../validation/dns-names.ts'
import { validateObjectMeta } from '../../validation/object-meta.ts'
import { pathSegment } from '../../validation/value-formats.ts'
import type { Schema } from '../schema.ts'
import type { JsonSchema } from '../values/json-schema.ts'

/**
 * Finds what is wrong with what makes a resource of the values whose schemas say `x-kubernetes-embedded-resource`
 * (apiextensions pkg/apiserver/schema/objectmeta/validation.go). `path`: '' for the root.
 */
export function checkEmbeddedObjects(value: unknown, schema: JsonSchema | undefined, path = ''): FieldError[] {
  if (schema === undefined) return []
  if (Array.isArray(value))
    return value.flatMap((item, index) => checkEmbeddedObjects(item, schema.items, `${path}[${index}]`))
  if (!isObject(value)) return []
  const { properties = {}, additionalProperties } = schema
  const errors = schema['x-kubernetes-embedded-resource'] ? checkObject(value, path) : []
  for (const [name, member] of Object.entries(value)) {
    if (Object.hasOwn(properties, name))
      errors.push(...checkEmbeddedObjects(member, properties[name], path === '' ? name : `${path}.${name}`))
    else if (typeof additionalProperties === 'object')
      errors.push(...checkEmbeddedObjects(member, additionalProperties, `${path}[${name}]`))
  }
  return errors
}

/**
 * Reads the metadata of embedded resources as metadata, in place, and answers the paths of what it does not have. Throws
 * DecodeError (apiextensions pkg/apiserver/schema/objectmeta/coerce.go). `path`: '' for the root.
 */
export function coerceEmbeddedObjects(
  value: unknown,
  schema: JsonSchema | undefined,
  metadata: Schema,
  path = '',
): string[] {
  if (schema === undefined) return []
  if (Array.isArray(value))
    return value.flatMap((item, index) => coerceEmbeddedObjects(item, schema.items, metadata, `${path}[${index}]`))
  if (!isObject(value)) return []
  const { properties = {}, additionalProperties } = schema
  const unknown = schema['x-kubernetes-embedded-resource'] ? coerceObject(value, metadata, path) : []
  for (const [name, member] of Object.entries(value)) {
    if (Object.hasOwn(properties, name))
      unknown.push(...coerceEmbeddedObjects(member, properties[name], metadata, path === '' ? name : `${path}.${name}`))
    else if (typeof additionalProperties === 'object')
      unknown.push(...coerceEmbeddedObjects(member, additionalProperties, metadata, `${path}[${name}]`))
  }
  return unknown
}

function coerceObject(value: Record<string, unknown>, metadata: Schema, path: string): string[] {
  const field = (name: string) => (path === '' ? name : `${path}.${name}`)
  for (const name of ['apiVersion', 'kind']) {
    if (!Object.hasOwn(value, name) || typeof value[name] === 'string') continue
    throw new DecodeError(errorText(fieldErrors.invalid(field(name), value[name], 'must be a string')))
  }
  if (!isObject(value['metadata']) && (value['metadata'] ?? undefined) === undefined) return []
  try {
    const { value: made, strictErrors } = decodeValue(value['metadata'], metadata)
    value['metadata'] = made
    return strictErrors.flatMap((text) => {
      const name = /^unknown field "(.*)"$/.exec(text)?.[1]
      return name === undefined ? [] : [field(`metadata.${name}`)]
    })
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw new DecodeError(errorText(fieldErrors.invalid(field('metadata'), value['metadata'], error.message)))
  }
}

function checkObject(value: Readonly<Record<string, unknown>>, path: string): FieldError[] {
  const field = (name: string) => (path === '' ? name : `${path}.${name}`)
  const errors = ['apiVersion', 'kind']
    .filter((name) => !Object.hasOwn(value, name))
    .map((name) => fieldErrors.required(field(name)))
  const checks: Readonly<Record<string, (text: string) => string | undefined>> = {
    apiVersion: (text) => (text.split('/').length > 2 ? `unexpected GroupVersion string: ${text}` : undefined),
    kind(text) {
      const faults = dns1035Label(text.toLowerCase())
      return faults.length > 0 ? `may have mixed case, but should otherwise match: ${faults.join(',')}` : undefined
    },
  }
  for (const [name, member] of Object.entries(value)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check !== undefined) {
      const fault =
        typeof member !== 'string' ? 'must be a string' : member === '' ? 'must not be empty' : check(member)
      if (fault !== undefined) errors.push(fieldErrors.invalid(field(name), member, fault))
    } else if (name === 'metadata') errors.push(...checkMetadata(member, field('metadata')))
  }
  return errors
}

function checkMetadata(metadata: unknown, field: string): FieldError[] {
  if (metadata === null) return []
  if (!isObject(metadata)) {
    const detail = `json: cannot unmarshal ${goUnmarshalName(metadata)} into Go value of type v1.ObjectMeta`
    return [fieldErrors.invalid(field, metadata, detail)]
  }
  const meta = metadata as ObjectMeta
  // What has no name yet is not found faulty for that.
  return validateObjectMeta(meta.name ? meta : { ...meta, name: 'fakename' }, {
    namespaced: Boolean(meta.namespace),
    nameCheck: pathSegment,
    field,
  })
}
