import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blocksOf, differingLines, explainedCommands, likened, tableCommands, wordsOf } from './kubectl-table.ts'

test('a line is split as a shell splits it', () => {
  assert.deepEqual(wordsOf(`patch x -p '{"a": 1}' --as=eve -o jsonpath='{.a}'`), [
    'patch',
    'x',
    '-p',
    '{"a": 1}',
    '--as=eve',
    '-o',
    'jsonpath={.a}',
  ])
  assert.deepEqual(
    [...blocksOf('### a\nb\nc\n### d\ne\n')],
    [
      ['a', 'b\nc\n'],
      ['d', 'e\n'],
    ],
  )
})

test('what is random is made alike, and what differs is shown', () => {
  const server = 'https://127.0.0.1:19743'
  const line = (pod: string, age: string, address: string) => `${pod}   1/1  ${age}  ${address} ${server}/x  `
  assert.equal(
    likened(line('web-5fc9f4bf66-x2x5k', '2m3s', '10.244.1.17'), server),
    likened(line('web-9b879b9f9-9x7z4', '14s', '10.244.0.3'), server),
  )
  assert.deepEqual(differingLines('a\nb', 'a\nc'), ['- b', '+ c'])
})

test('every explanation is of a command of the table', () => {
  const texts = new Set(tableCommands().map(({ text }) => text))
  assert.deepEqual(
    [...explainedCommands().keys()].filter((text) => !texts.has(text)),
    [],
  )
})
