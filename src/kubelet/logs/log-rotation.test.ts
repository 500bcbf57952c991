import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { systemClock } from '../../machinery/clock.ts'
import { seededRandom } from '../../machinery/random.ts'
import { createSimulatedRuntime } from '../runtimes/simulated/runtime.ts'
import { rotateLog } from './log-rotation.ts'

test('a large log is put aside, older ones are compressed, the oldest go', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rotation-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, '0.log')
  const reopened: string[] = []
  const runtime = {
    ...createSimulatedRuntime({ clock: systemClock, random: seededRandom(1) }),
    reopenContainerLog: async (id: string) => {
      reopened.push(id)
      writeFileSync(path, '')
    },
  }
  const limits = { maxBytes: 10, maxFiles: 3 }
  const start = Date.UTC(2026, 0, 2, 3, 4, 5)
  writeFileSync(path, 'small')
  await rotateLog(runtime, 'id', path, limits, start)
  assert.deepEqual(readdirSync(folder), ['0.log'])
  for (const turn of [0, 1, 2]) {
    writeFileSync(path, `turn ${turn} ..........`)
    await rotateLog(runtime, 'id', path, limits, start + turn * 1000)
  }
  assert.deepEqual(readdirSync(folder).sort(), ['0.log', '0.log.20260102-030406.gz', '0.log.20260102-030407'])
  assert.equal(gunzipSync(readFileSync(join(folder, '0.log.20260102-030406.gz'))).toString(), 'turn 1 ..........')
  assert.deepEqual(reopened, ['id', 'id', 'id'])
})

test('a log stays where it is when the runtime cannot open a new one', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rotation-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, '0.log')
  writeFileSync(path, 'x'.repeat(20))
  const runtime = {
    ...createSimulatedRuntime({ clock: systemClock, random: seededRandom(1) }),
    reopenContainerLog: () => Promise.reject(new Error('no')),
  }
  await assert.rejects(rotateLog(runtime, 'id', path, { maxBytes: 10, maxFiles: 3 }, 0), /no/)
  assert.deepEqual(readdirSync(folder), ['0.log'])
})
