import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Mvcc } from '../memory/mvcc.ts'
import { evaluate } from '../memory/transaction.ts'
import type { Row } from './row.ts'
import { Restoration } from './restoration.ts'

test('a compaction that is cut off anywhere brings nothing back and loses nothing', () => {
  const key = fc.constantFrom('/a', '/b', '/c')
  const step = fc.uniqueArray(fc.record({ key, gone: fc.boolean() }), {
    selector: (it) => it.key,
    minLength: 1,
    maxLength: 3,
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 15 }), fc.nat(), fc.nat(), (steps, compactAt, cut) => {
      const state = new Mvcc()
      const rows: Row[] = []
      for (const operations of steps) {
        const decided = evaluate(
          {
            compares: [],
            operations: operations.map(({ key, gone }) =>
              gone ? { type: 'delete', key } : { type: 'put', key, value: Uint8Array.of(rows.length) },
            ),
          },
          state,
          0,
        )
        assert.ok('batch' in decided)
        if (decided.batch.events.length === 0) continue
        state.apply(decided.batch)
        for (const event of decided.batch.events) {
          if (event.type === 'delete') rows.push([event.sequence, event.revision, 0, event.key, null, null])
          else {
            const { sequence, modRevision, createRevision, key, value } = event.entry
            rows.push([sequence, modRevision, createRevision, key, value, null])
          }
        }
      }
      const compactRevision = 1 + (compactAt % state.revision)
      const dead = state.compact(compactRevision)
      const deleted = new Set(dead.slice(0, cut % (dead.length + 1)))
      const restoration = new Restoration('/folder')
      for (const row of rows.toReversed()) if (!deleted.has(row[0])) restoration.add(row)
      const restored = restoration.finish(compactRevision)
      for (let at = compactRevision; at <= state.revision; at++) {
        assert.deepEqual(restored.state.list('', { at }).entries.map(plain), state.list('', { at }).entries.map(plain))
      }
      assert.equal(restored.state.revision, state.revision)
      assert.deepEqual(
        [...deleted, ...restored.dead].sort((a, b) => a - b),
        dead.sort((a, b) => a - b),
      )
    }),
  )
})

const plain = ({ key, createRevision, modRevision, value }: ReturnType<Mvcc['list']>['entries'][number]) => ({
  key,
  createRevision,
  modRevision,
  value: [...value],
})
