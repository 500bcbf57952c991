import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createPki } from '../../apiserver/pki/pki.ts'
import { systemClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import { systemRandom } from '../../machinery/random.ts'
import { createMemoryStore } from '../../store/memory/store.ts'
import { startApiServer } from '../api-server.ts'
import { absentOfApiServer } from './absent-metrics.ts'
import { assertUpstreamNames } from './upstream-metrics.fixture.ts'

test('the API server tells what upstream’s does, under its names, or it is explained why not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-metrics-'))
  const running = await startApiServer({
    store: createMemoryStore(),
    pki: createPki({ folder, clock: systemClock }),
    serviceCidrs: ['10.96.0.0/16'],
    advertise: { address: '10.0.0.1', port: 6443 },
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
  })
  try {
    assertUpstreamNames('kube-apiserver', running.server.metrics.descriptions(), absentOfApiServer)
  } finally {
    await running.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})
