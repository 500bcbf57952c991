import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { hostArchitecture } from './docker-archive.ts'
import { pauseProgram } from './pause.ts'

test('the pause program waits, and ends well on SIGTERM', { skip: process.platform !== 'linux' }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pause-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'pause')
  writeFileSync(file, pauseProgram(hostArchitecture()))
  chmodSync(file, 0o755)
  const child = spawn(file, { stdio: 'ignore' })
  await once(child, 'spawn')
  child.kill('SIGCHLD')
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.equal(child.exitCode, null)
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [0, null])
})

test('the arm64 program has the right head and size', () => {
  const program = pauseProgram('arm64')
  assert.equal(program.readUInt16LE(18), 183)
  assert.equal((program.length - 120) % 4, 0)
  // b.gt back to the first instruction of the reaping: mov x8, #260
  const words = Array.from({ length: (program.length - 120) / 4 }, (_, index) => program.readUInt32LE(120 + index * 4))
  const branch = words.findIndex((word) => (word & 0xff00001f) >>> 0 === 0x5400000c)
  const back = ((words[branch]! >> 5) << 13) >> 13
  assert.equal(words[branch + back], 0xd2800000 + 260 * 32 + 8)
})
