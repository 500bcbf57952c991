import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Volume } from '../../api/types.generated.ts'
import type { DownwardFacts } from '../environment/downward-fields.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Random } from '../../machinery/random.ts'
import { folderStamp } from './atomic-writer.ts'
import type { MountTable } from './mount-table.ts'
import type { MountedVolume, VolumeInput, VolumePlugin, VolumeSources } from './plugin.ts'
import { volumePlugins } from './plugins.ts'
import type { VolumeMetrics } from './volume-metrics.ts'
import { VolumeErrors } from './volume-error.ts'

/** The volumes of all pods of this node, in folders below each pod's. */
export class PodVolumes {
  readonly #sources: VolumeSources
  readonly #mounts: MountTable
  readonly #podFolder: (uid: string) => string
  readonly #stamp: () => string
  readonly #metrics: VolumeMetrics | undefined
  readonly #mounted = new Map<string, Map<string, MountedVolume>>()

  constructor(options: {
    sources: VolumeSources
    mounts: MountTable
    podFolder: (uid: string) => string
    clock: Clock
    random: Random
    metrics?: VolumeMetrics
  }) {
    this.#metrics = options.metrics
    this.#sources = options.sources
    this.#mounts = options.mounts
    this.#podFolder = options.podFolder
    this.#stamp = () => folderStamp(options.clock.now(), options.random)
  }

  /** Throws VolumeErrors with one failure per volume that could not be mounted. */
  async mount(facts: DownwardFacts, onlyFollowing = false): Promise<void> {
    const uid = facts.pod.metadata.uid ?? ''
    const mounted = this.#mounted.get(uid) ?? new Map<string, MountedVolume>()
    this.#mounted.set(uid, mounted)
    const failures: Error[] = []
    await Promise.all(
      this.#volumes(facts).map(async (volume) => {
        const plugin = pluginOf(volume)
        if (onlyFollowing && (plugin?.follows === false || !mounted.has(volume.name))) return
        // What follows nothing is mounted once.
        if (plugin?.follows === false && mounted.has(volume.name) && plugin.name !== 'kubernetes.io~host-path') return
        try {
          mounted.set(volume.name, await this.#mount(plugin, volume, facts))
        } catch (error) {
          const message = `MountVolume.SetUp failed for volume ${JSON.stringify(volume.name)} : ${(error as Error).message}`
          failures.push(new Error(message, { cause: error }))
        }
      }),
    )
    if (failures.length > 0) throw new VolumeErrors(failures)
  }

  #volumes({ pod }: DownwardFacts): readonly Volume[] {
    return (pod.spec.volumes ?? []).filter(({ image }) => image === undefined)
  }

  #mount(plugin: VolumePlugin | undefined, volume: Volume, facts: DownwardFacts): Promise<MountedVolume> {
    if (plugin === undefined) throw new Error('no volume plugin matched')
    const folder = join(this.#podFolder(facts.pod.metadata.uid ?? ''), 'volumes', plugin.name, volume.name)
    const input: VolumeInput = {
      volume,
      pod: facts.pod,
      facts,
      folder,
      sources: this.#sources,
      mounts: this.#mounts,
      stamp: this.#stamp,
    }
    const mount = () => plugin.mount(input)
    return this.#metrics?.measured(plugin.name, 'volume_mount', mount) ?? mount()
  }

  get(uid: string, name: string): MountedVolume | undefined {
    return this.#mounted.get(uid)?.get(name)
  }

  /** Unmounts and removes all that the pod has; what else is mounted below is left alone, with an error. */
  async remove(uid: string): Promise<void> {
    this.#mounted.delete(uid)
    const folder = this.#podFolder(uid)
    for (const point of await this.#mounts.below(folder)) await this.#mounts.unmount(point)
    const left = await this.#mounts.below(folder)
    if (left.length > 0) throw new Error(`still mounted: ${left.join(', ')}`)
    await rm(folder, { recursive: true, force: true })
  }

  static async podsBelow(folder: string): Promise<string[]> {
    return readdir(folder).catch(() => [])
  }
}

export function pluginOf(volume: Volume): VolumePlugin | undefined {
  return volumePlugins.find((plugin) => plugin.supports(volume))
}
