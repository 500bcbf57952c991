import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { identify } from '../../machinery/process-identity.ts'
import { makeDataFolder, readSettings, runningProcess, takeLock } from './cluster-state.ts'
import { clusterPaths } from './paths.ts'

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'skiff-state-'))
  t.after(() => rmSync(made, { recursive: true }))
  return made
}

test('a folder that cannot be used is told with what to do', (t) => {
  const file = join(folder(t), 'file')
  writeFileSync(file, '')
  for (const [path, why] of [
    [file, 'a file is in its way'],
    [join(file, 'below'), 'a file is in its way'],
  ] as const)
    assert.throws(() => makeDataFolder(clusterPaths(path)), {
      message: `the folder ${path} cannot be used (${why}): choose another with --data-dir, or run skiff as its owner`,
    })
})

test('one process at a time has a folder; a lock whose owner is gone, or half a lock, counts for nothing', (t) => {
  const paths = clusterPaths(join(folder(t), 'cluster'))
  const lock = takeLock(paths)
  assert.ok('release' in lock)
  assert.deepEqual(takeLock(paths), { holder: identify(process.pid) })
  assert.deepEqual(runningProcess(paths), identify(process.pid))
  lock.release()
  assert.equal(runningProcess(paths), undefined)
  for (const left of ['{"pid":1,', JSON.stringify({ ...identify(process.pid), startTicks: 1 })]) {
    writeFileSync(paths.lock, left)
    const again = takeLock(paths)
    assert.ok('release' in again, left)
    again.release()
  }
})

test('settings that are damaged are named, with what to do', (t) => {
  const paths = clusterPaths(folder(t))
  assert.equal(readSettings(paths), undefined)
  writeFileSync(paths.settings, '{"name":')
  assert.throws(
    () => readSettings(paths),
    /settings\.json cannot be read \(.*\): repair it, or start over with skiff reset$/,
  )
})
