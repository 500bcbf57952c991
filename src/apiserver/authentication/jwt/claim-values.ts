import { unescapeName } from '../../../machinery/cel/escaped-names.ts'
import { ListValue, MapValue, type Value } from '../../../machinery/cel/value.ts'

/**
 * Claims as expressions see them: numbers are doubles, as Go decodes them, and names that CEL cannot write may be
 * written escaped (apiserver plugin/pkg/authenticator/token/oidc newClaimsValue, nativeToValueWithUnescape).
 */
export function claimValue(json: unknown): Value {
  if (typeof json === 'string' || typeof json === 'boolean' || typeof json === 'number') return json
  if (Array.isArray(json)) return new ClaimList(json)
  if (typeof json === 'object' && json !== null) return new ClaimMap(json as Readonly<Record<string, unknown>>)
  return null
}

class ClaimMap extends MapValue {
  readonly #claims: Readonly<Record<string, unknown>>
  constructor(claims: Readonly<Record<string, unknown>>) {
    super()
    this.#claims = claims
  }
  get size(): number {
    return Object.keys(this.#claims).length
  }
  find(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined
    const name = unescapeName(key) ?? key
    return Object.hasOwn(this.#claims, name) ? claimValue(this.#claims[name]) : undefined
  }
  keys(): Iterable<Value> {
    return Object.keys(this.#claims)
  }
}

class ClaimList extends ListValue {
  readonly #items: readonly unknown[]
  constructor(items: readonly unknown[]) {
    super()
    this.#items = items
  }
  get size(): number {
    return this.#items.length
  }
  at(index: number): Value {
    return claimValue(this.#items[index])
  }
}
