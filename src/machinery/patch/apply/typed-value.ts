import { isObject } from '../../json.ts'
import { FieldSet } from './field-set.ts'
import { itemElement } from './list-item.ts'
import { formOf, memberType, type ObjectType } from './object-type.ts'
import { fieldElement, type PathElement } from './path-element.ts'

/** What a value of a type owns, and the value without some of it (structured-merge-diff typed/{tofieldset,remove}.go). */

/** Every leaf and every list item of the value. */
export function fieldSetOf(value: unknown, type: ObjectType): FieldSet {
  const set = new FieldSet()
  collect(value, type, set, undefined, undefined)
  return set
}

// `owner` and `self`: where the value itself is inserted when it is a leaf. The root is nobody's.
function collect(
  value: unknown,
  whole: ObjectType,
  node: FieldSet,
  owner: FieldSet | undefined,
  self: PathElement | undefined,
): void {
  const type = formOf(whole, value)
  if (type.map !== undefined) {
    if (type.map.atomic) owner?.add(self!)
    else if (isObject(value)) {
      for (const name of Object.keys(value)) {
        const member = value[name]
        if (member === undefined) continue
        const element = fieldElement(name)
        const child = new FieldSet()
        collect(member, memberType(type.map, name) ?? {}, child, node, element)
        if (child.members.size > 0 || child.children.size > 0) node.setBelow(element, child)
        const isEmpty = member === null || (isObject(member) && Object.keys(member).length === 0)
        if (isEmpty || !type.map.fields.has(name)) node.add(element)
      }
    }
  } else if (type.scalar !== undefined) owner?.add(self!)
  else if (type.list !== undefined) {
    if (type.list.relationship === 'atomic') owner?.add(self!)
    else if (Array.isArray(value)) {
      const elements = value.map((item) => itemElement(type.list!, item))
      const seen = new Set<PathElement>()
      const repeated = new Set(elements.filter((element) => seen.has(element) || !seen.add(element)))
      for (const [index, element] of elements.entries()) {
        node.add(element)
        if (repeated.has(element)) continue
        const child = new FieldSet()
        collect(value[index], type.list.element, child, node, element)
        if (child.members.size > 0 || child.children.size > 0) node.setBelow(element, child)
      }
    }
  }
}

/**
 * The value without the fields of the set. A map or list that loses all becomes null, atomic ones too; what is left
 * alone is shared.
 */
export function withoutFields(value: unknown, whole: ObjectType, removed: FieldSet): unknown {
  const type = formOf(whole, value)
  if (type.map !== undefined) {
    if (!isObject(value) || type.map.atomic) return null
    const kept: Record<string, unknown> = {}
    let count = 0
    for (const name of Object.keys(value)) {
      const element = fieldElement(name)
      if (value[name] === undefined || removed.members.has(element)) continue
      const below = removed.below(element)
      kept[name] = below.empty ? value[name] : withoutFields(value[name], memberType(type.map, name) ?? {}, below)
      count++
    }
    return count > 0 ? kept : null
  }
  if (type.scalar !== undefined) return value
  if (type.list === undefined || !Array.isArray(value) || type.list.relationship === 'atomic') return null
  const kept: unknown[] = []
  for (const item of value) {
    const element = itemElement(type.list, item)
    if (removed.members.has(element)) continue
    const below = removed.below(element)
    kept.push(below.empty ? item : withoutFields(item, type.list.element, below))
  }
  return kept.length > 0 ? kept : null
}

/** The set with the named fields of structs that lead to its members (fieldpath.EnsureNamedFieldsAreMembers). */
export function withNamedFields(set: FieldSet, type: ObjectType | undefined): FieldSet {
  const members = new Set(set.members)
  const children = new Map<PathElement, FieldSet>()
  for (const [element, child] of set.children) {
    const name = element.slice(2)
    let childType: ObjectType | undefined
    if (element.startsWith('f:') && type?.map !== undefined) {
      if (type.map.fields.has(name)) members.add(element)
      childType = memberType(type.map, name)
    } else if (element.startsWith('k:')) childType = type?.list?.element
    children.set(element, withNamedFields(child, childType))
  }
  return new FieldSet(members, children)
}

const reconciled = new WeakMap<FieldSet, WeakMap<ObjectType, FieldSet>>()

/**
 * The set as the present type has it: what lies below a field that became atomic is now the field itself
 * (typed/reconcile_schema.go). Remembered.
 */
export function reconcileWithType(set: FieldSet, type: ObjectType): FieldSet {
  let byType = reconciled.get(set)
  if (byType === undefined) reconciled.set(set, (byType = new WeakMap()))
  let result = byType.get(type)
  if (result === undefined) byType.set(type, (result = reconcile(set, type)))
  return result
}

function reconcile(set: FieldSet, type: ObjectType): FieldSet {
  let members: Set<PathElement> | undefined
  let children: Map<PathElement, FieldSet> | undefined
  for (const [element, child] of set.children) {
    const childType = element.startsWith('f:')
      ? type.map && memberType(type.map, element.slice(2))
      : type.map === undefined
        ? type.list?.element
        : undefined
    if (childType === undefined) continue
    const isAtomic =
      childType.map !== undefined
        ? childType.map.atomic
        : childType.scalar === undefined && childType.list?.relationship === 'atomic'
    const next = isAtomic ? undefined : reconcile(child, childType)
    if (next === child) continue
    children ??= new Map(set.children)
    if (next !== undefined) {
      children.set(element, next)
      continue
    }
    children.delete(element)
    members ??= new Set(set.members)
    members.add(element)
  }
  return children === undefined ? set : new FieldSet(members ?? new Set(set.members), children)
}
