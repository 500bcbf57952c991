/**
 * Deep equality where what Go's JSON leaves out when empty counts as absent: undefined, null, '', 0, false, [] and {}
 * (apimachinery equality.Semantic on structs that were decoded). For statuses and templates that a server stored.
 */
export function semanticEqual(a: unknown, b: unknown): boolean {
  if (a === b || (isEmpty(a) && isEmpty(b))) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => semanticEqual(item, b[index]))
  }
  if (Array.isArray(b)) return false
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  for (const field of Object.keys(left)) if (!semanticEqual(left[field], right[field])) return false
  for (const field of Object.keys(right)) if (!(field in left) && !isEmpty(right[field])) return false
  return true
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true
  if (typeof value !== 'object') return false
  if (Array.isArray(value)) return value.length === 0
  for (const member of Object.values(value)) if (!isEmpty(member)) return false
  return true
}
