import { goPrint } from '../go-print.ts'
import { isObject } from '../json.ts'
import { PatchMismatch } from './patch-mismatch.ts'

/** The order of merged lists, and the cleaning of directives (apimachinery pkg/util/strategicpatch/patch.go). */
export type Item = unknown
export const directiveMarker = '$patch'

/** The item's merge key; throws when it has none. */
export function mergeKeyPresent(item: Item, mergeKey: string): unknown {
  if (isObject(item) && Object.hasOwn(item, mergeKey)) return item[mergeKey]
  throw new PatchMismatch(`map: ${goPrint(item)} does not contain declared merge key: ${mergeKey}`)
}

/**
 * Sorts a merged list: what the patch names in the order of `patchOrder`, the rest in that of the live list, both
 * interleaved so that their relative live order holds where possible. `mergeKey` '' for scalars.
 */
export function orderElements(
  merged: readonly Item[],
  patchOrder: readonly Item[],
  liveOrder: readonly Item[],
  mergeKey: string,
): Item[] {
  const idOf = (item: Item) => (mergeKey === '' ? item : mergeKeyPresent(item, mergeKey))
  const ranks = (items: readonly Item[]) => {
    const ranked = new Map<unknown, number>()
    for (const [index, item] of items.entries()) if (!ranked.has(idOf(item))) ranked.set(idOf(item), index)
    return ranked
  }
  const patchRank = ranks(patchOrder)
  const liveRank = ranks(liveOrder)
  const fromPatch = sorted(
    merged.filter((item) => patchRank.has(idOf(item))),
    (item) => patchRank.get(idOf(item)),
  )
  const fromServer = sorted(
    merged.filter((item) => !patchRank.has(idOf(item))),
    (item) => liveRank.get(idOf(item)),
  )
  const all: Item[] = []
  let [server, patch] = [0, 0]
  while (server < fromServer.length && patch < fromPatch.length) {
    const left = liveRank.get(idOf(fromServer[server]))
    const right = liveRank.get(idOf(fromPatch[patch]))
    if (left !== undefined && right !== undefined && left < right) all.push(fromServer[server++])
    else all.push(fromPatch[patch++])
  }
  return [...all, ...fromServer.slice(server), ...fromPatch.slice(patch)]
}

/**
 * By rank, as upstream's insertion sort leaves them: an item without a rank is less than every other, and every other less
 * than it. So each goes before what is not less than the least rank that stood before it, a later one first.
 */
function sorted(items: readonly Item[], rankOf: (item: Item) => number | undefined): Item[] {
  const ranked: { readonly item: Item; readonly rank: number }[] = []
  const others: { readonly item: Item; readonly before: number }[] = []
  let least = Number.POSITIVE_INFINITY
  for (const item of items) {
    const rank = rankOf(item)
    if (rank === undefined) {
      others.push({ item, before: least })
      continue
    }
    ranked.push({ item, rank })
    least = Math.min(least, rank)
  }
  ranked.sort((a, b) => a.rank - b.rank)
  const all: Item[] = []
  for (const { item, rank } of ranked) {
    while ((others.at(-1)?.before ?? Number.POSITIVE_INFINITY) <= rank) all.push(others.pop()!.item)
    all.push(item)
  }
  return [...all, ...others.reverse().map(({ item }) => item)]
}

/** The value without members and items that hold a `$patch`; undefined when it holds one itself. */
export function removeDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(removeDirectives).filter((item) => item !== undefined)
  if (!isObject(value)) return value
  if (Object.hasOwn(value, directiveMarker)) return undefined
  return mapMembers(value, removeDirectives)
}

/** The value without members that are null, at any depth. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isObject(value)) return value
  return mapMembers(value, (member) => (member === null ? undefined : withoutNulls(member)))
}

function mapMembers(value: Record<string, unknown>, change: (member: unknown) => unknown): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const member = change(value[key])
    if (member === undefined) continue
    if (key !== '__proto__') result[key] = member
    else Object.defineProperty(result, key, { value: member, enumerable: true, writable: true, configurable: true })
  }
  return result
}
