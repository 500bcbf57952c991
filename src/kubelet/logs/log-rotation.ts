import { createReadStream, createWriteStream } from 'node:fs'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Runtime } from '../runtimes/runtime.ts'

export interface RotationLimits {
  /** A log larger than this is put aside. */
  readonly maxBytes: number
  /** With the one that is written to; at least 2. */
  readonly maxFiles: number
}

/**
 * Puts a running container's log aside when it has grown too large, compresses those before it, and removes the oldest
 * (upstream: pkg/kubelet/logs/container_log_manager.go).
 */
export async function rotateLog(
  runtime: Runtime,
  containerId: string,
  path: string,
  limits: RotationLimits,
  now: number,
): Promise<void> {
  const size = (await stat(path).catch(() => undefined))?.size ?? 0
  if (size < limits.maxBytes) return
  const folder = dirname(path)
  const prefix = `${basename(path)}.`
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix)).sort()
  // What an interrupted compression left behind.
  for (const name of names.filter((one) => one.endsWith('.tmp'))) await rm(join(folder, name), { force: true })
  const whole = names.filter((name) => !name.endsWith('.tmp') && !names.includes(`${name}.gz`))
  const kept = whole.slice(Math.max(0, whole.length - Math.max(0, limits.maxFiles - 2)))
  for (const name of names) if (!kept.includes(name)) await rm(join(folder, name), { force: true })
  for (const name of kept.filter((one) => !one.endsWith('.gz'))) await compress(join(folder, name))

  const aside = `${path}.${new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}`
  await rename(path, aside)
  try {
    await runtime.reopenContainerLog(containerId)
  } catch (error) {
    await rename(aside, path)
    throw error
  }
}

async function compress(path: string): Promise<void> {
  const temporary = `${path}.tmp`
  await pipeline(createReadStream(path), createGzip(), createWriteStream(temporary))
  await rename(temporary, `${path}.gz`)
  await rm(path)
}
