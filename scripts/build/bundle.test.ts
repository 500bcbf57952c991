import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { bundle } from './bundle.ts'
import { entries } from './entries.ts'

const root = join(import.meta.dirname, '../..')
const files = await bundle(root)
const without = files === undefined ? 'esbuild is not installed: it is optional' : false

test('a build holds every entry with its map, and runs', { skip: without }, () => {
  const paths = new Set(files!.map(({ path }) => path))
  for (const entry of entries) {
    const built = entry.replace(/\.ts$/, '.js')
    assert.ok(paths.has(built) && paths.has(`${built}.map`), built)
  }
  const folder = mkdtempSync(join(tmpdir(), 'skiff-build-'))
  try {
    for (const { path, contents } of files!) {
      const file = join(folder, 'dist/one', path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, contents)
    }
    writeFileSync(join(folder, 'package.json'), '{"type": "module", "version": "7.8.9"}')
    symlinkSync(join(root, 'src'), join(folder, 'src'))
    const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'dist/one/cli/main.js'), 'version'], {
      encoding: 'utf8',
    })
    assert.match(stdout, /^Skiff 7\.8\.9$/m, stderr)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
