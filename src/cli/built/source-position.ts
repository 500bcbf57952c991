/** A source map, as far as positions need it (ECMA-426). */
export interface SourceMapText {
  readonly sources: readonly string[]
  readonly mappings: string
}

export interface SourcePosition {
  readonly source: string
  /** From 1. */
  readonly line: number
  readonly column: number
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const digitOf = new Uint8Array(128)
for (let value = 0; value < digits.length; value++) digitOf[digits.charCodeAt(value)] = value

/**
 * Where the character at a line and a column of the generated file, both from 1, comes from. Reads the mappings up to there and
 * keeps nothing: positions are asked for when something failed.
 */
export function sourcePosition(map: SourceMapText, line: number, column: number): SourcePosition | undefined {
  const { mappings } = map
  // Of a segment: the column in the generated file, the source, its line and its column. All but the first go on from line to line.
  const fields = [0, 0, 0, 0, 0]
  let found: readonly number[] | undefined
  let at = 0
  for (let current = 1; at < mappings.length; at++) {
    const character = mappings[at]
    if (character === ';') {
      if (current === line) break
      current++
      fields[0] = 0
      continue
    }
    if (character === ',') continue
    let count = 0
    while (at < mappings.length && mappings[at] !== ',' && mappings[at] !== ';') {
      let value = 0
      for (let shift = 0; ; shift += 5) {
        const digit = digitOf[mappings.charCodeAt(at++)]!
        value |= (digit & 31) << shift
        if (digit < 32) break
      }
      fields[count++]! += value & 1 ? -(value >>> 1) : value >>> 1
    }
    at--
    if (current !== line || fields[0]! >= column) continue
    found = count === 1 ? undefined : [...fields]
  }
  const source = found && map.sources[found[1]!]
  return source === undefined ? undefined : { source, line: found![2]! + 1, column: found![3]! + 1 }
}
