import assert from 'node:assert/strict'
import { test } from 'node:test'
import { upstreamSkip } from '../handover/lone-kube-apiserver.fixture.ts'
import { keepAnswers, upstreamAnswers } from './answers.fixture.ts'
import { askUpstream } from '../protocol-sequences/compare.fixture.ts'
import { profiles } from './profiles.fixture.ts'

/** RECORD=1 writes them down anew. */
test('the answers to streams and forms that we keep are kube-apiserver’s', {
  skip: upstreamSkip,
  timeout: 300_000,
}, async () => {
  const answers = await askUpstream(profiles)
  if (process.env['RECORD'] === '1') keepAnswers(answers)
  assert.deepEqual(answers, upstreamAnswers())
})
