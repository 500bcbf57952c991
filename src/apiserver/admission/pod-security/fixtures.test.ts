import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { brotliDecompressSync } from 'node:zlib'
import type { PodSecurityFixtures } from '../../../../scripts/generate/pod-security-fixtures.ts'
import { pods as podKind } from '../../../api/core/v1/pod.ts'
import type { Pod } from '../../../api/types.generated.ts'
import { violations } from './evaluate.ts'

const bytes = readFileSync(new URL('fixtures.generated.br', import.meta.url))
const { pods: written, cases } = JSON.parse(brotliDecompressSync(bytes).toString('utf8')) as PodSecurityFixtures
/** As admission sees them: with the API's defaults. */
const pods = written.map((pod) => {
  podKind.rules.setDefaults?.(pod as never)
  return pod as Pod
})

suite('pods of upstream’s own cases are judged as upstream judges them', () => {
  for (const { level, minor, passes, pods: named } of cases) {
    test(`${level} v1.${minor} ${passes ? 'lets through' : 'refuses'} ${named.length} pods`, () => {
      const wrong = named.filter(([, index]) => {
        const { metadata, spec } = pods[index]!
        return (violations({ level, minor }, metadata, spec).length === 0) !== passes
      })
      assert.deepEqual(wrong, [])
    })
  }
})

test('every level has cases for every version up to the newest', () => {
  const newest = Math.max(...cases.map(({ minor }) => minor))
  assert.ok(newest >= 35)
  for (const level of ['baseline', 'restricted'])
    for (const passes of [true, false])
      assert.equal(cases.filter((one) => one.level === level && one.passes === passes).length, newest + 1)
  assert.ok(cases.reduce((sum, one) => sum + one.pods.length, 0) > 4000)
})
