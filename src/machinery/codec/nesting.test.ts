import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nesting, nestingWithin, opensBeyond, upstreamNesting } from './nesting.ts'
import { parseYaml } from './yaml/parse-yaml.ts'
import { checkJsonNesting } from './yaml/yaml-nesting.ts'

test('as much is read as upstream reads where the stack is deep enough, and less elsewhere', () => {
  assert.deepEqual(nestingWithin(6900), { json: upstreamNesting, yaml: upstreamNesting })
  assert.ok(nestingWithin(0).json < upstreamNesting)
})

test('what opens beyond a level is found at any depth, without a call for each level', () => {
  assert.equal(opensBeyond({ a: [{ b: 1 }] }, 3), undefined)
  assert.equal(opensBeyond({ a: [{ b: 1 }] }, 2), '{')
  assert.equal(opensBeyond({ a: [{ b: 1 }] }, 1), '[')
  assert.equal(opensBeyond('text', 0), undefined)
  const deep = JSON.parse('['.repeat(200_000) + ']'.repeat(200_000)) as unknown
  assert.equal(opensBeyond(deep, 200_000), undefined)
  assert.equal(opensBeyond(deep, 199_999), '[')
})

test('flow collections and indented ones are bounded each by itself, with the line of what is too deep', () => {
  const flow = (levels: number) => `a:\n ${'['.repeat(levels)}${']'.repeat(levels)}`
  assert.equal(JSON.stringify(parseYaml(flow(nesting.yaml)).value).length, 2 * nesting.yaml + '{"a":}'.length)
  assert.throws(() => parseYaml(flow(nesting.yaml + 1)), { message: 'yaml: line 2: exceeded max depth of 10000' })
  assert.throws(() => parseYaml('{a: '.repeat(nesting.yaml + 60)), { message: 'yaml: exceeded max depth of 10000' })
})

test('the JSON that is made of YAML is bounded as JSON is', () => {
  const text = `a: ${'['.repeat(nesting.json)}`
  const value = JSON.parse(`{"a":${'['.repeat(nesting.json)}${']'.repeat(nesting.json)}}`) as unknown
  assert.throws(() => checkJsonNesting(text, value), { message: "invalid character '[' exceeded max depth" })
})
