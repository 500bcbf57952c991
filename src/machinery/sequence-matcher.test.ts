import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchingBlocks } from './sequence-matcher.ts'

const blocks = (before: readonly string[], after: readonly string[]) =>
  matchingBlocks(before, after).map((block) => [block.before, block.after, block.size])

test('the longest run goes first, then what is on either side of it', () => {
  assert.deepEqual(blocks([...'abxcd'], [...'abcd']), [
    [0, 0, 2],
    [3, 2, 2],
  ])
  assert.deepEqual(blocks([...'ab'], [...'acab']), [[0, 2, 2]])
  assert.deepEqual(blocks([...'abc'], [...'xyz']), [])
})

test('in a long text a line that is there often begins no run', () => {
  const rare = Array.from({ length: 100 }, (_, index) => [`line ${index}`, 'often']).flat()
  const after = rare.toSpliced(40, 0, 'often', 'line 19')
  // Python's difflib: SequenceMatcher(None, rare, after).get_matching_blocks()
  assert.deepEqual(blocks(rare, after), [
    [0, 0, 40],
    [40, 42, 160],
  ])
  assert.deepEqual(blocks(['often', ...rare], ['often', 'often', ...rare]), [[0, 1, 201]])
})
