import type { EventRecorder } from '../../client/events/event-recorder.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { DiskSpace } from '../node/machine.ts'
import type { Runtime } from '../runtimes/runtime.ts'

export interface ImageCollectorOptions {
  readonly runtime: Runtime
  readonly clock: Clock
  readonly log: Logger
  readonly events: EventRecorder
  readonly nodeName: string
  /** Of the file system of the images; undefined: not known. */
  readonly disk: (mountpoint: string) => DiskSpace | undefined
  /** Percent of the disk in use at which images are removed, and down to which. 100: never. */
  readonly highPercent: number
  readonly lowPercent: number
  /** Told which images are left, by id, after some were removed. */
  readonly onCollected: (images: readonly string[]) => void
}

/** Removes images that no container uses when the disk fills, those first that were unused longest (upstream: pkg/kubelet/images/image_gc_manager.go). */
export interface ImageCollector {
  collect(): Promise<void>
  /** Removes every image that nothing uses. Answers how many bytes they were. */
  removeUnused(): Promise<number>
}

/** An image younger than this is left alone: something may be about to use it. */
const minimumAgeMs = 120_000

export function createImageCollector(options: ImageCollectorOptions): ImageCollector {
  const { runtime, clock, log, events } = options
  const seen = new Map<string, { readonly first: number; last: number }>()

  const unused = async () => {
    const [images, containers] = await Promise.all([runtime.listImages(), runtime.listContainers()])
    const used = new Set(containers.flatMap(({ image, imageRef, imageId }) => [image.image, imageRef, imageId]))
    const now = clock.now()
    for (const id of seen.keys()) if (!images.some((image) => image.id === id)) seen.delete(id)
    return images
      .filter((image) => {
        const known = seen.get(image.id) ?? { first: now, last: 0 }
        seen.set(image.id, known)
        const inUse = [image.id, ...image.repoTags, ...image.repoDigests].some((name) => used.has(name))
        if (inUse) known.last = now
        return !inUse && !image.pinned
      })
      .sort((a, b) => seen.get(a.id)!.last - seen.get(b.id)!.last)
  }
  const free = async (bytes: number, minAgeMs: number): Promise<number> => {
    let freed = 0
    for (const image of await unused()) {
      if (freed >= bytes) break
      if (clock.now() - seen.get(image.id)!.first < minAgeMs) continue
      try {
        await runtime.removeImage({ image: image.id })
        freed += image.sizeBytes
        log.info('removed an unused image', { image: image.repoTags[0] ?? image.id, bytes: image.sizeBytes })
      } catch (error) {
        log.warn('an image could not be removed', { image: image.id, error: (error as Error).message })
      }
    }
    if (freed > 0) options.onCollected((await runtime.listImages()).map(({ id }) => id))
    return freed
  }

  return {
    async collect() {
      if (options.highPercent >= 100) return
      // Looking is also how the times of use are learned.
      await unused()
      const mountpoint = (await runtime.imageFilesystems()).images[0]?.mountpoint
      const disk = mountpoint === undefined ? undefined : options.disk(mountpoint)
      if (disk === undefined) return
      const usedPercent = 100 - Math.floor((disk.availableBytes * 100) / disk.capacityBytes)
      if (usedPercent < options.highPercent) return
      const wanted = Math.floor((disk.capacityBytes * (100 - options.lowPercent)) / 100) - disk.availableBytes
      const freed = await free(wanted, minimumAgeMs)
      if (freed >= wanted) return
      const about = { kind: 'Node', name: options.nodeName, uid: options.nodeName }
      const message = `Failed to garbage collect required amount of images. Attempted to free ${wanted} bytes, but only found ${freed} bytes eligible to free.`
      events.event(about, 'Warning', 'FreeDiskSpaceFailed', message)
    },
    removeUnused: () => free(Number.POSITIVE_INFINITY, 0),
  }
}
