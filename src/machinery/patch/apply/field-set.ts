import { deepFreeze, isObject } from '../../json.ts'
import { compareElements, parseElement, printElement, type PathElement } from './path-element.ts'

/** Most nodes of a tree have only members, or only children. */
const noMembers: Set<PathElement> = new Set()
const noChildren: Map<PathElement, FieldSet> = new Map()

/**
 * A set of fields, as a tree (structured-merge-diff fieldpath.Set). Never changed once it is handed on; `add`,
 * `setBelow`, `insert` and `descend` are for whoever builds it. A child node does not make its element a member.
 */
export class FieldSet {
  #members: Set<PathElement>
  #children: Map<PathElement, FieldSet>

  constructor(members: Set<PathElement> = noMembers, children: Map<PathElement, FieldSet> = noChildren) {
    this.#members = members
    this.#children = children
  }

  get members(): ReadonlySet<PathElement> {
    return this.#members
  }
  get children(): ReadonlyMap<PathElement, FieldSet> {
    return this.#children
  }

  /** Makes the element a member. */
  add(element: PathElement): void {
    if (this.#members === noMembers) this.#members = new Set()
    this.#members.add(element)
  }

  /** Says what lies below the element. */
  setBelow(element: PathElement, child: FieldSet): void {
    if (this.#children === noChildren) this.#children = new Map()
    this.#children.set(element, child)
  }

  static of(...paths: readonly (readonly PathElement[])[]): FieldSet {
    const set = new FieldSet()
    for (const path of paths) set.insert(path)
    return set
  }

  /** The empty path is the object itself, which nobody owns. */
  insert(path: readonly PathElement[]): void {
    let node: FieldSet = this
    for (let i = 0; i < path.length - 1; i++) node = node.descend(path[i]!)
    if (path.length > 0) node.add(path.at(-1)!)
  }

  descend(element: PathElement): FieldSet {
    let child = this.#children.get(element)
    if (child === undefined) this.setBelow(element, (child = new FieldSet()))
    return child
  }

  get empty(): boolean {
    if (this.members.size > 0) return false
    for (const child of this.children.values()) if (!child.empty) return false
    return true
  }

  /** Of a set that was made of others: what is empty in them was left out. */
  get #bare(): boolean {
    return this.#members.size === 0 && this.#children.size === 0
  }

  has(path: readonly PathElement[]): boolean {
    let node: FieldSet | undefined = this
    for (let i = 0; i < path.length - 1 && node !== undefined; i++) node = node.children.get(path[i]!)
    return path.length > 0 && node !== undefined && node.members.has(path.at(-1)!)
  }

  /** What lies below the element. */
  below(element: PathElement): FieldSet {
    return this.children.get(element) ?? nothing
  }

  union(other: FieldSet): FieldSet {
    if (other.members.size === 0 && other.children.size === 0) return this
    if (this.members.size === 0 && this.children.size === 0) return other
    const members = new Set(this.members)
    for (const element of other.members) members.add(element)
    const children = new Map(this.children)
    for (const [element, theirs] of other.children) {
      const mine = children.get(element)
      children.set(element, mine === undefined ? theirs : mine.union(theirs))
    }
    return new FieldSet(members, children)
  }

  intersection(other: FieldSet): FieldSet {
    const members = new Set<PathElement>()
    for (const element of this.members) if (other.members.has(element)) members.add(element)
    const children = new Map<PathElement, FieldSet>()
    for (const [element, mine] of this.children) {
      const theirs = other.children.get(element)
      if (theirs === undefined) continue
      const both = mine.intersection(theirs)
      if (!both.#bare) children.set(element, both)
    }
    return new FieldSet(members, children)
  }

  /** Members of this set that are not members of the other; a parent takes nothing away from its children. */
  difference(other: FieldSet): FieldSet {
    return this.#without(other, false)
  }

  /** As {@link difference}, but a member of the other set takes all below it along. */
  recursiveDifference(other: FieldSet): FieldSet {
    return this.#without(other, true)
  }

  #without(other: FieldSet, recursive: boolean): FieldSet {
    if (other.members.size === 0 && other.children.size === 0) return this
    const members = new Set<PathElement>()
    for (const element of this.members) if (!other.members.has(element)) members.add(element)
    const children = new Map<PathElement, FieldSet>()
    let same = members.size === this.members.size
    for (const [element, mine] of this.children) {
      const theirs = other.children.get(element)
      if (recursive && other.members.has(element)) same = false
      else if (theirs === undefined) children.set(element, mine)
      else {
        const rest = mine.#without(theirs, recursive)
        if (rest !== mine) same = false
        if (!rest.#bare) children.set(element, rest)
        else same = false
      }
    }
    return same ? this : new FieldSet(members, children)
  }

  /** Members without members below them. */
  leaves(): FieldSet {
    const members = new Set([...this.members].filter((element) => !this.children.has(element)))
    return new FieldSet(members, new Map([...this.children].map(([element, child]) => [element, child.leaves()])))
  }

  equals(other: FieldSet): boolean {
    if (this === other) return true
    if (this.members.size !== other.members.size || this.children.size !== other.children.size) return false
    for (const element of this.members) if (!other.members.has(element)) return false
    for (const [element, child] of this.children) {
      const theirs = other.children.get(element)
      if (theirs === undefined || !child.equals(theirs)) return false
    }
    return true
  }

  /** Every member's path, parents first, in the order of elements. */
  *paths(prefix: readonly PathElement[] = []): Generator<readonly PathElement[]> {
    for (const element of [...this.members].sort(compareElements)) yield [...prefix, element]
    const children = [...this.children].sort(([a], [b]) => compareElements(a, b))
    for (const [element, child] of children) yield* child.paths([...prefix, element])
  }
}

const nothing = new FieldSet()

export function printPath(path: readonly PathElement[]): string {
  return path.map(printElement).join('')
}

/** A set in the form of the API. */
export type FieldsV1 = { readonly [element: string]: unknown }

const parsed = new WeakMap<object, FieldSet>()

/** Throws when a key is no path element. Remembered per object, for managed fields are parsed again and again. */
export function parseFieldsV1(fields: FieldsV1): FieldSet {
  let set = parsed.get(fields)
  if (set === undefined) {
    set = readNode(fields).set
    parsed.set(fields, set)
  }
  return set
}

function readNode(fields: unknown): { set: FieldSet; isMember: boolean } {
  const set = new FieldSet()
  let isMember = false
  if (isObject(fields)) {
    for (const key of Object.keys(fields)) {
      if (key === '.') {
        isMember = true
        continue
      }
      const element = parseElement(key)
      if (element === undefined) continue
      const child = readNode(fields[key])
      if (child.isMember) set.add(element)
      if (child.set.members.size > 0 || child.set.children.size > 0) set.setBelow(element, child.set)
    }
  }
  return { set, isMember: isMember || (set.members.size === 0 && set.children.size === 0) }
}

/**
 * The set in the form of the API, sorted as upstream sorts it, and frozen. Objects of a kind mostly have the same fields:
 * equal sets share one form, or managed fields would take as much memory as the objects themselves.
 */
export function formatFieldsV1(set: FieldSet): FieldsV1 {
  const shape = shapeOf(set)
  let fields = forms.get(shape)
  if (fields !== undefined) return fields
  fields = deepFreeze(writeNode(set, false))
  if (shapesLength > maxShapesLength) {
    forms.clear()
    shapesLength = 0
  }
  forms.set(shape, fields)
  shapesLength += shape.length
  return fields
}

/** By shape. */
const forms = new Map<string, FieldsV1>()
const maxShapesLength = 1024 * 1024
let shapesLength = 0

/** Says all of a set; equal sets that were built alike have the same. Lengths keep elements of any text apart. */
function shapeOf({ members, children }: FieldSet): string {
  let text = ''
  for (const element of members) text += `${element.length}.${element}`
  for (const [element, child] of children) text += `${element.length}(${element}${shapeOf(child)})`
  return text
}

function writeNode({ members, children }: FieldSet, isMember: boolean): Record<string, unknown> {
  const fields: Record<string, unknown> = isMember ? { '.': {} } : {}
  const elements = new Set([...members, ...children.keys()])
  for (const element of [...elements].sort(compareElements)) {
    const child = children.get(element)
    fields[element] = child === undefined ? {} : writeNode(child, members.has(element))
  }
  return fields
}
