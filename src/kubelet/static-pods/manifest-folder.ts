import { type FSWatcher, watch } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod } from '../../api/types.generated.ts'
import { type Clock, formatTime, sleep } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import { podOfManifest } from './manifest.ts'

const rereadMs = 20_000
/** Editors write a file in several steps. */
const settleMs = 100

/** Tells the pods of the folder's manifests, at first and whenever a file changes. */
export async function followManifests(options: {
  readonly folder: string
  readonly nodeName: string
  readonly clock: Clock
  readonly log: Logger
  readonly onPods: (pods: readonly Pod[]) => void
  readonly signal: AbortSignal
}): Promise<void> {
  const { folder, nodeName, clock, log, onPods, signal } = options
  await mkdir(folder, { recursive: true })
  const known = new Map<string, { readonly text: string; readonly pod: Pod | undefined }>()
  let changed: (() => void) | undefined
  const watcher = watched(folder, () => changed?.())
  try {
    while (!signal.aborted) {
      onPods(await read())
      const change = new Promise<void>((resolve) => {
        changed = resolve
      })
      await Promise.race([change, sleep(clock, rereadMs, signal).catch(() => {})])
      await sleep(clock, settleMs, signal).catch(() => {})
    }
  } finally {
    watcher?.close()
  }

  async function read(): Promise<Pod[]> {
    const names = (await readdir(folder, { withFileTypes: true }))
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
    for (const name of known.keys()) if (!names.includes(name)) known.delete(name)
    for (const name of names.sort()) {
      const path = join(folder, name)
      const text = await readFile(path, 'utf8').catch(() => undefined)
      if (text === undefined || known.get(name)?.text === text) continue
      try {
        known.set(name, { text, pod: podOfManifest(text, path, nodeName, formatTime(clock.now())) })
      } catch (error) {
        // What ran of an earlier content goes on.
        known.set(name, { text, pod: known.get(name)?.pod })
        log.error('manifest cannot be read', { path, error: (error as Error).message })
      }
    }
    return [...known.values()].flatMap(({ pod }) => pod ?? [])
  }
}

function watched(folder: string, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, onChange)
    watcher.on('error', () => {})
    return watcher
  } catch {
    return undefined // Too many watches: it is read again from time to time.
  }
}
