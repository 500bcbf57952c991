import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { type Answer, upstreamAnswers } from './run-steps.fixture.ts'

const root = join(import.meta.dirname, '../../..')
const [stack] = /--stack-size=\d+/.exec(readFileSync(join(root, 'scripts/with-node'), 'utf8'))!

/** What we answer otherwise than upstream, and why. */
const ours: Readonly<Record<string, string>> = {}

test('security.md, parser bombs: objects nest as deep as upstream’s, in every request that reads or writes them', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [stack, join(import.meta.dirname, 'ours.fixture.ts')])
  const answers = new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as [string, Answer]),
  )
  const wanted = upstreamAnswers()
  assert.deepEqual([...answers.keys()], [...wanted.keys()])
  for (const [name, answer] of answers) {
    if (ours[name] === undefined) assert.deepEqual(answer, wanted.get(name), name)
    else assert.notDeepEqual(answer, wanted.get(name), `${name} needs no excuse any more`)
  }
})
