import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeMadeList, isMadeList } from './encode-made-list.ts'

const row = (index: number) => ({ cells: [`web-${index}`, 'ü'.repeat(1000)], object: null })
const tables = [0, 1, 500].map((rows) => ({
  kind: 'Table',
  apiVersion: 'meta.k8s.io/v1',
  metadata: { resourceVersion: '7' },
  columnDefinitions: [],
  rows: Array.from({ length: rows }, (_, index) => row(index)),
}))

test('the rows of a table are encoded one by one, in chunks that make the whole', () => {
  for (const table of tables) {
    assert.ok(isMadeList(table))
    const chunks = [...encodeMadeList(table)]
    assert.equal(Buffer.concat(chunks).toString(), `${JSON.stringify(table)}\n`)
    assert.equal(chunks.length > 1, table.rows.length === 500)
  }
})

test('what is no list is not taken for one', () => {
  assert.equal(isMadeList({ kind: 'Table', rows: null }), false)
  assert.equal(isMadeList({ kind: 'PartialObjectMetadata', items: [] }), false)
})

test('lists of metadata are encoded alike', () => {
  const list = { kind: 'PartialObjectMetadataList', metadata: {}, items: [{ metadata: { name: 'a' } }] }
  assert.ok(isMadeList(list))
  assert.equal(Buffer.concat([...encodeMadeList(list)]).toString(), `${JSON.stringify(list)}\n`)
})
