import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Row } from './row.ts'
import { RowPacker, transferred, unpacked } from './row-batch.ts'

test('rows come out of a batch as they went in, also in another thread', () => {
  const row: fc.Arbitrary<Row> = fc.tuple(
    fc.nat(),
    fc.nat(),
    fc.nat(),
    fc.string(),
    fc.option(fc.uint8Array(), { nil: null }),
    fc.option(fc.nat(), { nil: null }),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(row, fc.boolean())), (rows) => {
      const packer = new RowPacker()
      for (const [one, isCurrent] of rows) packer.add(one, { isCurrent })
      const batch = packer.packed()
      const received = structuredClone(batch, { transfer: transferred(batch) })
      assert.deepEqual(
        unpacked(received),
        rows.map(([one]) => one),
      )
    }),
  )
})

test('values that are current share no buffer with values that compaction forgets', () => {
  const packer = new RowPacker()
  packer.add([2, 3, 2, '/a', Uint8Array.of(1), null], { isCurrent: true })
  packer.add([1, 2, 2, '/a', Uint8Array.of(2), null], { isCurrent: false })
  const [current, past] = unpacked(packer.packed())
  assert.notEqual(current![4]!.buffer, past![4]!.buffer)
})
