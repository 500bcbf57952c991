import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createPki, type Pki } from '../../apiserver/pki/pki.ts'
import { systemClock } from '../../machinery/clock.ts'
import { startLoneKubeApiserver } from '../handover/lone-kube-apiserver.fixture.ts'
import { keyOf } from './answers.fixture.ts'
import type { Profile, Told } from './exchange.fixture.ts'
import { Asker } from './send.fixture.ts'
import { flagsOf, startOurs } from './start.fixture.ts'

/** Declares a test for each sequence: what we answer is what upstream did, or is excused by its key and position. */
export function compareWithUpstream(
  profiles: readonly Profile[],
  wanted: ReadonlyMap<string, readonly Told[]>,
  excuses: Readonly<Record<string, string>>,
): void {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-protocol-'))
  let pki: Pki
  before(() => {
    pki = createPki({ folder, clock: systemClock })
  })
  after(() => rmSync(folder, { recursive: true, force: true }))
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
}

/** What kube-apiserver answers, in the order of the sequences. */
export async function askUpstream(profiles: readonly Profile[]): Promise<ReadonlyMap<string, readonly Told[]>> {
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
  return new Map(
    profiles.flatMap((profile) =>
      profile.sequences.map(({ name }) => [keyOf(profile, name), answers.get(keyOf(profile, name))!] as const),
    ),
  )
}
