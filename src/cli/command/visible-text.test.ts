import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createLogger } from '../../machinery/log.ts'
import { followFile } from '../follow-file.ts'
import { showProgress } from '../show-progress.ts'
import { CommandError, defineCommand } from './command.ts'
import { runCommand } from './run-command.ts'
import { visibleText } from '../../machinery/visible-text.ts'

const nasty = 'a\u001b[2J\u001b]0;owned\u0007\r\u009b31m\u202eb\nforged\tline'
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/

test('security.md, terminal and log injection: control characters of others become visible (CVE-2021-25743)', async (t) => {
  assert.equal(visibleText('a\u001b[31mb\u202ec\nd\te é 船'), 'a\\x1b[31mb\\u202ec\nd\te é 船')
  const shown: string[] = []
  const write = (text: string) => void shown.push(text)
  const progress = showProgress({ write, interactive: false })
  progress({ type: 'note', text: nasty })
  progress({ type: 'done', name: nasty, detail: nasty, milliseconds: 1 })
  const failing = defineCommand({
    name: 'x',
    summary: 'x',
    flags: {},
    run: async () => {
      throw new CommandError(nasty)
    },
  })
  const signal = new AbortController().signal
  await runCommand(failing, [], { stdout: write, stderr: write, signal, env: {} } as never)
  const folder = mkdtempSync(join(tmpdir(), 'skiff-visible-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'log'), `${nasty}\nend`)
  await followFile(join(folder, 'log'), { follow: false, tail: 0, write, signal })
  assert.ok(shown.length >= 5)
  for (const text of shown) assert.doesNotMatch(text, controls)
})

test('security.md, terminal and log injection: nobody’s data makes a line of the log, or drives a terminal', () => {
  const lines: string[] = []
  const log = createLogger({
    level: 'debug',
    write: (line) => void lines.push(line),
    now: () => 0,
    fields: { node: nasty },
  })
  log.info(nasty, { pod: nasty, list: [nasty], error: new Error(nasty), nested: { [nasty]: nasty } })
  assert.equal(lines.length, 1)
  assert.equal(lines[0]!.indexOf('\n'), lines[0]!.length - 1)
  assert.doesNotMatch(lines[0]!.slice(0, -1), controls)
})
