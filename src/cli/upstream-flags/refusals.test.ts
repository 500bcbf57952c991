import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { freePort } from '../../machinery/free-port.ts'
import { runCommand } from '../command/run-command.ts'
import { skiff } from '../skiff.ts'
import { refusals } from './refusals.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'skiff-refusals-'))
after(() => rmSync(folder, { recursive: true, force: true }))

test('what kube-apiserver refuses is refused in its words, with its exit code', async () => {
  const differences: unknown[] = []
  const port = String(await freePort())
  for (const [flags, sentence] of refusals) {
    let said = ''
    const where = ['--store=memory', '--data-dir', folder, ...(flags.includes('-port=') ? [] : ['--port', port])]
    const code = await runCommand(skiff, ['apiserver', ...where, ...flags.split(' ')], {
      stdout: () => {},
      stderr: (text) => void (said += text),
      env: {},
      // Who starts in spite of it ends at once.
      signal: AbortSignal.abort(),
      interactive: false,
    })
    const told = (/^skiff: .*$/m.exec(said)?.[0] ?? said).replace(/, did you mean .*$/, '')
    if (code !== 1 || told !== `skiff: ${sentence}`) differences.push({ flags, code, told, sentence })
  }
  assert.deepEqual(differences, [])
})
