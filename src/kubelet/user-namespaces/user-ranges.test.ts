import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createUserRanges } from './user-ranges.ts'

async function ranges(t: TestContext, count = 3) {
  const folder = await mkdtemp(join(tmpdir(), 'skiff-user-ranges-'))
  t.after(() => rm(folder, { recursive: true }))
  const make = () => createUserRanges({ podFolder: (uid) => join(folder, uid), count })
  return { folder, make, first: make() }
}
const range = (index: number) => {
  const ids = [{ hostId: index * 65_536, containerId: 0, length: 65_536 }]
  return { uids: ids, gids: ids }
}

test('no two pods share a range, none has the node’s, and one that is free is used again', async (t) => {
  const { first } = await ranges(t)
  const given = await Promise.all(['a', 'b', 'a', 'c'].map((uid) => first.of(uid)))
  const firstIds = given.map(({ uids }) => uids[0]!.hostId)
  assert.equal(firstIds[0], firstIds[2])
  assert.deepEqual(
    [...new Set(firstIds)].sort((a, b) => a - b),
    [65_536, 131_072, 196_608],
  )
  const full = { message: 'create user namespace: could not find an empty slot to allocate a user namespace' }
  await assert.rejects(first.of('d'), full)
  first.release('b')
  assert.deepEqual(await first.of('d'), given[1])
})

test('the next kubelet knows who has what', async (t) => {
  const { folder, first, make } = await ranges(t)
  await first.of('a')
  await first.of('b')
  await rm(join(folder, 'a'), { recursive: true })
  const next = make()
  await next.load(['a', 'b'])
  assert.deepEqual(await next.of('c'), range(1))
  assert.deepEqual(await next.of('b'), range(2))
  assert.equal(
    await readFile(join(folder, 'b/userns'), 'utf8'),
    '{"uidMappings":[{"hostId":131072,"containerId":0,"length":65536}],"gidMappings":[{"hostId":131072,"containerId":0,"length":65536}]}',
  )
})

test('a file that would give a pod the node’s ids, or another pod’s, is not believed', async (t) => {
  const { folder, first } = await ranges(t)
  await first.of('a')
  const write = async (uid: string, uidMappings: object[], gidMappings = uidMappings) => {
    await mkdir(join(folder, uid), { recursive: true })
    await writeFile(join(folder, uid, 'userns'), JSON.stringify({ uidMappings, gidMappings }))
  }
  const [mapping] = range(2).uids
  await write('node', [{ ...mapping, hostId: 0 }])
  await assert.rejects(first.of('node'), { message: 'user namespace: id 0 is out of range' })
  await write('taken', range(1).uids)
  await assert.rejects(first.of('taken'), { message: /"taken" already taken/ })
  await write('uneven', [{ ...mapping, hostId: 65_537 }])
  await assert.rejects(first.of('uneven'), { message: /wrong user namespace offset specified 65537/ })
  await write('long', [{ ...mapping, length: 131_072 }])
  await assert.rejects(first.of('long'), { message: /wrong user namespace length 131072/ })
  await write('two', range(2).uids, range(3).gids)
  await assert.rejects(first.of('two'), { message: /should be identical/ })
})
