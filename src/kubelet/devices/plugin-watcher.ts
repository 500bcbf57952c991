import { watch } from 'node:fs'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, sleep } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import { openChannel } from '../runtimes/cri/channel.ts'
import { getInfo, notifyStatus } from './messages.ts'

/** What a plugin says of itself. */
export interface PluginInfo {
  readonly name: string
  /** The socket at which it serves. */
  readonly endpoint: string
  readonly versions: readonly string[]
}

/** Takes plugins of one type. */
export interface PluginHandler {
  /** Throws when the plugin cannot be used. */
  register(plugin: PluginInfo): void
  deregister(plugin: PluginInfo): void
}

const scanMs = 10_000
const retryMs = 1000
const longestRetryMs = 120_000

interface Known {
  readonly generation: string
  registered?: { readonly handler: PluginHandler; readonly plugin: PluginInfo }
  failures: number
  retryAt: number
}

/**
 * Finds the sockets of plugins in a folder, asks each what it is, and tells it whether it was taken; a socket that is gone
 * or made anew ends what was known (pkg/kubelet/pluginmanager). Runs until the signal aborts.
 */
export async function watchPlugins(options: {
  readonly folder: string
  /** By the type that plugins say of themselves. */
  readonly handlers: Readonly<Record<string, PluginHandler>>
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}): Promise<void> {
  const { folder, handlers, clock, log, signal } = options
  await mkdir(folder, { recursive: true })
  const known = new Map<string, Known>()
  const forget = (path: string) => {
    const { registered } = known.get(path) ?? {}
    known.delete(path)
    registered?.handler.deregister(registered.plugin)
  }
  const scan = async (): Promise<number> => {
    const found = await socketsIn(folder)
    for (const [path, { generation }] of known) if (found.get(path) !== generation) forget(path)
    for (const [path, generation] of found) {
      const entry = known.get(path) ?? { generation, failures: 0, retryAt: 0 }
      known.set(path, entry)
      if (entry.registered !== undefined || entry.retryAt > clock.monotonic()) continue
      try {
        entry.registered = await register(path, handlers)
        log.info('plugin registered', { plugin: entry.registered.plugin.name, socket: path })
      } catch (error) {
        entry.retryAt = clock.monotonic() + Math.min(longestRetryMs, retryMs * 2 ** entry.failures++)
        log.warn('plugin not registered', { socket: path, error: (error as Error).message })
      }
    }
    const next = Math.min(...[...known.values()].map((entry) => (entry.registered ? Infinity : entry.retryAt)))
    return Math.min(scanMs, Math.max(0, next - clock.monotonic()))
  }
  let changed = new AbortController()
  const watcher = watch(folder, () => changed.abort())
  signal.addEventListener('abort', () => changed.abort(), { once: true })
  try {
    while (!signal.aborted) {
      changed = new AbortController()
      const waitMs = await scan().catch((error: unknown) => {
        log.warn('plugins could not be looked for', { error })
        return scanMs
      })
      if (!signal.aborted) await sleep(clock, waitMs, changed.signal).catch(() => {})
    }
  } finally {
    watcher.close()
    for (const path of [...known.keys()]) forget(path)
  }
}

/** By path: what tells one socket from the next at the same place. */
async function socketsIn(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.name.startsWith('.')) continue
    if (entry.isDirectory()) for (const [inner, generation] of await socketsIn(path)) found.set(inner, generation)
    else if (entry.isSocket()) {
      const stats = await stat(path).catch(() => undefined)
      if (stats !== undefined) found.set(path, `${stats.ino} ${stats.ctimeMs}`)
    }
  }
  return found
}

async function register(path: string, handlers: Readonly<Record<string, PluginHandler>>) {
  const channel = openChannel(path)
  const tell = (registered: boolean, error = '') =>
    channel.call(notifyStatus, { registered, error }, { deadlineSeconds: 5 })
  try {
    const info = await channel.call(getInfo, {}, { deadlineSeconds: 1 })
    const handler = Object.hasOwn(handlers, info.type) ? handlers[info.type] : undefined
    const refuse = async (why: string): Promise<never> => {
      const error = `RegisterPlugin error -- ${why}`
      await tell(false, error)
      throw new Error(error)
    }
    if (handler === undefined)
      return await refuse(`no handler registered for plugin type: ${info.type} at socket ${path}`)
    const plugin = { name: info.name, endpoint: info.endpoint || path, versions: info.supportedVersions }
    try {
      handler.register(plugin)
    } catch (error) {
      return await refuse(`plugin validation failed with err: ${(error as Error).message}`)
    }
    try {
      await tell(true)
    } catch (error) {
      handler.deregister(plugin)
      throw error
    }
    return { handler, plugin }
  } finally {
    channel.close()
  }
}
