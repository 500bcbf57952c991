import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withOwnParameters, withSharedParameters } from './shared-parameters.ts'

const parameter = (name: string) => ({ name, in: 'query', type: 'string', uniqueItems: true })
const document = {
  swagger: '2.0',
  paths: {
    '/a': { get: { parameters: [parameter('limit'), parameter('dryRun')] }, parameters: [parameter('pretty')] },
    '/b': { get: { parameters: [parameter('limit')] }, parameters: [{ ...parameter('name'), in: 'path' }] },
  },
}

test('parameters of many operations are said once, those that clients look for stay where they are', () => {
  const shared = withSharedParameters(document)
  const names = Object.keys(shared['parameters'] as object)
  assert.deepEqual(
    names.map((name) => name.slice(0, -9)),
    ['limit', 'pretty'],
  )
  const [limit, pretty] = names.map((name) => ({ $ref: `#/parameters/${name}` }))
  assert.deepEqual(shared['paths'], {
    '/a': { get: { parameters: [limit, parameter('dryRun')] }, parameters: [pretty] },
    '/b': { get: { parameters: [limit] }, parameters: [{ ...parameter('name'), in: 'path' }] },
  })
  assert.deepEqual(withOwnParameters(shared), document)
})
