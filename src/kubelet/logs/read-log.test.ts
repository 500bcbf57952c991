import assert from 'node:assert/strict'
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { systemClock } from '../../machinery/clock.ts'
import { parseLogOptions, type LogOptions } from '../../api/core/v1/pod-log-options.ts'
import { readLog } from './read-log.ts'

const line = (second: number, message: string, stream = 'stdout', tag = 'F') =>
  `2026-01-01T00:00:0${second}.5Z ${stream} ${tag} ${message}\n`
const content =
  line(1, 'one') + line(2, 'two', 'stderr') + line(3, 'thr', 'stdout', 'P') + line(3, 'ee') + line(4, 'four')
const all: LogOptions = { follow: false, previous: false, timestamps: false, stream: 'All' }

async function logFile(t: TestContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skiff-log-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, '0.log'), text)
  return join(folder, '0.log')
}

async function read(path: string, options: LogOptions, running = async () => false): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of readLog(path, options, { running, clock: systemClock })) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const cases: readonly (readonly [string, Partial<LogOptions>, string])[] = [
  ['everything, parts joined', {}, 'one\ntwo\nthree\nfour\n'],
  ['only what went to stderr', { stream: 'Stderr' }, 'two\n'],
  ['the last lines', { tailLines: 2 }, 'ee\nfour\n'],
  ['no line', { tailLines: 0 }, ''],
  ['more lines than there are', { tailLines: 99 }, 'one\ntwo\nthree\nfour\n'],
  ['the first bytes', { limitBytes: 6 }, 'one\ntw'],
  ['what came after a moment', { sinceMs: Date.parse('2026-01-01T00:00:03Z') }, 'three\nfour\n'],
  [
    'timestamps, once per whole line',
    { timestamps: true, tailLines: 3 },
    '2026-01-01T00:00:03.500000000Z three\n2026-01-01T00:00:04.500000000Z four\n',
  ],
]
for (const [what, options, expected] of cases) {
  test(`a log gives ${what}`, async (t) => {
    assert.equal(await read(await logFile(t, content), { ...all, ...options }), expected)
  })
}

test('a follower sees what is appended, through a rotation, until the container ends', async (t) => {
  const path = await logFile(t, line(1, 'old'))
  let running = true
  const seen: string[] = []
  for await (const chunk of readLog(
    path,
    { ...all, follow: true },
    { running: async () => running, clock: systemClock },
  )) {
    seen.push(chunk.toString())
    if (seen.length === 1) await appendFile(path, line(2, 'appended'))
    if (seen.length === 2) {
      await rename(path, `${path}.1`)
      await writeFile(path, line(3, 'rotated'))
    }
    if (seen.length === 3) running = false
  }
  assert.deepEqual(seen, ['old\n', 'appended\n', 'rotated\n'])
})

test('log options refuse what upstream refuses', () => {
  const errors = (query: string) => parseLogOptions(new URLSearchParams(query), 0).errors.map((error) => error.field)
  assert.deepEqual(errors('tailLines=-1&limitBytes=0&sinceSeconds=0&stream=Both'), [
    'tailLines',
    'limitBytes',
    'sinceSeconds',
    'stream',
  ])
  // Upstream's path of no name.
  assert.deepEqual(errors('sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z'), ['[]'])
  assert.deepEqual(errors('tailLines=5&follow=true'), [])
})
