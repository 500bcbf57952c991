import { jsonKind } from '../codec/json/json-kind.ts'
import { ApiError, badRequest } from '../errors.ts'
import { goPrint, goPrintText, goTypeOf } from '../go-print.ts'
import { isObject } from '../json.ts'
import { PatchMismatch } from './patch-mismatch.ts'
import type { Field, Schema } from '../schema/schema.ts'
import {
  directiveMarker,
  mergeKeyPresent,
  orderElements,
  removeDirectives,
  withoutNulls,
  type Item,
} from './strategic-merge-list.ts'

/**
 * Strategic merge patch (apimachinery pkg/util/strategicpatch): lists are merged by the schema's `patchStrategy` and
 * `patchMergeKey`, and directives in the patch say what else to do:
 * `$patch: replace|delete`, `$retainKeys`, `$setElementOrder/<list>`, `$deleteFromPrimitiveList/<list>`.
 */
const retainKeys = '$retainKeys'
const deleteFromList = '$deleteFromPrimitiveList'
const setElementOrder = '$setElementOrder'

/**
 * The patched object; inputs stay as they are, what the patch does not touch is shared. Throws ApiError 400 or 422 for
 * malformed directives, PatchMismatch when patch and schema do not fit.
 */
export function applyStrategicMergePatch(document: unknown, patch: unknown, schema: Schema): Record<string, unknown> {
  if (!isObject(patch)) {
    if (patch === null) return isObject(document) ? { ...document } : {}
    throw badRequest(`json: cannot unmarshal ${jsonKind(patch)} into Go value of type map[string]interface {}`)
  }
  return mergeMap(isObject(document) ? document : {}, patch, schema)
}

const badRetainKeys = () => badRequest('invalid patch format of retainKeys')
const badPrimitiveList = () => badRequest('invalid patch format of primitive list')
const badElementOrder = () => badRequest('invalid patch format of setElementOrder list')
const listOfLists = () =>
  new ApiError({
    code: 422,
    reason: 'Invalid',
    details: {},
    message: 'the server rejected our request due to an error in our request',
  })

function mergeMap(
  original: Record<string, unknown>,
  patch: Record<string, unknown>,
  schema: Schema | undefined,
): Record<string, unknown> {
  if (Object.hasOwn(patch, directiveMarker)) {
    const { [directiveMarker]: directive, ...rest } = patch
    if (directive === 'replace') return rest
    if (directive === 'delete') return {}
    throw new PatchMismatch(`unknown patch type: ${goPrintText(directive)} in map: ${goPrint(patch)}`)
  }
  const merged = retain(original, patch)
  const done = new Set<string>([retainKeys])
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(setElementOrder)) continue
    done.add(key)
    const list = mergeOrdered(merged, patch, key, schema)
    if (list !== undefined) done.add(list)
  }
  for (const key of Object.keys(patch)) if (!done.has(key)) mergeMember(merged, key, patch[key], schema)
  return merged
}

/** A shallow copy of the original, cut down to what `$retainKeys` names. */
function retain(original: Record<string, unknown>, patch: Record<string, unknown>): Record<string, unknown> {
  if (!Object.hasOwn(patch, retainKeys)) return { ...original }
  const kept = patch[retainKeys]
  if (!Array.isArray(kept)) throw badRetainKeys()
  for (const [key, value] of Object.entries(patch)) {
    if (key === retainKeys || value === null || key.startsWith(deleteFromList) || key.startsWith(setElementOrder))
      continue
    if (!kept.includes(key)) throw badRetainKeys()
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => kept.includes(key)))
}

function mergeMember(
  merged: Record<string, unknown>,
  patchKey: string,
  value: unknown,
  schema: Schema | undefined,
): void {
  const isDeleteList = patchKey.startsWith(deleteFromList)
  const key = isDeleteList ? targetOf(patchKey, deleteFromList, badPrimitiveList) : patchKey
  if (value === null || value === undefined) {
    delete merged[key]
    return
  }
  const current = Object.hasOwn(merged, key) ? merged[key] : undefined
  if (current === undefined || !sameType(current, value)) {
    if (!isDeleteList) put(merged, key, removeDirectives(withoutNulls(value)))
  } else if (isObject(current) && isObject(value)) {
    const field = fieldOf(schema, key)
    put(merged, key, strategyOf(field) === 'replace' ? value : mergeMap(current, value, field.schema))
  } else if (Array.isArray(current) && Array.isArray(value)) {
    const field = fieldOf(schema, key)
    put(merged, key, mergeLists(current, value, field, isDeleteList))
  } else put(merged, key, value)
}

function put(target: Record<string, unknown>, key: string, value: unknown): void {
  if (value === undefined) delete target[key]
  else if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true })
  } else target[key] = value
}

function sameType(a: unknown, b: unknown): boolean {
  return typeof a === typeof b && Array.isArray(a) === Array.isArray(b) && (a === null) === (b === null)
}

function targetOf(key: string, prefix: string, malformed: () => Error): string {
  if (!key.startsWith(`${prefix}/`)) throw malformed()
  return key.slice(prefix.length + 1)
}

function fieldOf(schema: Schema | undefined, key: string): Field {
  if (schema?.values !== undefined || (schema?.type !== undefined && schema.type !== 'object')) {
    const kind = schema.values !== undefined ? 'map' : schema.type
    throw new PatchMismatch(`merging an object in json but data type is not struct, instead is: ${kind}`)
  }
  const field = schema?.properties?.get(key)
  if (field !== undefined) return field
  const struct = schema?.name?.split('.').at(-1) ?? ''
  throw new PatchMismatch(`unable to find api field in struct ${struct} for the json field ${JSON.stringify(key)}`)
}

/** The strategy beside `retainKeys`. */
function strategyOf(field: Field): string {
  return (field.patchStrategy ?? '').split(',').find((strategy) => strategy !== 'retainKeys') ?? ''
}

function mergeLists(original: readonly Item[], patch: readonly Item[], field: Field, isDeleteList: boolean): Item[] {
  if (strategyOf(field) !== 'merge' && !isDeleteList) return [...patch]
  if (original.length === 0 && patch.length === 0) return []
  const type = elementType(original, patch)
  const mergeKey = field.patchMergeKey ?? ''
  if (type !== 'map') {
    if (isDeleteList) {
      const deleted = new Set(patch)
      return original.filter((item) => !deleted.has(item))
    }
    const merged = deduplicate([...original, ...patch])
    return orderElements(merged, patch, original, '')
  }
  if (mergeKey === '') throw new PatchMismatch('cannot merge lists without merge key for struct')
  const { base, additions } = applySpecialItems(original, patch, mergeKey)
  const merged = [...base]
  const places = new Map<unknown, number>()
  const place = (key: unknown, index: number) => {
    if (!places.has(key)) places.set(key, index)
  }
  for (const [index, item] of merged.entries()) place(mergeKeyOf(item, mergeKey), index)
  for (const item of additions as Record<string, unknown>[]) {
    const key = merged.length === 0 ? mergeKeyOf(item, mergeKey) : mergeKeyPresent(item, mergeKey)
    const index = merged.length === 0 ? undefined : places.get(key)
    if (index === undefined) place(key, merged.push(item) - 1)
    else merged[index] = mergeMap(merged[index] as Record<string, unknown>, item, field.schema.items)
  }
  return orderElements(merged, additions, base, mergeKey)
}

function mergeKeyOf(item: Item, mergeKey: string): unknown {
  return isObject(item) ? item[mergeKey] : undefined
}

// Go's two integer and float types of one JSON list never differ in a valid object; here they are one.
function elementType(...lists: (readonly Item[])[]): string {
  let first: string | undefined
  for (const item of lists.flat()) {
    const type = Array.isArray(item) ? 'list' : isObject(item) ? 'map' : typeof item
    first ??= type
    if (first === 'list') throw listOfLists()
    if (first !== type) throw new PatchMismatch(`list element types are not identical: ${goPrint(lists)}`)
  }
  if (first === undefined) throw new PatchMismatch('no elements in any of the given slices')
  return first
}

/** Upstream's way: the last item takes the place of a duplicate. */
function deduplicate(items: Item[]): Item[] {
  const seen = new Set<Item>()
  const repeated = new Set(items.filter((item) => seen.has(item) || !seen.add(item)))
  for (let i = 0; i < items.length - 1; i++) {
    if (!repeated.has(items[i])) continue
    for (let j = i + 1; j < items.length; j++) {
      if (items[i] !== items[j]) continue
      items[j] = items.at(-1)!
      items.pop()
      j--
    }
  }
  return items
}

/** Deletes what `$patch: delete` names; with `$patch: replace` nothing of the original stays. */
function applySpecialItems(original: readonly Item[], patch: readonly Item[], mergeKey: string) {
  const deleted = new Set<unknown>()
  let replace = false
  const additions: Item[] = []
  for (const item of patch as Record<string, unknown>[]) {
    if (!Object.hasOwn(item, directiveMarker)) additions.push(item)
    else if (item[directiveMarker] === 'delete') {
      deleted.add(mergeKeyPresent(item, mergeKey))
    } else if (item[directiveMarker] === 'replace') replace = true
    else if (item[directiveMarker] === 'merge') {
      throw new PatchMismatch('merging lists cannot yet be specified in the patch')
    } else throw new PatchMismatch(`unknown patch type: ${goPrintText(item[directiveMarker])} in map: ${goPrint(item)}`)
  }
  if (replace) return { base: additions, additions: [] }
  return { base: original.filter((item) => !deleted.has(mergeKeyOf(item, mergeKey))), additions }
}

/**
 * Merges the list that a `$setElementOrder` names and sorts it: by the directive, then by the live order. Returns the
 * list's key when its part of the patch is dealt with.
 */
function mergeOrdered(
  merged: Record<string, unknown>,
  patch: Record<string, unknown>,
  directive: string,
  schema: Schema | undefined,
): string | undefined {
  const order = listOf(patch[directive])
  const key = targetOf(directive, setElementOrder, badElementOrder)
  const original = Object.hasOwn(merged, key) ? listOf(merged[key]) : undefined
  const patched = Object.hasOwn(patch, key) ? listOf(patch[key]) : undefined
  const field = fieldOf(schema, key)
  const mergeKey = field.patchMergeKey ?? ''
  checkOrder(patched ?? [], order, mergeKey)
  if (original === undefined && patched === undefined) return undefined
  let list: readonly Item[]
  if (patched === undefined) list = original!
  else if (original === undefined) list = removeDirectives(patched) as Item[]
  else list = mergeLists(original, patched, field, false)
  elementType(original ?? [], patched ?? [])
  put(merged, key, orderElements(list, order, original ?? [], mergeKey))
  return key
}

function listOf(value: unknown): readonly Item[] {
  if (Array.isArray(value)) return value
  throw new PatchMismatch(`expected a []interface {}, but received a ${goTypeOf(value)}`)
}

/** The patch's items must all be in the order list, in the same relative order. */
function checkOrder(patch: readonly Item[], order: readonly Item[], mergeKey: string): void {
  if (order.length === 0 || patch.length === 0) return
  const idOf = (item: Item) => (mergeKey === '' ? item : mergeKeyPresent(item, mergeKey))
  const marked = (item: Item) => mergeKey !== '' && isObject(item) && Object.hasOwn(item, directiveMarker)
  const ids = patch.filter((item) => !marked(item)).map(idOf)
  let next = 0
  for (const item of order) if (next < ids.length && idOf(item) === ids[next]) next++
  if (next < ids.length) {
    throw new PatchMismatch(
      `The order in patch list:\n${goPrint(patch)}\n doesn't match ${setElementOrder} list:\n${goPrint(order)}\n`,
    )
  }
}
