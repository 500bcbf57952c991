import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { sleep, systemClock } from '../../machinery/clock.ts'
import { type FileProjection, writeAtomically } from './atomic-writer.ts'
import { checkHostPath } from './host-path/plugin.ts'
import type { MountTable } from './mount-table.ts'
import { configMapFiles, secretFiles } from './payload.ts'
import { bindSubpath, makeSubpath } from './subpath.ts'

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'volumes-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
const files = (content: Record<string, string>, mode = 0o644) =>
  new Map(
    Object.entries(content).map(([path, text]): [string, FileProjection] => [path, { data: Buffer.from(text), mode }]),
  )

let stamp = 0
const write = (folder: string, content: Record<string, string>, mode?: number) =>
  writeAtomically(folder, files(content, mode), `stamp${stamp++}`, async () => {})

test('files appear through one link, with their modes', async (t) => {
  const folder = folderOf(t)
  await write(folder, { a: '1', 'deep/er/b': '2' }, 0o600)
  assert.equal(readlinkSync(join(folder, 'a')), '..data/a')
  assert.equal(readlinkSync(join(folder, 'deep')), '..data/deep')
  assert.equal(readFileSync(join(folder, 'deep/er/b'), 'utf8'), '2')
  assert.equal(statSync(join(folder, 'a')).mode & 0o777, 0o600)
})

test('a change swaps all at once and leaves nothing behind; no change writes nothing', async (t) => {
  const folder = folderOf(t)
  await write(folder, { a: '1', b: '1' })
  const before = readlinkSync(join(folder, '..data'))
  await write(folder, { a: '1', b: '1' })
  assert.equal(readlinkSync(join(folder, '..data')), before)
  await write(folder, { a: '2', c: '2' })
  assert.notEqual(readlinkSync(join(folder, '..data')), before)
  const visible = readdirSync(folder).filter((name) => !name.startsWith('..'))
  assert.deepEqual(visible.sort(), ['a', 'c'])
  assert.equal(readdirSync(folder).filter((name) => name.startsWith('..stamp')).length, 1)
})

test('readers never see a mixture', async (t) => {
  const folder = folderOf(t)
  await write(folder, { a: '0', b: '0' })
  let reading = true
  const mixtures: string[] = []
  const reader = (async () => {
    while (reading) {
      const data = join(folder, readlinkSync(join(folder, '..data')))
      try {
        const [a, b] = [readFileSync(join(data, 'a'), 'utf8'), readFileSync(join(data, 'b'), 'utf8')]
        if (a !== b) mixtures.push(`${a} ${b}`)
      } catch {
        // The folder of an old version goes away while it is read.
      }
      await sleep(systemClock, 0)
    }
  })()
  for (let turn = 1; turn <= 50; turn++) await write(folder, { a: String(turn), b: String(turn) })
  reading = false
  await reader
  assert.deepEqual(mixtures, [])
})

test('paths that lead out of the volume are refused', async (t) => {
  const folder = folderOf(t)
  for (const path of ['/etc/x', '../x', 'a/../../x', '..x', '']) {
    await assert.rejects(write(folder, { [path]: 'x' }), /invalid path/, path)
  }
})

test('keys become files, all of them or those that are named', () => {
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data: { a: '1' }, binaryData: { b: 'Ag==' } }
  const options = { defaultMode: 0o644, optional: false }
  const text = (found: Map<string, FileProjection>) =>
    [...found].map(([path, { data, mode }]) => [path, Buffer.from(data).toString('hex'), mode])
  assert.deepEqual(text(configMapFiles(configMap, options)), [
    ['a', '31', 0o644],
    ['b', '02', 0o644],
  ])
  assert.deepEqual(text(configMapFiles(configMap, { ...options, items: [{ key: 'a', path: 'x/y', mode: 0o400 }] })), [
    ['x/y', '31', 0o400],
  ])
  const missing = { ...options, items: [{ key: 'none', path: 'x' }] }
  assert.throws(() => configMapFiles(configMap, missing), /configmap references non-existent config key: none/)
  assert.throws(() => secretFiles(undefined, missing), /references non-existent secret key: none/)
  assert.equal(configMapFiles(configMap, { ...missing, optional: true }).size, 0)
})

test('paths of the host are checked for their type', async (t) => {
  const folder = folderOf(t)
  await checkHostPath(join(folder, 'made/deep'), 'DirectoryOrCreate')
  assert.ok(statSync(join(folder, 'made/deep')).isDirectory())
  await checkHostPath(join(folder, 'file'), 'FileOrCreate')
  await checkHostPath('/dev/null', 'CharDevice')
  await checkHostPath(join(folder, 'whatever'), '')
  await assert.rejects(
    checkHostPath(join(folder, 'file'), 'Directory'),
    /hostPath type check failed: .*file is not a directory/,
  )
  await assert.rejects(checkHostPath(join(folder, 'none'), 'File'), /hostPath type check failed: .*none is not a file/)
  await assert.rejects(checkHostPath(folder, 'Socket'), /is not a socket file/)
})

/** Remembers what would have been bound: the real place of what was opened. */
function fakeMounts(): MountTable & { readonly bound: string[] } {
  const bound: string[] = []
  return {
    bound,
    below: async () => [],
    isMountPoint: async () => false,
    tmpfs: async () => {},
    bind: async (source) => void bound.push(readlinkSync(source)),
    remountTmpfs: async () => {},
    unmount: async () => {},
  }
}

test('a part of a volume is bound where it really is; links inside the volume are followed', async (t) => {
  const folder = folderOf(t)
  const volume = join(folder, 'volume')
  mkdirSync(join(volume, 'a/b'), { recursive: true })
  writeFileSync(join(volume, 'a/file'), '')
  symlinkSync('a', join(volume, 'link'))
  const mounts = fakeMounts()
  await bindSubpath(mounts, volume, 'link/b', join(folder, 't1'))
  await bindSubpath(mounts, volume, 'a/file', join(folder, 't2'))
  assert.deepEqual(mounts.bound, [join(volume, 'a/b'), join(volume, 'a/file')])
  assert.ok(statSync(join(folder, 't1')).isDirectory())
  assert.ok(statSync(join(folder, 't2')).isFile())
})

test('security.md, path escape on a node: links and steps that lead out of the volume are refused (CVE-2017-1002101)', async (t) => {
  const folder = folderOf(t)
  const volume = join(folder, 'volume')
  mkdirSync(volume)
  symlinkSync('/etc', join(volume, 'out'))
  const mounts = fakeMounts()
  await assert.rejects(bindSubpath(mounts, volume, 'out', join(folder, 't')), /not within volume path/)
  await assert.rejects(bindSubpath(mounts, volume, 'out/passwd', join(folder, 't')), /not within volume path/)
  await assert.rejects(makeSubpath(volume, 'out/new', 0o755), /not within volume path/)
  assert.equal(existsSync('/etc/new'), false)
  assert.deepEqual(mounts.bound, [])
})

test('security.md, path escape on a node: a folder that is swapped for a link meanwhile never leads out (CVE-2021-25741)', async (t) => {
  const folder = folderOf(t)
  const volume = join(folder, 'volume')
  const secret = join(folder, 'secret')
  mkdirSync(join(volume, 'racy'), { recursive: true })
  mkdirSync(secret)
  const mounts = fakeMounts()
  let racing = true
  const racer = (async () => {
    while (racing) {
      try {
        renameSync(join(volume, 'racy'), join(volume, 'aside'))
        symlinkSync(secret, join(volume, 'racy'))
        await sleep(systemClock, 0)
        unlinkSync(join(volume, 'racy'))
        renameSync(join(volume, 'aside'), join(volume, 'racy'))
      } catch {
        // The other side was quicker.
      }
      await sleep(systemClock, 0)
    }
  })()
  for (let turn = 0; turn < 200; turn++)
    await bindSubpath(mounts, volume, 'racy', join(folder, `t${turn}`)).catch(() => {})
  racing = false
  await racer
  assert.deepEqual(
    mounts.bound.filter((path) => !path.startsWith(volume)),
    [],
  )
})

test('missing parts are made with the volume’s mode', async (t) => {
  const volume = folderOf(t)
  chmodSync(volume, 0o2770)
  await makeSubpath(volume, 'x/y/z', 0o2770)
  assert.equal(lstatSync(join(volume, 'x/y/z')).mode & 0o7777, 0o2770)
  await makeSubpath(volume, 'x/y/z', 0o2770)
})
