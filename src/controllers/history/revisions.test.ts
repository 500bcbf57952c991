import assert from 'node:assert/strict'
import { test } from 'node:test'
import { templatePatch } from './revisions.ts'

test('a revision is written as Go writes it: members in order', () => {
  const template = { spec: { containers: [{ name: 'c', image: 'i' }] }, metadata: { labels: { b: '1', a: '2' } } }
  assert.equal(
    JSON.stringify(templatePatch(template)),
    '{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"a":"2","b":"1"}},"spec":{"containers":[{"image":"i","name":"c"}]}}}}',
  )
})
