import { isObject, jsonClone, jsonEqual } from '../../machinery/json.ts'

/** RFC 7386. With `keyed`, lists of objects merge by their usual key, near enough to strategic merge for tests. */
export function mergePatch(target: unknown, patch: unknown, keyed: boolean): unknown {
  if (Array.isArray(patch)) return keyed && Array.isArray(target) ? mergeList(target, patch) : jsonClone(patch)
  if (!isObject(patch)) return patch
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [field, value] of Object.entries(patch)) {
    if (keyed && field.startsWith('$')) continue
    if (keyed && patch[`$deleteFromPrimitiveList/${field}`] !== undefined) continue
    if (value === null) delete result[field]
    else if (keyed && primitives(value) && primitives(result[field]) && setLists.has(field))
      result[field] = [...new Set([...(result[field] as unknown[]), ...(value as unknown[])])]
    else result[field] = mergePatch(result[field], value, keyed && !atomicLists.has(field))
  }
  if (keyed) {
    for (const [field, value] of Object.entries(patch)) {
      if (!field.startsWith('$deleteFromPrimitiveList/') || !Array.isArray(value)) continue
      const name = field.slice('$deleteFromPrimitiveList/'.length)
      const list = result[name]
      if (!Array.isArray(list)) continue
      const kept = list.filter((item) => !value.includes(item))
      if (kept.length > 0) result[name] = kept
      else delete result[name]
    }
  }
  return result
}

/** Lists of named objects that are replaced as a whole. */
const atomicLists: ReadonlySet<string> = new Set([
  'containerStatuses',
  'initContainerStatuses',
  'ephemeralContainerStatuses',
  'images',
])
const setLists: ReadonlySet<string> = new Set(['finalizers', 'podCIDRs'])
const primitives = (value: unknown) => Array.isArray(value) && value.every((item) => !isObject(item))
const mergeKeys = ['uid', 'type', 'name', 'containerPort', 'ip', 'key']

function mergeList(target: readonly unknown[], patch: readonly unknown[]): unknown {
  const key = mergeKeys.find((name) => patch.every((item) => isObject(item) && item[name] !== undefined))
  if (key === undefined) return jsonClone(patch)
  const result = [...target]
  for (const item of patch as Record<string, unknown>[]) {
    const at = result.findIndex((other) => isObject(other) && other[key] === item[key])
    if (item.$patch === 'delete') {
      if (at >= 0) result.splice(at, 1)
    } else if (at < 0) result.push(jsonClone(item))
    else result[at] = mergePatch(result[at], item, true)
  }
  return result
}

/** RFC 6902: add, remove, replace and test. */
export function jsonPatch(target: unknown, patch: readonly unknown[]): unknown {
  const root = { value: jsonClone(target) as unknown }
  for (const operation of patch as { op: string; path: string; value?: unknown }[]) {
    const parts = ['value', ...operation.path.split('/').slice(1)].map((part) =>
      part.replaceAll('~1', '/').replaceAll('~0', '~'),
    )
    let parent: unknown = root
    for (const part of parts.slice(0, -1)) parent = (parent as Record<string, unknown>)?.[part]
    const last = parts.at(-1)!
    if (typeof parent !== 'object' || parent === null) throw new Error(`json patch: no such path ${operation.path}`)
    const holder = parent as Record<string, unknown>
    const index = last === '-' ? (parent as unknown[]).length : Number(last)
    if (operation.op === 'test') {
      if (!jsonEqual(holder[last], operation.value))
        throw new Error(`json patch: testing value ${operation.path} failed`)
    } else if (operation.op === 'remove') {
      if (Array.isArray(parent)) parent.splice(index, 1)
      else delete holder[last]
    } else if (operation.op === 'add' && Array.isArray(parent)) parent.splice(index, 0, jsonClone(operation.value))
    else if (operation.op === 'add' || operation.op === 'replace') holder[last] = jsonClone(operation.value)
    else throw new Error(`json patch: operation ${operation.op} is not known to the fake client`)
  }
  return root.value
}
