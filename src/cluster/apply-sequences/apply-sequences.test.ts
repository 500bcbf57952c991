import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createPki } from '../../apiserver/pki/pki.ts'
import { systemClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import { systemRandom } from '../../machinery/random.ts'
import { createMemoryStore } from '../../store/memory/store.ts'
import { type ControlPlane, startControlPlane } from '../control-plane.ts'
import { kept, upstreamAnswers } from './answers.fixture.ts'
import { runSequence } from './run-sequence.fixture.ts'
import { sendOver, serveThings } from './send.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'skiff-apply-'))
let plane: ControlPlane
before(async () => {
  plane = await startControlPlane({
    store: createMemoryStore(),
    pki: createPki({ folder, clock: systemClock }),
    podCidrs: ['10.244.0.0/16'],
    serviceCidrs: ['10.96.0.0/16'],
    advertise: { address: '192.0.2.1', port: 6443 },
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
  })
})
after(async () => {
  await plane.stop()
  rmSync(folder, { recursive: true, force: true })
})

const admin = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }

test('who manages which field follows from what was done as it does upstream', async (t) => {
  const send = sendOver(plane.server.inProcess(admin, 'apply/1'))
  await serveThings(send)
  const wanted = upstreamAnswers()
  for (const sequence of kept) {
    await t.test(sequence.name, async () => {
      assert.deepEqual(await runSequence(sequence, send), wanted.get(sequence.name))
    })
  }
})
