/**
 * A JSON value as Go prints it with `%v`: `map[a:1 b:[x y]]`, keys sorted, `<nil>` for null. Upstream's messages quote
 * whole values that way.
 */
export function goPrint(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goPrint).join(' ')}]`
  if (typeof value === 'object') {
    const members = Object.entries(value).filter(([, member]) => member !== undefined)
    members.sort(([a], [b]) => (a < b ? -1 : 1))
    return `map[${members.map(([key, member]) => `${key}:${goPrint(member)}`).join(' ')}]`
  }
  return String(value)
}

/** A JSON value as Go prints it with `%s`, which says so where it is no string. */
export function goPrintText(value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean' ? `%!s(${goTypeOf(value)}=${value})` : goPrint(value)
}

/** The type that Go's decoder gives a JSON value, as `%T` prints it. */
export function goTypeOf(value: unknown): string {
  if (value === null || value === undefined) return '%!s(<nil>)'
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'object') return 'map[string]interface {}'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'boolean' ? 'bool' : 'string'
}

/** What Go's decoder calls a JSON value that does not fit. */
export function goUnmarshalName(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
