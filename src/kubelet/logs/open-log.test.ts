import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openLog } from './open-log.ts'

const secret = '2026-01-01T00:00:00.000000000Z stdout F secret\n'

function pods(t: TestContext) {
  const top = mkdtempSync(join(tmpdir(), 'skiff-logs-'))
  t.after(() => rmSync(top, { recursive: true }))
  const folder = join(top, 'pods/default_web_1/app')
  mkdirSync(folder, { recursive: true })
  mkdirSync(join(top, 'elsewhere'))
  writeFileSync(join(top, 'elsewhere/0.log'), secret)
  writeFileSync(join(folder, '0.log'), 'own')
  return { top, folder, log: join(folder, '0.log') }
}

async function content(path: string): Promise<string> {
  await using file = await openLog(path)
  return await file.readFile('utf8')
}

test('a log is read, also where the folder of all logs is behind a link', async (t) => {
  const { top, log } = pods(t)
  assert.equal(await content(log), 'own')
  symlinkSync(join(top, 'pods'), join(top, 'link'))
  assert.equal(await content(join(top, 'link/default_web_1/app/0.log')), 'own')
})

test('security.md, path escape on a node: host logs: a link, a folder that is a link, and a pipe are refused', async (t) => {
  const { top, folder, log } = pods(t)
  unlinkSync(log)
  symlinkSync(join(top, 'elsewhere/0.log'), log)
  await assert.rejects(content(log), { code: 'ELOOP' })
  unlinkSync(log)
  execFileSync('mkfifo', [log])
  await assert.rejects(content(log), /is no regular file$/)
  rmSync(folder, { recursive: true })
  symlinkSync(join(top, 'elsewhere'), folder)
  await assert.rejects(content(log), /\/app\/0\.log leads to .*\/elsewhere\/0\.log$/)
})

test('security.md, path escape on a node: host logs: a folder that is swapped for a link meanwhile never gives the other file', async (t) => {
  const { top, folder, log } = pods(t)
  const aside = join(top, 'aside')
  const seen = new Set<string>()
  for (let round = 0; round < 300; round++) {
    const reading = content(log).catch(() => 'refused')
    renameSync(folder, aside)
    symlinkSync(join(top, 'elsewhere'), folder)
    seen.add(await reading)
    const again = content(log).catch(() => 'refused')
    unlinkSync(folder)
    renameSync(aside, folder)
    seen.add(await again)
  }
  assert.ok(!seen.has(secret))
})
