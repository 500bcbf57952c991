import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { startLoneKubeApiserver, upstreamSkip } from '../handover/lone-kube-apiserver.fixture.ts'
import { answersFile, runSteps, upstreamAnswers } from './run-steps.fixture.ts'

/** RECORD=1 writes them down anew. */
test('the answers to deep bodies that we keep are kube-apiserver’s', {
  skip: upstreamSkip,
  timeout: 300_000,
}, async () => {
  await using upstream = await startLoneKubeApiserver()
  const answers = await runSteps(upstream.port, upstream.pki)
  if (process.env['RECORD'] === '1') {
    writeFileSync(answersFile, [...answers].map((answer) => `${JSON.stringify(answer)}\n`).join(''))
  }
  assert.deepEqual(answers, upstreamAnswers())
})
