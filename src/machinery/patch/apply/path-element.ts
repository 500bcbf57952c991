import { goJson, goQuote } from '../../field-error.ts'

/**
 * One step of a field's path, in the form that FieldsV1 uses as a key (structured-merge-diff fieldpath/serialize-pe.go):
 * `f:name` a field, `k:{"name":"a"}` the item of a list by its keys, `v:"x"` an item of a set, `i:0` an index.
 */
export type PathElement = string

export function fieldElement(name: string): PathElement {
  return `f:${name}`
}

/** `keys` sorted by name. */
export function keyElement(keys: readonly (readonly [string, unknown])[]): PathElement {
  return `k:{${keys.map(([name, value]) => `${goJson(name)}:${goJson(value)}`).join(',')}}`
}

export function valueElement(value: unknown): PathElement {
  return `v:${goJson(value)}`
}

const canonical = new Map<string, PathElement | undefined>()
const maxRemembered = 20_000

/** The one spelling of a key that a client sent; undefined for kinds of element that are not known, which are dropped. */
export function parseElement(text: string): PathElement | undefined {
  if (text.startsWith('f:')) return text
  let known = canonical.get(text)
  if (known !== undefined || canonical.has(text)) return known
  known = parse(text)
  if (canonical.size >= maxRemembered) canonical.clear()
  canonical.set(text, known)
  return known
}

function parse(text: string): PathElement | undefined {
  if (text.length < 2) throw new Error('key must be 2 characters long:')
  if (text[1] !== ':') throw new Error(`missing colon: ${text}`)
  const rest = text.slice(2)
  switch (text[0]) {
    case 'k':
      return keyElement(Object.entries(JSON.parse(rest) as object).sort(([a], [b]) => (a < b ? -1 : 1)))
    case 'v':
      return valueElement(JSON.parse(rest))
    case 'i':
      if (!/^[+-]?[0-9]+$/.test(rest)) throw new Error(`strconv.Atoi: parsing ${goQuote(rest)}: invalid syntax`)
      return `i:${Number(rest)}`
    default:
      return undefined
  }
}

const rank: Readonly<Record<string, number>> = { f: 0, k: 1, v: 2, i: 3 }

/** The order in which a set is written. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a === b) return 0
  const kind = a[0]!
  if (kind !== b[0]) return rank[kind]! - rank[b[0]!]!
  if (kind === 'f') return a < b ? -1 : 1
  if (kind === 'i') return Number(a.slice(2)) - Number(b.slice(2))
  const [left, right] = [JSON.parse(a.slice(2)), JSON.parse(b.slice(2))]
  return kind === 'v' ? compareScalars(left, right) : compareKeys(Object.entries(left), Object.entries(right))
}

function compareKeys(a: [string, unknown][], b: [string, unknown][]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i]![0] !== b[i]![0]) return a[i]![0] < b[i]![0] ? -1 : 1
    const order = compareScalars(a[i]![1], b[i]![1])
    if (order !== 0) return order
  }
  return a.length - b.length
}

const typeRank: Readonly<Record<string, number>> = { number: 0, string: 1, boolean: 2 }

function compareScalars(a: unknown, b: unknown): number {
  if (a === b) return 0
  if (typeof a !== typeof b) return (typeRank[typeof a] ?? 3) - (typeRank[typeof b] ?? 3)
  return (a as string) < (b as string) ? -1 : 1
}

/** As conflicts and errors name it: `.spec`, `[name="a"]`, `[="x"]`, `[0]`. */
export function printElement(element: PathElement): string {
  const rest = element.slice(2)
  switch (element[0]) {
    case 'f':
      return `.${rest}`
    case 'k': {
      const keys = Object.entries(JSON.parse(rest) as object)
      return `[${keys.map(([name, value]) => `${name}=${printScalar(value)}`).join(',')}]`
    }
    case 'v':
      return `[=${printScalar(JSON.parse(rest))}]`
    default:
      return `[${rest}]`
  }
}

function printScalar(value: unknown): string {
  return typeof value === 'string' ? goQuote(value) : String(value)
}
