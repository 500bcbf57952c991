import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type AllocationFact, answerOurselves } from './allocation-fact.fixture.ts'

const facts = readFileSync(new URL('./allocations.cases.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as AllocationFact)

test('claims get the devices that upstream’s allocator gives them, or hear what it says', () => {
  for (const fact of facts) {
    // A search that finds nothing is told as none, whatever upstream's is.
    const results = fact.results?.length ? fact.results : null
    const ours = answerOurselves(fact)
    assert.deepEqual(
      { results: ours.results?.length ? ours.results : null, error: ours.error },
      { results, error: fact.error },
      fact.name,
    )
  }
})

test('a search that takes too long is given up', () => {
  const fact = facts.find(({ results }) => results !== null)!
  assert.deepEqual(
    answerOurselves(fact, () => true),
    {
      results: null,
      error: 'filter operation aborted: context deadline exceeded',
    },
  )
})
