import type { JsonSchema } from '../values/json-schema.ts'

/** A path that names no field of the schema; the text says why. */
export class InvalidFieldPath extends Error {
  override readonly name = 'InvalidFieldPath'
}

export interface FoundField {
  /** As errors print it: `spec.ports[http]`. */
  readonly path: string
  readonly schema: JsonSchema
}

const noField = 'does not refer to a valid field'
const unexpectedEnd = 'unexpected end of JSON path'

/**
 * The field that a path of `.name` and `['name']` leads to, `''` being the schema itself; throws InvalidFieldPath
 * (apiextensions pkg/apiserver/schema/cel/validation.go ValidFieldPath).
 */
export function ruleFieldPath(text: string, from: JsonSchema, brackets = true): FoundField {
  const tokens = tokensOf(text)
  let found: FoundField = { path: '', schema: from }
  let at = 0
  while (at < tokens.length) {
    const token = tokens[at++]!
    if (token === '.') {
      const name = tokens[at++]
      if (name === undefined) throw new InvalidFieldPath(unexpectedEnd)
      found = step(found, name)
      continue
    }
    if (token !== '[') throw new InvalidFieldPath(`expected [ or . but got: ${token}`)
    if (!brackets) throw new InvalidFieldPath('array notation is not allowed')
    const quoted = tokens[at++]
    if (quoted === undefined) throw new InvalidFieldPath(unexpectedEnd)
    if (!/^'[^]*'$/.test(quoted)) throw new InvalidFieldPath(`expected single quoted string but got ${quoted}`)
    found = step(found, unquote(quoted))
    const close = tokens[at++]
    if (close === undefined) throw new InvalidFieldPath(unexpectedEnd)
    if (close !== ']') throw new InvalidFieldPath(`expected ] but got ${close}`)
  }
  return found
}

function tokensOf(text: string): string[] {
  // A quote that does not end takes the rest; upstream's scanner drops it.
  return text.match(/'(?:[^]*?[^\\])??'|'[^]*$|[.[\]]|[^.[\]']+[^.[\]]*/g) ?? []
}

function step({ path, schema }: FoundField, name: string): FoundField {
  const { properties, additionalProperties } = schema
  if (properties !== undefined) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (property === undefined) throw new InvalidFieldPath(noField)
    return { path: path === '' ? name : `${path}.${name}`, schema: property }
  }
  if (typeof additionalProperties !== 'object') throw new InvalidFieldPath(noField)
  return { path: `${path}[${name}]`, schema: additionalProperties }
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
}

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/g, (escape, char: string) => {
    const plain = escapes[char]
    if (plain === undefined) throw new InvalidFieldPath(`invalid string literal: invalid escape char ${escape}`)
    return plain
  })
}
