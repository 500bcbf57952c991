import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findAll } from './evaluate.ts'
import { JsonPathError, parsePath } from './parse.ts'

const object = {
  metadata: { name: 'n', annotations: { 'a.b/c': 'x' } },
  spec: {
    list: [1, 2, 3, 4],
    containers: [
      { name: 'a', image: 'i1' },
      { name: 'b', image: 'i2' },
    ],
  },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Other', status: 'False', n: 3 },
    ],
  },
}

const cases: readonly (readonly [string, readonly unknown[]])[] = [
  ['.metadata.name', ['n']],
  ['metadata.name', ['n']],
  ['$.metadata.name', ['n']],
  ['.metadata.missing.deep', []],
  ["['metadata']['name']", ['n']],
  ['.metadata.annotations.a\\.b/c', ['x']],
  [".metadata.annotations['a.b/c']", ['x']],
  ['.spec.list[0]', [1]],
  ['.spec.list[-1]', [4]],
  ['.spec.list[9]', []],
  ['.spec.list[1:3]', [2, 3]],
  ['.spec.list[::2]', [1, 3]],
  ['.spec.list[0,2]', [1, 3]],
  ['.spec.containers[*].image', ['i1', 'i2']],
  ['.spec.containers.*.name', ['a', 'b']],
  ['.status.conditions[?(@.type=="Ready")].status', ['True']],
  [".status.conditions[?(@.type != 'Ready')].type", ['Other']],
  ['.status.conditions[?(@.n > 2)].type', ['Other']],
  ['.status.conditions[?(@.n)].type', ['Other']],
  ['..image', ['i1', 'i2']],
]
for (const [path, expected] of cases) {
  test(`${path} finds ${JSON.stringify(expected)}`, () => assert.deepEqual(findAll(parsePath(path), object), expected))
}

test('what is no path is refused', () => {
  for (const path of ['.a[', '.a[x]', '.a b', '.a..']) assert.throws(() => parsePath(path), JsonPathError, path)
})
