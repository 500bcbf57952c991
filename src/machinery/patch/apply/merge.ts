import { isObject } from '../../json.ts'
import { itemElement } from './list-item.ts'
import { formOf, memberType, type ListType, type MapType, type ObjectType } from './object-type.ts'
import { printElement, type PathElement } from './path-element.ts'

/**
 * The live value with the applied one laid over it (structured-merge-diff typed/merge.go): nothing is removed, applied
 * leaves win, lists keep the live order unless the applied one says otherwise. `undefined` is absent. Throws when the
 * applied value has two items of one key.
 */
export function mergeValues(live: unknown, applied: unknown, type: ObjectType): unknown {
  if (applied === undefined || live === applied) return live
  if (live === undefined) return applied
  const form = formOf(type, applied)
  if (form.map !== undefined) return mergeMaps(live, applied, form.map)
  if (form.scalar !== undefined) return applied
  return form.list === undefined ? applied : mergeLists(live, applied, form.list)
}

function mergeMaps(live: unknown, applied: unknown, map: MapType): unknown {
  const mine = isObject(live) ? live : undefined
  const theirs = isObject(applied) ? applied : undefined
  if (map.atomic || (isEmpty(mine) && isEmpty(theirs))) return applied
  if (theirs === undefined) return mine
  const merged: Record<string, unknown> = { ...mine }
  for (const name of Object.keys(theirs)) {
    if (theirs[name] === undefined) continue
    const value = mergeValues(
      mine !== undefined && Object.hasOwn(mine, name) ? mine[name] : undefined,
      theirs[name],
      memberType(map, name) ?? {},
    )
    if (name !== '__proto__') merged[name] = value
    else Object.defineProperty(merged, name, { value, enumerable: true, writable: true, configurable: true })
  }
  return merged
}

function isEmpty(value: Readonly<Record<string, unknown>> | undefined): boolean {
  return value === undefined || Object.keys(value).length === 0
}

function mergeLists(live: unknown, applied: unknown, list: ListType): unknown {
  const mine: readonly unknown[] = Array.isArray(live) ? live : []
  const theirs: readonly unknown[] = Array.isArray(applied) ? applied : []
  if (list.relationship === 'atomic' || mine.length + theirs.length === 0) return applied
  return new ListMerge(mine, theirs, list).run()
}

/**
 * Walks both lists at once. Items of both come in the applied order; live items that the applied list does not have
 * stay before the shared item that followed them.
 */
class ListMerge {
  readonly #mine: readonly unknown[]
  readonly #list: ListType
  readonly #mineElements: readonly PathElement[]
  readonly #theirElements: readonly PathElement[]
  readonly #mineBy = new Map<PathElement, unknown>()
  readonly #theirsBy = new Map<PathElement, unknown>()
  readonly #shared: PathElement[]

  constructor(mine: readonly unknown[], theirs: readonly unknown[], list: ListType) {
    this.#mine = mine
    this.#list = list
    this.#mineElements = mine.map((item) => itemElement(list, item))
    this.#theirElements = theirs.map((item) => itemElement(list, item))
    // Live items that share a key merge with nothing.
    for (const [index, element] of this.#mineElements.entries()) {
      this.#mineBy.set(element, this.#mineBy.has(element) ? null : mine[index])
    }
    for (const [index, element] of this.#theirElements.entries()) {
      if (this.#theirsBy.has(element)) throw new Error(`duplicate entries for key ${printElement(element)}`)
      this.#theirsBy.set(element, theirs[index])
    }
    this.#shared = this.#theirElements.filter((element) => this.#mineBy.has(element))
  }

  run(): unknown[] {
    const merged: unknown[] = []
    const done = new Set<PathElement>()
    let nextShared = this.#shared.shift()
    let [mine, theirs] = [0, 0]
    const takeTheirs = (element: PathElement) => {
      done.add(element)
      merged.push(mergeValues(this.#mineBy.get(element), this.#theirsBy.get(element), this.#list.element))
    }
    while (mine < this.#mineElements.length || theirs < this.#theirElements.length) {
      const left = this.#mineElements[mine]
      const right = this.#theirElements[theirs]
      if (left !== undefined && right !== undefined) {
        if (left === right) {
          takeTheirs(left)
          mine++
          theirs++
          nextShared = this.#shared.shift()
          continue
        }
        if (this.#theirsBy.has(left) && nextShared !== undefined && nextShared !== left) {
          mine++
          continue
        }
      }
      if (left !== undefined) {
        if (!this.#theirsBy.has(left)) {
          merged.push(this.#mine[mine])
          mine++
          continue
        }
        if (done.has(left)) mine++
      }
      if (right !== undefined) {
        takeTheirs(right)
        theirs++
        if (nextShared === right) nextShared = this.#shared.shift()
      }
    }
    return merged
  }
}
