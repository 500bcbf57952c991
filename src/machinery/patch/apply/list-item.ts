import { isObject } from '../../json.ts'
import type { ListType } from './object-type.ts'
import { keyElement, valueElement, type PathElement } from './path-element.ts'

/**
 * The path element by which an associative list knows the item (structured-merge-diff typed/helpers.go). Throws when
 * the item cannot have one.
 */
export function itemElement(list: ListType, item: unknown): PathElement {
  if (list.relationship !== 'associative') throw new Error('invalid indexing of non-associative list')
  return list.keys.length > 0 ? keyedElement(list, item) : setElement(item)
}

function keyedElement(list: ListType, item: unknown): PathElement {
  if (item === null || item === undefined) throw new Error('associative list with keys may not have a null element')
  if (!isObject(item)) throw new Error('associative list with keys may not have non-map elements')
  const keys: [string, unknown][] = []
  for (const name of list.keys) {
    // A key that is left out counts as its default; without one it is not part of the item's identity.
    const value = item[name] === undefined ? list.element.map?.fields.get(name)?.default : item[name]
    if (value !== undefined) keys.push([name, value])
  }
  if (keys.length === 0) {
    const names = `[${list.keys.map((name) => JSON.stringify(name)).join(' ')}]`
    throw new Error(
      `associative list with keys has an element that omits all key fields ${names} (and doesn't have default values for any key fields)`,
    )
  }
  return keyElement(keys)
}

function setElement(item: unknown): PathElement {
  if (item === null || item === undefined) {
    throw new Error("associative list without keys has an element that's an explicit null")
  }
  if (Array.isArray(item)) throw new Error('not supported: associative list with lists as elements')
  if (typeof item === 'object') throw new Error("associative list without keys has an element that's a map type")
  return valueElement(item)
}
