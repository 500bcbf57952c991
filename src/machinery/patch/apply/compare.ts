import { isObject, jsonEqual } from '../../json.ts'
import { FieldSet } from './field-set.ts'
import { itemElement } from './list-item.ts'
import { formOf, memberType, type ListType, type MapType, type ObjectType } from './object-type.ts'
import { fieldElement, type PathElement } from './path-element.ts'
import { scalarFault } from './typed-validation.ts'

/** What differs between two values of a type; no field is in more than one set. */
export interface Comparison {
  /** Only the first has it. */
  readonly removed: FieldSet
  /** Both have it, with other values. */
  readonly modified: FieldSet
  /** Only the second has it. */
  readonly added: FieldSet
}

/**
 * structured-merge-diff typed/compare.go. What both share by reference is equal, and is not walked. `undefined` is
 * absent, null is a value.
 */
export function compareValues(left: unknown, right: unknown, type: ObjectType): Comparison {
  const walk = new Walk()
  if (left !== right) walk.compare(left, right, type)
  return walk
}

/** A set that grows along a walk: the nodes on the way to where it last was are not looked up again. */
class Growing {
  readonly set = new FieldSet()
  readonly #nodes: FieldSet[] = [this.set]

  insert(path: readonly PathElement[]): void {
    if (path.length === 0) return
    const nodes = this.#nodes
    while (nodes.length < path.length) nodes.push(nodes.at(-1)!.descend(path[nodes.length - 1]!))
    nodes[path.length - 1]!.add(path.at(-1)!)
  }

  /** The walk has left the last element of a path that is now so long. */
  left(length: number): void {
    if (this.#nodes.length > length + 1) this.#nodes.length = length + 1
  }
}

class Walk implements Comparison {
  readonly #removed = new Growing()
  readonly #modified = new Growing()
  readonly #added = new Growing()
  readonly #path: PathElement[] = []

  get removed(): FieldSet {
    return this.#removed.set
  }
  get modified(): FieldSet {
    return this.#modified.set
  }
  get added(): FieldSet {
    return this.#added.set
  }

  compare(left: unknown, right: unknown, type: ObjectType): void {
    const leftForm = formOf(type, left)
    const rightForm = formOf(type, right)
    let inLeaf: boolean
    if (right === undefined) inLeaf = this.#handle(left, right, leftForm)
    else if (left === undefined || leftForm === rightForm) inLeaf = this.#handle(left, right, rightForm)
    else {
      this.#handle(left, right, leftForm)
      inLeaf = this.#handle(left, right, rightForm)
    }
    if (inLeaf) return
    if (left === undefined) this.#added.insert(this.#path)
    else if (right === undefined) this.#removed.insert(this.#path)
  }

  /** Whether the values were taken as a leaf. */
  #handle(left: unknown, right: unknown, form: ObjectType): boolean {
    if (form.map !== undefined) return this.#maps(left, right, form.map)
    if (form.scalar !== undefined) {
      if (scalarFault(form.scalar, left) !== undefined && scalarFault(form.scalar, right) !== undefined) return false
      return this.#leaf(left, right)
    }
    return form.list === undefined ? false : this.#lists(left, right, form.list)
  }

  #leaf(left: unknown, right: unknown): true {
    if (left === undefined) this.#added.insert(this.#path)
    else if (right === undefined) this.#removed.insert(this.#path)
    else if (!jsonEqual(left, right)) this.#modified.insert(this.#path)
    return true
  }

  #maps(left: unknown, right: unknown, map: MapType): boolean {
    const mine = isObject(left) ? left : undefined
    const theirs = isObject(right) ? right : undefined
    // Two that are empty are a leaf, so that empty and null stay apart.
    if (map.atomic || (isEmpty(mine) && isEmpty(theirs))) return this.#leaf(left, right)
    if (theirs !== undefined) {
      for (const name of Object.keys(theirs))
        this.#member(name, mine === undefined ? undefined : own(mine, name), theirs[name], map)
    }
    if (mine !== undefined) {
      for (const name of Object.keys(mine)) {
        if (theirs === undefined || own(theirs, name) === undefined) this.#member(name, mine[name], undefined, map)
      }
    }
    return false
  }

  #member(name: string, left: unknown, right: unknown, map: MapType): void {
    if (left === right) return
    this.#at(fieldElement(name), left, right, memberType(map, name) ?? {})
  }

  #at(element: PathElement, left: unknown, right: unknown, type: ObjectType): void {
    this.#path.push(element)
    this.compare(left, right, type)
    this.#path.pop()
    const { length } = this.#path
    this.#removed.left(length)
    this.#modified.left(length)
    this.#added.left(length)
  }

  #lists(left: unknown, right: unknown, list: ListType): boolean {
    const mine = Array.isArray(left) ? left : undefined
    const theirs = Array.isArray(right) ? right : undefined
    if (list.relationship === 'atomic' || (!mine?.length && !theirs?.length)) return this.#leaf(left, right)
    const mineBy = groupItems(list, mine)
    const theirsBy = groupItems(list, theirs)
    for (const [element, items] of mineBy) this.#items(element, items, theirsBy.get(element) ?? none, list)
    for (const [element, items] of theirsBy) if (!mineBy.has(element)) this.#items(element, none, items, list)
    return false
  }

  /** Items of one key; several of them count as one atomic value. */
  #items(element: PathElement, left: readonly unknown[], right: readonly unknown[], list: ListType): void {
    if (left.length <= 1 && right.length <= 1) {
      if (left[0] !== right[0]) this.#at(element, left[0], right[0], list.element)
      return
    }
    const path = [...this.#path, element]
    if (left.length >= 2 && right.length >= 2) {
      if (!jsonEqual(left, right)) this.#modified.insert(path)
    } else if (left.length >= 2) {
      if (right.length > 0) this.#at(element, undefined, right[0], list.element)
      this.#removed.insert(path)
    } else {
      if (left.length > 0) this.#at(element, left[0], undefined, list.element)
      this.#added.insert(path)
    }
  }
}

const none: readonly unknown[] = []

function own(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined
}

function isEmpty(value: Readonly<Record<string, unknown>> | undefined): boolean {
  if (value === undefined) return true
  for (const name of Object.keys(value)) if (value[name] !== undefined) return false
  return true
}

function groupItems(list: ListType, items: readonly unknown[] | undefined): Map<PathElement, unknown[]> {
  const groups = new Map<PathElement, unknown[]>()
  for (const item of items ?? none) {
    const element = itemElement(list, item)
    const group = groups.get(element)
    if (group === undefined) groups.set(element, [item])
    else group.push(item)
  }
  return groups
}
