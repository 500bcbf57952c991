import assert from 'node:assert/strict'
import { SourceMap } from 'node:module'
import { test } from 'node:test'
import fc from 'fast-check'
import { sourcePosition } from './source-position.ts'

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function vlq(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1
  let text = ''
  do {
    const digit = rest & 31
    rest >>>= 5
    text += digits[rest > 0 ? digit | 32 : digit]
  } while (rest > 0)
  return text
}

/** A segment: how far it lies behind the one before, and whence it comes. */
type Segment = readonly [behind: number, source: number, line: number, column: number]

function encode(lines: readonly (readonly Segment[])[]): string {
  let before = [0, 0, 0]
  return lines
    .map((segments) =>
      segments
        .map(([behind, ...from]) => {
          const text = [behind, ...from.map((value, index) => value - before[index]!)].map(vlq).join('')
          before = from
          return text
        })
        .join(','),
    )
    .join(';')
}

const sources = ['a.ts', 'b.ts', 'c.ts']
const segment = fc.tuple(
  fc.integer({ min: 1, max: 90 }),
  fc.nat(sources.length - 1),
  fc.nat(5000),
  fc.nat(200),
) satisfies fc.Arbitrary<Segment>

test('a position is found where the platform finds it', () => {
  fc.assert(
    fc.property(fc.array(fc.array(segment, { maxLength: 6 }), { minLength: 1, maxLength: 8 }), (lines) => {
      const map = { sources, mappings: encode(lines) }
      const oracle = new SourceMap({ version: 3, file: '', names: [], sourceRoot: '', sourcesContent: [], ...map })
      for (const [index, segments] of lines.entries()) {
        let at = 0
        for (const [behind] of segments) {
          at += behind
          const entry = oracle.findEntry(index, at) as {
            originalSource: string
            originalLine: number
            originalColumn: number
          }
          assert.deepEqual(sourcePosition(map, index + 1, at + 1), {
            source: entry.originalSource,
            line: entry.originalLine + 1,
            column: entry.originalColumn + 1,
          })
        }
      }
    }),
  )
})

test('what comes from no source has no position', () => {
  const map = { sources, mappings: `AAAA;A,C${vlq(0)}${vlq(3)}A` }
  assert.deepEqual(sourcePosition(map, 1, 9), { source: 'a.ts', line: 1, column: 1 })
  assert.equal(sourcePosition(map, 2, 1), undefined)
  assert.deepEqual(sourcePosition(map, 2, 2), { source: 'a.ts', line: 4, column: 1 })
  assert.equal(sourcePosition(map, 3, 1), undefined)
})
