import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { persistentVolumes } from '../../api/core/v1/persistent-volume.ts'
import type { PersistentVolume } from '../../api/types.generated.ts'
import type { InformerFactory } from '../../client/informer.ts'
import { WorkQueue } from '../../client/work-queue.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Component } from '../../machinery/component.ts'
import type { Logger } from '../../machinery/log.ts'

export interface LocalVolumeKeeperOptions {
  /** Read PersistentVolumes. */
  readonly informers: InformerFactory
  /** The value of the label kubernetes.io/hostname of this node. */
  readonly hostname: string
  /** Where the volumes of this node lie. Nothing else may be in it. */
  readonly folder: string
  readonly clock: Clock
  readonly log: Logger
}

const hostnameLabel = 'kubernetes.io/hostname'
/** Stands beside the folder of a volume whose data outlive it. */
const retain = '.retain'

/**
 * Makes the folders of this node's local volumes, and deletes those whose volume is gone, unless its reclaim policy was
 * Retain. A volume names its folder itself: one that is not right below `folder` is none of ours.
 */
export function createLocalVolumeKeeper(options: LocalVolumeKeeperOptions): Component {
  const { folder, hostname, clock, log } = options
  const volumes = options.informers.for(persistentVolumes)
  const queue = new WorkQueue<string>({ clock })
  const stopping = new AbortController()
  let unsubscribe = () => {}
  let work: Promise<void> = Promise.resolve()

  const nameOf = (volume: PersistentVolume): string | undefined => {
    const path = volume.spec.hostPath?.path ?? ''
    const terms = volume.spec.nodeAffinity?.required?.nodeSelectorTerms ?? []
    const isHere = terms.some(({ matchExpressions }) =>
      matchExpressions?.some(({ key, values }) => key === hostnameLabel && values?.includes(hostname) === true),
    )
    const name = basename(path)
    return isHere && dirname(path) === folder && /^pvc-[\w.-]+$/.test(name) ? name : undefined
  }
  const sync = async (name: string) => {
    const path = join(folder, name)
    const volume = volumes.list().find((one) => nameOf(one) === name)
    if (volume === undefined) {
      const left = await readdir(folder)
      if (!left.includes(name) || left.includes(name + retain)) return
      await rm(path, { recursive: true, force: true })
      log.info('deleted the data of a volume that is gone', { folder: path })
      return
    }
    await mkdir(path, { recursive: true })
    // Containers may run as anybody.
    await chmod(path, 0o777)
    if (volume.spec.persistentVolumeReclaimPolicy === 'Delete') await rm(path + retain, { force: true })
    else await writeFile(path + retain, '')
  }
  const loop = async () => {
    await volumes.whenSynced(stopping.signal).catch(() => {})
    if (stopping.signal.aborted) return
    for (const name of await readdir(folder)) if (!name.endsWith(retain)) queue.add(name)
    for (let name = await queue.next(); name !== undefined; name = await queue.next()) {
      try {
        await sync(name)
        queue.forget(name)
      } catch (error) {
        log.warn('a local volume could not be kept', { name, error: (error as Error).message })
        queue.addRateLimited(name)
      } finally {
        queue.done(name)
      }
    }
  }
  return {
    name: 'local-volumes',
    async start() {
      await mkdir(folder, { recursive: true, mode: 0o711 })
      const seen = (volume: PersistentVolume) => {
        const name = nameOf(volume)
        if (name !== undefined) queue.add(name)
      }
      unsubscribe = volumes.subscribe({ added: seen, updated: seen, deleted: seen })
      work = loop()
    },
    async stop() {
      unsubscribe()
      stopping.abort()
      queue.close()
      await work
    },
  }
}
