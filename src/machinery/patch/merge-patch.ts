import { jsonKind } from '../codec/json/json-kind.ts'
import { badRequest } from '../errors.ts'
import { isObject } from '../json.ts'

/**
 * JSON Merge Patch (RFC 7386) with the deviations of evanphx/json-patch v4: nulls inside the items of a list are
 * dropped when the list is new or replaces something that is no object. Copies only what changes; inputs stay as they
 * are. Throws 400 when the patch is no object.
 */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isObject(patch)) {
    if (patch === null) throw badRequest('Invalid JSON Patch')
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${jsonKind(patch)} into Go value of type map[string]interface {}`,
    )
  }
  return isObject(document) ? mergeObjects(document, patch) : withoutNulls(patch)
}

function mergeObjects(document: Record<string, unknown>, patch: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...document }
  for (const key of Object.keys(patch)) {
    const value = patch[key]
    const current = Object.hasOwn(merged, key) ? merged[key] : undefined
    if (value === null || value === undefined) delete merged[key]
    else put(merged, key, current === undefined || current === null ? withoutNulls(value) : mergeValues(current, value))
  }
  return merged
}

function mergeValues(current: unknown, patch: unknown): unknown {
  if (!isObject(current)) return withoutNulls(patch)
  return isObject(patch) ? mergeObjects(current, patch) : patch
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isObject(value)) return value
  const kept: Record<string, unknown> = {}
  for (const key of Object.keys(value)) if (value[key] !== null) put(kept, key, withoutNulls(value[key]))
  return kept
}

function put(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true })
  } else target[key] = value
}
