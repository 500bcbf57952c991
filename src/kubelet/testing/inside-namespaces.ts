import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

/**
 * Lets a test file run as a machine of its own: mount, network, UTS and PID namespaces, in which it may mount, make
 * interfaces and start daemons, and which end with it. The first lines of such a file are
 * `if (insideNamespaces(import.meta.url)) { test(…) }`: outside, the file is one test that runs itself inside.
 */
export function insideNamespaces(moduleUrl: string): boolean {
  if (process.env['SKIFF_INSIDE_NAMESPACES'] === '1') return true
  const file = fileURLToPath(moduleUrl)
  const root = process.platform === 'linux' && process.getuid?.() === 0
  const skip = root || process.env['CI'] === 'true' ? false : 'needs root on Linux'
  test(`${file.split('/').slice(-3).join('/')} in namespaces of its own`, { skip, timeout: 300_000 }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'skiff-test-'))
    const cgroup = `/skiff-test-${basename(folder)}`
    const arguments_ = ['--mount', '--net', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc']
    const inside = [process.execPath, '--test', '--test-isolation=none', '--test-reporter=spec', file]
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const child = spawn('unshare', [...arguments_, ...inside], {
      env: { ...env, SKIFF_INSIDE_NAMESPACES: '1', TMPDIR: folder, SKIFF_TEST_CGROUP: cgroup },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (process.env['SKIFF_TEST_OUTPUT'] === '1') process.stderr.write(text)
      })
    }
    t.signal.addEventListener('abort', () => child.kill('SIGKILL'))
    const [code] = await once(child, 'close')
    // With its first process the namespaces are gone, and what was mounted and ran in them.
    removeCgroup(cgroup)
    rmSync(folder, { recursive: true, force: true })
    assert.equal(code, 0, output)
  })
  return false
}

/** Makes a control group in each hierarchy. */
export function makeCgroup(name: string): void {
  for (const hierarchy of hierarchies()) {
    mkdirSync(join(hierarchy, name), { recursive: true })
    // A new cpuset of version 1 is empty and takes no process.
    for (const file of hierarchy === '/sys/fs/cgroup' ? [] : ['cpuset.cpus', 'cpuset.mems']) {
      if (!existsSync(join(hierarchy, file))) continue
      writeFileSync(join(hierarchy, name, file), readFileSync(join(hierarchy, file), 'utf8').trim())
    }
  }
}

function removeCgroup(name: string): void {
  const remove = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) remove(join(folder, entry.name))
    }
    rmdirSync(folder)
  }
  // A hybrid host's empty tree of version 2 has the group too, once a runtime joined it.
  for (const hierarchy of [...hierarchies(), '/sys/fs/cgroup/unified'])
    if (existsSync(join(hierarchy, name))) remove(join(hierarchy, name))
}

function hierarchies(): string[] {
  if (existsSync('/sys/fs/cgroup/cgroup.controllers')) return ['/sys/fs/cgroup']
  return readdirSync('/sys/fs/cgroup', { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'unified')
    .map((entry) => join('/sys/fs/cgroup', entry.name))
}
