import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../errors.ts'
import { deepFreeze } from '../json.ts'
import { applyJsonPatch, JsonPatchFailed } from './json-patch.ts'
import { applyMergePatch } from './merge-patch.ts'

const document = deepFreeze({ a: { b: [1, 2, { c: null }] }, 'x/y': 1, 'm~n': 2, none: null })

test('operations change the document and leave the original alone', () => {
  const table: [unknown[], unknown][] = [
    [[{ op: 'add', path: '/a/b/1', value: 9 }], { ...document, a: { b: [1, 9, 2, { c: null }] } }],
    [[{ op: 'add', path: '/a/b/-', value: 9 }], { ...document, a: { b: [1, 2, { c: null }, 9] } }],
    [[{ op: 'add', path: '/a/b/-1', value: 9 }], { ...document, a: { b: [1, 2, { c: null }, 9] } }],
    [[{ op: 'add', path: '/q' }], { ...document, q: null }],
    [[{ op: 'remove', path: '/a/b/-1' }], { ...document, a: { b: [1, 2] } }],
    [[{ op: 'remove', path: '/x~1y' }], { a: document.a, 'm~n': 2, none: null }],
    [[{ op: 'replace', path: '/m~0n', value: 3 }], { ...document, 'm~n': 3 }],
    [[{ op: 'replace', path: '/absent', value: 3 }], { ...document, absent: 3 }],
    [[{ op: 'replace', path: '', value: { z: 1 } }], { z: 1 }],
    [[{ op: 'move', from: '/x~1y', path: '/a/z' }], { a: { b: document.a.b, z: 1 }, 'm~n': 2, none: null }],
    [
      [
        { op: 'copy', from: '/a/b/2', path: '/q' },
        { op: 'add', path: '/q/d', value: 1 },
      ],
      { ...document, q: { c: null, d: 1 } },
    ],
    [
      [
        { op: 'test', path: '/absent' },
        { op: 'test', path: '/none', value: null },
      ],
      document,
    ],
    [[{ op: 'test', path: '/a', value: { b: [1, 2, { c: null }] } }], document],
    [
      [
        { op: 'add', path: '/__proto__', value: { evil: 1 } },
        { op: 'remove', path: '/__proto__' },
      ],
      document,
    ],
  ]
  for (const [patch, expected] of table)
    assert.deepEqual(applyJsonPatch(document, deepFreeze(patch)), expected, JSON.stringify(patch))
})

test('operations that do not apply say why', () => {
  const table: [unknown, string][] = [
    [{ op: 'add', path: '/q/r', value: 1 }, 'add operation does not apply: doc is missing path: "/q/r": missing value'],
    [{ op: 'add', path: 'a', value: 1 }, 'add operation does not apply: doc is missing path: "a": missing value'],
    [
      { op: 'add', path: '/a/b/9', value: 1 },
      "error in add for path: '/a/b/9': Unable to access invalid index: 9: invalid index referenced",
    ],
    [
      { op: 'remove', path: '/q' },
      "error in remove for path: '/q': Unable to remove nonexistent key: q: missing value",
    ],
    [
      { op: 'replace', path: '/a/b/3', value: 1 },
      'replace operation does not apply: doc is missing key: /a/b/3: missing value',
    ],
    [{ op: 'test', path: '/a/b/0', value: 2 }, 'testing value /a/b/0 failed: test failed'],
    [{ op: 'move', path: '/z' }, 'move operation failed to decode from: operation, missing from field: missing value'],
    [{ op: 'frob', path: '/z' }, 'Unexpected kind: frob'],
    [{ path: '/z' }, 'Unexpected kind: unknown'],
  ]
  for (const [operation, why] of table) {
    assert.throws(
      () => applyJsonPatch(document, [operation]),
      (error) => error instanceof JsonPatchFailed && error.why === why && error.code === 422,
      why,
    )
  }
})

test('security.md, parser bombs: malformed and oversized patches are refused (CVE-2019-1002100)', () => {
  const codeOf = (patch: unknown) => {
    try {
      applyJsonPatch(document, patch)
      return 200
    } catch (error) {
      return error instanceof ApiError ? `${error.code} ${error.message}` : error
    }
  }
  assert.equal(codeOf({}), '400 json: cannot unmarshal object into Go value of type jsonpatch.Patch')
  assert.equal(codeOf([1]), '400 json: cannot unmarshal number into Go value of type jsonpatch.Operation')
  assert.equal(
    codeOf(Array(10_001).fill({ op: 'test', path: '/q' })),
    '413 Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
  )
})

test('a merge patch follows RFC 7386', () => {
  const table: [unknown, unknown, unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    [{ a: { b: 1 } }, { a: [{ c: null }] }, { a: [{ c: null }] }],
    [{ a: 1 }, { a: [{ c: null }] }, { a: [{}] }],
    [{ a: null }, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
  ]
  for (const [before, patch, after] of table) {
    assert.deepEqual(applyMergePatch(deepFreeze(before), deepFreeze(patch)), after, JSON.stringify(patch))
  }
  assert.throws(() => applyMergePatch({}, [1]), { message: /^error decoding patch: json: cannot unmarshal array/ })
})
