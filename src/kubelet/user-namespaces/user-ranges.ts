import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { IdMapping, UserMappings } from '../runtimes/types.ts'

/**
 * Ranges of user and group ids, one for each pod that does not use the node's (KEP-127; upstream: pkg/kubelet/userns).
 * No two pods share one. A pod's is kept in a file of its folder, as upstream does, so that the next kubelet knows it.
 */
export interface UserRanges {
  /** Finds the ranges that pods have already; before anything else. */
  load(podUids: readonly string[]): Promise<void>
  /** The pod's range; given to it when it has none. */
  of(podUid: string): Promise<UserMappings>
  release(podUid: string): void
}

const length = 65_536
const fileName = 'userns'

export function createUserRanges(options: {
  readonly podFolder: (uid: string) => string
  /** How many pods can have a range at once. */
  readonly count: number
}): UserRanges {
  const { podFolder, count } = options
  /** Which multiple of `length` each pod has. The first one is the node's own. */
  const taken = new Map<string, number>()
  const giving = new Map<string, Promise<number>>()

  const find = async (uid: string): Promise<number | undefined> => {
    const text = await readFile(join(podFolder(uid), fileName), 'utf8').catch(() => undefined)
    if (!text) return undefined
    const index = indexOf(text)
    if (index < 1 || index > count) throw new Error(`user namespace: id ${index * length} is out of range`)
    for (const [other, used] of taken)
      if (used === index && other !== uid)
        throw new Error(`user namespace: range picked for pod ${JSON.stringify(uid)} already taken`)
    taken.set(uid, index)
    return index
  }
  const give = async (uid: string): Promise<number> => {
    const found = await find(uid)
    if (found !== undefined) return found
    const used = new Set(taken.values())
    let index = 1
    while (used.has(index)) index++
    if (index > count)
      throw new Error('create user namespace: could not find an empty slot to allocate a user namespace')
    taken.set(uid, index)
    try {
      await keep(podFolder(uid), JSON.stringify({ uidMappings: [mapping(index)], gidMappings: [mapping(index)] }))
    } catch (error) {
      taken.delete(uid)
      throw error
    }
    return index
  }

  return {
    async load(uids) {
      for (const uid of uids) await find(uid)
    },
    async of(uid) {
      let index = taken.get(uid)
      // The file is on the disk before the range is used.
      if (index === undefined || giving.has(uid)) {
        const pending = giving.get(uid) ?? give(uid).finally(() => giving.delete(uid))
        giving.set(uid, pending)
        index = await pending
      }
      return { uids: [mapping(index)], gids: [mapping(index)] }
    },
    release: (uid) => void taken.delete(uid),
  }
}

const mapping = (index: number): IdMapping => ({ hostId: index * length, containerId: 0, length })

/** Throws when it is nothing that was written here. */
function indexOf(text: string): number {
  let found: { uidMappings?: IdMapping[]; gidMappings?: IdMapping[] }
  try {
    found = JSON.parse(text)
  } catch (error) {
    throw new Error(`user namespace: invalid user namespace mappings file: ${(error as Error).message}`)
  }
  const [uids, gids] = [found.uidMappings ?? [], found.gidMappings ?? []]
  const [one] = uids
  if (one === undefined || uids.length !== 1)
    throw new Error('user namespace: invalid user namespace configuration: no more than one mapping allowed.')
  const same = ({ hostId, containerId, length: size }: IdMapping) => [hostId, containerId, size].join()
  if (gids.length !== 1 || same(gids[0]!) !== same(one))
    throw new Error('user namespace: invalid user namespace configuration: GID and UID mapping should be identical')
  if (one.containerId !== 0)
    throw new Error('user namespace: invalid user namespace configuration: UID 0 must be mapped')
  if (one.length !== length) throw new Error(`user namespace: wrong user namespace length ${one.length}`)
  if (one.hostId % length !== 0) throw new Error(`user namespace: wrong user namespace offset specified ${one.hostId}`)
  return one.hostId / length
}

/** Whole and for good, or not at all. */
async function keep(folder: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o750 })
  const path = join(folder, fileName)
  const draft = `${path}.tmp`
  try {
    const file = await open(draft, 'w', 0o644)
    await file.writeFile(text)
    await file.sync()
    await file.close()
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  const parent = await open(folder)
  await parent.sync()
  await parent.close()
}
