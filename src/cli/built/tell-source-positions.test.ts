import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

test('the stack of a build names the sources, and what has no map as it is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-built-'))
  try {
    // The second line comes from the 40th line of src/store.ts, its first character from the third column.
    writeFileSync(join(folder, 'part.js'), `export const fail = () => {\nthrow new TypeError('no')\n}\n`)
    writeFileSync(
      join(folder, 'part.js.map'),
      JSON.stringify({ version: 3, sources: ['../src/store.ts'], mappings: ';AAuCE' }),
    )
    writeFileSync(
      join(folder, 'main.js'),
      `import { tellSourcePositions } from ${JSON.stringify(join(import.meta.dirname, 'tell-source-positions.ts'))}
       import { fail } from './part.js'
       tellSourcePositions(${JSON.stringify(folder)})
       try { fail() } catch (error) { console.log(error.stack) }`,
    )
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', `await import('${folder}/main.js')`],
      {
        encoding: 'utf8',
      },
    )
    const [headline, first, second] = stdout.split('\n')
    assert.equal(headline, 'TypeError: no', stderr)
    assert.equal(first, `    at fail (${join(folder, '../src/store.ts')}:40:3)`)
    assert.match(second!, /main\.js:4:14/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
