import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { orderElements } from './strategic-merge-list.ts'

/** Upstream's sort, move by move: without a rank on either side it takes the left for less. */
function byInsertion(items: number[], rankOf: (item: number) => number | undefined): number[] {
  const less = (a: number, b: number) => {
    const [left, right] = [rankOf(a), rankOf(b)]
    return left === undefined || right === undefined || left < right
  }
  for (let i = 1; i < items.length; i++) {
    for (let j = i; j > 0 && less(items[j]!, items[j - 1]!); j--) {
      const item = items[j]!
      items[j] = items[j - 1]!
      items[j - 1] = item
    }
  }
  return items
}

test('property: items end up where an insertion sort by their live rank leaves them', () => {
  const list = fc.uniqueArray(fc.nat(12), { maxLength: 12 })
  fc.assert(
    fc.property(list, list, (merged, live) => {
      const wanted = byInsertion([...merged], (item) => (live.includes(item) ? live.indexOf(item) : undefined))
      assert.deepEqual(orderElements(merged, [], live, ''), wanted)
    }),
    { numRuns: 2000 },
  )
})
