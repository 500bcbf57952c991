import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createPki, type Pki } from '../../apiserver/pki/pki.ts'
import { systemClock } from '../../machinery/clock.ts'
import { keyOf, upstreamAnswers } from './answers.fixture.ts'
import { excuses } from './excuses.fixture.ts'
import { profiles } from './profiles.fixture.ts'
import { Asker } from './send.fixture.ts'
import { startOurs } from './start.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'skiff-protocol-'))
let pki: Pki
before(() => {
  pki = createPki({ folder, clock: systemClock })
})
after(() => rmSync(folder, { recursive: true, force: true }))

const wanted = upstreamAnswers()
for (const profile of profiles) {
  test(`requests are answered as upstream does: ${profile.name}`, { concurrency: 16 }, async (t) => {
    const ours = await startOurs(pki, profile.flags, profile.inRealTime && systemClock)
    const asker = new Asker(ours.port, pki, { stop: () => void ours.stop() })
    try {
      // Many of them wait for something.
      await Promise.all(
        profile.sequences.map((sequence) =>
          t.test(sequence.name, async () => {
            const key = keyOf(profile, sequence.name)
            const answers = await asker.run(sequence)
            for (const [at, answer] of answers.entries()) {
              const which = `${key} #${at}: ${sequence.asks[at]!.method ?? 'GET'} ${sequence.asks[at]!.path}`
              const upstream = wanted.get(key)?.[at]
              if (excuses[`${key} #${at}`] === undefined) assert.deepEqual(answer, upstream, which)
              else assert.notDeepEqual(answer, upstream, `${which} needs no excuse any more`)
            }
          }),
        ),
      )
    } finally {
      await asker.close()
      await ours.stop()
    }
  })
}

test('every excuse is of something that is asked', () => {
  const asked = new Set(
    profiles.flatMap((profile) =>
      profile.sequences.flatMap(({ name, asks }) => asks.map((_, at) => `${keyOf(profile, name)} #${at}`)),
    ),
  )
  for (const excuse of Object.keys(excuses)) assert.ok(asked.has(excuse), excuse)
})
