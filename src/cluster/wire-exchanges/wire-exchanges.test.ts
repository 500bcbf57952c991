import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createPki } from '../../apiserver/pki/pki.ts'
import { systemClock } from '../../machinery/clock.ts'
import { startOurs } from '../protocol-sequences/start.fixture.ts'
import { upstreamAnswers } from './answers.fixture.ts'
import { wireCases } from './cases.fixture.ts'
import { clientsOf } from './clients.fixture.ts'
import { excuses } from './excuses.fixture.ts'
import { runCases } from './send.fixture.ts'

test('bytes on the wire are answered as upstream does', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-wire-'))
  const pki = createPki({ folder, clock: systemClock })
  const ours = await startOurs(pki, {}, systemClock)
  const wanted = upstreamAnswers()
  const server = { port: ours.port, ca: pki.clusterAuthority.certificatePem, clients: clientsOf(pki) }
  const unexcused = new Map([...wanted].filter(([name]) => !excuses.has(name)))
  const answers = await runCases(server, wireCases, unexcused)
  await ours.stop()
  rmSync(folder, { recursive: true, force: true })
  for (const { name } of wireCases) {
    await t.test(name, () => {
      if (excuses.has(name)) assert.notDeepEqual(answers.get(name), wanted.get(name), 'needs no excuse any more')
      else assert.deepEqual(answers.get(name), wanted.get(name))
    })
  }
})

test('every excuse is of something that is sent', () => {
  const names = new Set(wireCases.map(({ name }) => name))
  assert.equal(names.size, wireCases.length, 'names are told once')
  for (const name of excuses.keys()) assert.ok(names.has(name), name)
})
