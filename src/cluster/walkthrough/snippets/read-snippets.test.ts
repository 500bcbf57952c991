import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outputMatches, readSnippets } from './read-snippets.fixture.ts'

test('only blocks that say test are run, each with its line', () => {
  const text = '# Title\n\n```sh\nrm -rf /\n```\n\n```sh test\necho a\necho b\n```\n\n```yaml\na: 1\n```\n'
  assert.deepEqual(readSnippets(text), [
    { line: 8, commands: [{ line: 8, text: 'echo a\necho b', output: undefined }] },
  ])
})

test('a console block is commands with their output', () => {
  const text = '```console test\n$ echo a \\\n> b\na b\n$ true\n```'
  assert.deepEqual(readSnippets(text), [
    {
      line: 2,
      commands: [
        { line: 2, text: 'echo a \\\nb', output: ['a b'] },
        { line: 5, text: 'true', output: [] },
      ],
    },
  ])
})

test('a block of another language cannot be run, and output needs a command', () => {
  assert.throws(() => readSnippets('```python test\n1\n```'), /line 1: blocks that run are sh or console/)
  assert.throws(() => readSnippets('```console test\nout\n```'), /line 2: output before the first command/)
})

test('dots stand for anything in a line, or for any lines', () => {
  assert.ok(outputMatches(['NAME  AGE', 'web-...   ...'], 'NAME    AGE\nweb-1    3s\n'))
  assert.ok(!outputMatches(['NAME  AGE', 'web-...   ...'], 'NAME    AGE\nweb-1    3s\nweb-2  3s\n'))
  assert.ok(outputMatches(['a', '...', 'z'], 'a\nb\nc\nz\n'))
  assert.ok(outputMatches(['a', '...', 'z'], 'a\nz\n'))
  assert.ok(!outputMatches(['a.c'], 'abc\n'))
  assert.ok(outputMatches([], ''))
})
