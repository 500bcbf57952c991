import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeMadeList } from './encode-made-list.ts'

const row = (index: number) => ({ cells: [`web-${index}`, 'ü'.repeat(1000)], object: null })
const head = {
  kind: 'Table',
  apiVersion: 'meta.k8s.io/v1',
  metadata: { resourceVersion: '7' },
  columnDefinitions: [],
}

test('the rows of a table are encoded one by one, in chunks that make the whole', () => {
  for (const count of [0, 1, 500]) {
    const rows = Array.from({ length: count }, (_, index) => row(index))
    const chunks = [...encodeMadeList({ head, member: 'rows', elements: () => rows.values() })]
    assert.equal(Buffer.concat(chunks).toString(), `${JSON.stringify({ ...head, rows })}\n`)
    assert.equal(chunks.length > 1, count === 500)
  }
})

test('a row is made when its chunk is asked for, and no earlier', () => {
  let made = 0
  const elements = () => [...Array(500).keys()].values().map((index) => (made++, row(index)))
  const chunks = encodeMadeList({ head, member: 'rows', elements })
  assert.equal(made, 0)
  chunks.next()
  assert.ok(made > 0 && made < 250, `${made} rows`)
})

test('lists of metadata are encoded alike', () => {
  const list = { kind: 'PartialObjectMetadataList', metadata: {}, items: [{ metadata: { name: 'a' } }] }
  const { items, ...rest } = list
  const chunks = [...encodeMadeList({ head: rest, member: 'items', elements: () => items.values() })]
  assert.equal(Buffer.concat(chunks).toString(), `${JSON.stringify(list)}\n`)
})
