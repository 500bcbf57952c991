import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startLoneKubeApiserver, upstreamSkip } from '../handover/lone-kube-apiserver.fixture.ts'
import { keepAnswers, keyOf, upstreamAnswers } from './answers.fixture.ts'
import type { Told } from './exchange.fixture.ts'
import { profiles } from './profiles.fixture.ts'
import { Asker } from './send.fixture.ts'
import { flagsOf } from './start.fixture.ts'

/** RECORD=1 writes them down anew. */
test('the answers to requests that we keep are kube-apiserver’s', {
  skip: upstreamSkip,
  timeout: 300_000,
}, async () => {
  const answers = new Map<string, readonly Told[]>()
  for (const profile of profiles) {
    await using upstream = await startLoneKubeApiserver(flagsOf(profile.flags))
    const asker = new Asker(upstream.port, upstream.pki, { stop: () => void upstream.stop() })
    const waiting = [...profile.sequences]
    const worker = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        answers.set(keyOf(profile, next.name), await asker.run(next))
      }
    }
    await Promise.all(Array.from({ length: 8 }, worker))
    await asker.close()
  }
  const inOrder = new Map(
    profiles.flatMap((profile) =>
      profile.sequences.map(({ name }) => [keyOf(profile, name), answers.get(keyOf(profile, name))!] as const),
    ),
  )
  if (process.env['RECORD'] === '1') keepAnswers(inOrder)
  assert.deepEqual(inOrder, upstreamAnswers())
})
