import assert from 'node:assert/strict'
import { test } from 'node:test'
import { focusOf, formatResults, parseResults, readReport, sliceOf } from './specs.ts'

test('results survive being written and read', () => {
  const results = [{ name: '[sig-a] b', outcome: 'failed', seconds: 3 }] as const
  assert.deepEqual(parseResults(formatResults(results)), results)
  assert.deepEqual(parseResults('only a name\n\n# a comment\n'), [
    { name: 'only a name', outcome: 'passed', seconds: 0 },
  ])
})

test('a focus matches the names as they are and nothing longer', () => {
  const focus = new RegExp(focusOf(['a (b) [c].*']))
  assert.ok(focus.test('x a (b) [c].*'))
  assert.ok(!focus.test('a (b) [c].* d'))
})

test('slices cover every spec once and take about as long as each other', () => {
  const names = Array.from({ length: 20 }, (_, index) => `s${index}`)
  const seconds = (name: string) => Number(name.slice(1))
  const slices = [0, 1, 2].map((index) => sliceOf(names, seconds, 70, index))
  assert.deepEqual(slices.flat().toSorted(), names.toSorted())
  for (const slice of slices) assert.ok(slice.reduce((sum, name) => sum + seconds(name), 0) <= 75)
  assert.deepEqual(sliceOf(names, seconds, 70, 3), slices[0])
})

test('a report gives what ran, and why what failed did', () => {
  const spec = (text: string, State: string, Message?: string) => ({
    LeafNodeType: 'It',
    LeafNodeText: text,
    ContainerHierarchyTexts: ['[sig-x]'],
    State,
    RunTime: 2.4e9,
    Failure: Message && { Message },
  })
  const { results, failures } = readReport(
    JSON.stringify([
      {
        SpecReports: [
          spec('a', 'passed'),
          spec('b', 'timedout', 'slow'),
          spec('c', 'skipped'),
          spec('d', 'skipped', 'no feature'),
        ],
      },
    ]),
  )
  assert.deepEqual(
    results.map(({ name, outcome }) => [name, outcome]),
    [
      ['[sig-x] a', 'passed'],
      ['[sig-x] b', 'failed'],
      ['[sig-x] d', 'skipped'],
    ],
  )
  assert.match(failures.get('[sig-x] b')!, /slow/)
})
