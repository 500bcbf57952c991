import type { Comparable } from './normalize.ts'

export interface Difference {
  /** `status`, `header warning`, `body.spec.replicas`, … */
  readonly path: string
  readonly upstream: unknown
  readonly skiff: unknown
}

/** What two answers do not agree on; none: they are the same, byte for byte. */
export function differences(upstream: Comparable, skiff: Comparable): readonly Difference[] {
  const found: Difference[] = []
  if (upstream.status !== skiff.status) found.push({ path: 'status', upstream: upstream.status, skiff: skiff.status })
  for (const name of new Set([...Object.keys(upstream.headers), ...Object.keys(skiff.headers)])) {
    if (upstream.headers[name] !== skiff.headers[name]) {
      found.push({ path: `header ${name}`, upstream: upstream.headers[name], skiff: skiff.headers[name] })
    }
  }
  if (upstream.body === skiff.body) return found
  const [theirs, ours] = [parsed(upstream.body), parsed(skiff.body)]
  const before = found.length
  compare('body', theirs, ours, found)
  if (found.length > before) return found
  const order = orderDifference('body', theirs, ours)
  if (order) found.push(order)
  // Managers of one second stand in any order.
  else if (!upstream.body.includes('"managedFields"')) found.push(firstBytes(upstream.body, skiff.body))
  return found
}

/** Values agree, so that only their order or notation differs. */
function orderDifference(path: string, upstream: unknown, skiff: unknown): Difference | undefined {
  if (typeof upstream !== 'object' || upstream === null || typeof skiff !== 'object' || skiff === null) return undefined
  const [theirs, ours] = [Object.keys(upstream), Object.keys(skiff)]
  if (theirs.join() !== ours.join()) return { path: `${path} (order)`, upstream: theirs, skiff: ours }
  for (const name of theirs) {
    // Those of one second are in any order.
    if (name === 'managedFields') continue
    const step = Array.isArray(upstream) ? `[${name}]` : `.${name}`
    const inner = orderDifference(
      path + step,
      (upstream as Readonly<Record<string, unknown>>)[name],
      (skiff as Readonly<Record<string, unknown>>)[name],
    )
    if (inner) return inner
  }
  return undefined
}

function firstBytes(upstream: string, skiff: string): Difference {
  let at = 0
  while (at < upstream.length && upstream[at] === skiff[at]) at++
  const around = (text: string) => text.slice(Math.max(0, at - 20), at + 60)
  return { path: 'body (bytes)', upstream: around(upstream), skiff: around(skiff) }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

function compare(path: string, upstream: unknown, skiff: unknown, found: Difference[]): void {
  if (upstream === skiff) return
  if (path.endsWith('.managedFields') && Array.isArray(upstream) && Array.isArray(skiff)) {
    compare(`${path} by manager`, byManager(upstream), byManager(skiff), found)
  } else if (Array.isArray(upstream) && Array.isArray(skiff)) {
    for (let index = 0; index < Math.max(upstream.length, skiff.length); index++) {
      compare(`${path}[${index}]`, upstream[index], skiff[index], found)
    }
  } else if (isMembers(upstream) && isMembers(skiff)) {
    for (const name of new Set([...Object.keys(upstream), ...Object.keys(skiff)])) {
      compare(`${path}.${name}`, upstream[name], skiff[name], found)
    }
  } else found.push({ path, upstream, skiff })
}

/** They are in the order of their times, and a second may begin between two writes on one server alone. */
function byManager(entries: readonly unknown[]): readonly unknown[] {
  const key = (entry: unknown) => {
    const { manager, operation, subresource } = (isMembers(entry) ? entry : {}) as Readonly<Record<string, string>>
    return `${operation} ${manager} ${subresource ?? ''}`
  }
  return entries.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
