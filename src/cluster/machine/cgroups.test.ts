import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../machinery/clock.ts'
import { makeCgroups, parseCgroupMounts, removeCgroups } from './cgroups.ts'

test('a host with one hierarchy per controller is v1, its empty v2 tree included', () => {
  assert.deepEqual(
    parseCgroupMounts(
      'tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n',
    ),
    { version: 1, roots: ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/unified'] },
  )
  assert.deepEqual(parseCgroupMounts('cgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate 0 0\n'), {
    version: 2,
    roots: ['/sys/fs/cgroup'],
  })
})

test('a new cpuset gets its CPUs, and all groups go again, with those below', async () => {
  const top = mkdtempSync(join(tmpdir(), 'skiff-cgroups-'))
  try {
    const layout = { version: 1 as const, roots: [join(top, 'cpuset'), join(top, 'memory')] }
    for (const root of layout.roots) mkdirSync(root)
    writeFileSync(join(top, 'cpuset', 'cpuset.cpus'), '0-1')
    writeFileSync(join(top, 'cpuset', 'cpuset.mems'), '0')
    makeCgroups(layout, 'skiff0-node1')
    assert.equal(readFileSync(join(top, 'cpuset/skiff0-node1/cpuset.cpus'), 'utf8'), '0-1')
    // Outside a real hierarchy the files of a group would keep its folder.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) rmSync(join(top, 'cpuset/skiff0-node1', file))
    mkdirSync(join(top, 'memory/skiff0-node1/kubepods/burstable'), { recursive: true })
    await removeCgroups(layout, 'skiff0-node1', systemClock)
    assert.throws(() => readFileSync(join(top, 'memory/skiff0-node1')), /ENOENT/)
  } finally {
    rmSync(top, { recursive: true })
  }
})

test('on v2 the controllers are handed down to the kubelet', () => {
  const top = mkdtempSync(join(tmpdir(), 'skiff-cgroups-'))
  try {
    const group = join(top, 'skiff0-node1')
    mkdirSync(group)
    for (const folder of [top, group]) {
      writeFileSync(join(folder, 'cgroup.controllers'), 'cpu memory misc\n')
      writeFileSync(join(folder, 'cgroup.subtree_control'), '')
    }
    makeCgroups({ version: 2, roots: [top] }, 'skiff0-node1')
    // A real hierarchy would gather them; a file keeps the last one written.
    for (const folder of [top, group]) {
      assert.equal(readFileSync(join(folder, 'cgroup.subtree_control'), 'utf8'), '+memory')
    }
  } finally {
    rmSync(top, { recursive: true })
  }
})
