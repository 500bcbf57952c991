import { goPrint, goTypeOf } from '../../go-print.ts'
import { goQuote } from '../../field-error.ts'
import { isObject } from '../../json.ts'
import { itemElement } from './list-item.ts'
import { formOf, memberType, type ListType, type MapType, type ObjectType } from './object-type.ts'
import { fieldElement, printElement } from './path-element.ts'

/** Faults of a value that does not fit its type (structured-merge-diff typed/validate.go); none when it fits. */
export function typeFaults(value: unknown, type: ObjectType, allowDuplicates: boolean): string[] {
  const faults: string[] = []
  visit(value, type, '', allowDuplicates, faults)
  return faults
}

/** The faults as one error's text. */
export function faultText(faults: readonly string[]): string {
  return faults.length === 1 ? faults[0]! : ['errors:', ...faults.map((fault) => `  ${fault}`)].join('\n')
}

function visit(value: unknown, whole: ObjectType, path: string, allowDuplicates: boolean, faults: string[]): void {
  if (value === null || value === undefined) return
  const type = formOf(whole, value)
  const fault = (text: string) => faults.push(path === '' ? text : `${path}: ${text}`)
  if (type.map !== undefined) {
    if (!isObject(value)) fault(`expected map, got &{${goPrint(value)}}`)
    else visitMembers(value, type.map, path, allowDuplicates, faults)
  } else if (type.scalar !== undefined) {
    const text = scalarFault(type.scalar, value)
    if (text !== undefined) fault(text)
  } else if (type.list !== undefined) {
    if (!Array.isArray(value)) fault(`expected list, got &{${goPrint(value)}}`)
    else visitItems(value, type.list, path, allowDuplicates, faults)
  }
}

function visitMembers(
  value: Readonly<Record<string, unknown>>,
  map: MapType,
  path: string,
  allowDuplicates: boolean,
  faults: string[],
): void {
  for (const name of Object.keys(value)) {
    if (value[name] === undefined) continue
    const type = memberType(map, name)
    const at = `${path}${printElement(fieldElement(name))}`
    if (type === undefined) {
      // Upstream stops at the first.
      faults.push(`${at}: field not declared in schema`)
      return
    }
    visit(value[name], type, at, allowDuplicates, faults)
  }
}

function visitItems(
  items: readonly unknown[],
  list: ListType,
  path: string,
  allowDuplicates: boolean,
  faults: string[],
): void {
  const seen = new Set<string>()
  for (const [index, item] of items.entries()) {
    let at = `[${index}]`
    if (list.relationship === 'associative') {
      try {
        const element = itemElement(list, item)
        at = printElement(element)
        if (seen.has(element) && !allowDuplicates) faults.push(prefixed(path, `duplicate entries for key ${at}`))
        seen.add(element)
      } catch (error) {
        faults.push(prefixed(path, `element ${index}: ${(error as Error).message}`))
        return
      }
    }
    visit(item, list.element, `${path}${at}`, allowDuplicates, faults)
  }
}

function prefixed(path: string, text: string): string {
  return path === '' ? text : `${path}: ${text}`
}

export function scalarFault(scalar: NonNullable<ObjectType['scalar']>, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  const type = typeof value
  switch (scalar) {
    case 'numeric':
      return type === 'number' ? undefined : `expected numeric (int or float), got ${goTypeOf(value)}`
    case 'string':
      return type === 'string' ? undefined : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`
    case 'boolean':
      return type === 'boolean' ? undefined : `expected boolean, got &{${goPrint(value)}}`
    default:
      return type === 'object' ? `expected any scalar, got &{${goPrint(value)}}` : undefined
  }
}

/** As `%#v` prints a decoded JSON value. */
function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)'
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (isObject(value)) {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `map[string]interface {}{${members.map(([key, member]) => `${goQuote(key)}:${goSyntax(member)}`).join(', ')}}`
  }
  return typeof value === 'string' ? goQuote(value) : String(value)
}
