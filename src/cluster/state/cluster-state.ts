import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { identify, isRunning, type ProcessIdentity } from '../../machinery/process-identity.ts'
import type { ClusterSettings } from '../settings.ts'
import type { ClusterPaths } from './paths.ts'

/** Who runs the cluster now. */
export interface ClusterState {
  readonly process: ProcessIdentity
  readonly server: string
  readonly startedAt: string
  /** Milliseconds from the start of the process until the API server answered. */
  readonly readyzMs: number
  /** Set once everything is ready. */
  readonly readyAt?: string
}

/** Makes the cluster's folder. Throws an Error that says what to do when that cannot be. */
export function makeDataFolder(paths: ClusterPaths): void {
  try {
    mkdirSync(paths.root, { recursive: true, mode: 0o700 })
    accessSync(paths.root, constants.W_OK | constants.X_OK)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const known: Readonly<Record<string, string>> = {
      EACCES: 'permission denied',
      EPERM: 'permission denied',
      EROFS: 'the disk is read-only',
      ENOTDIR: 'a file is in its way',
      EEXIST: 'a file is in its way',
      ENOSPC: 'the disk is full',
    }
    throw new Error(
      `the folder ${paths.root} cannot be used (${known[code ?? ''] ?? message}): choose another with --data-dir, or run skiff as its owner`,
      { cause: error },
    )
  }
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code === 'EACCES')
      throw new Error(
        `${path} belongs to somebody else: run skiff as its owner (sudo), or choose another folder with --data-dir`,
        { cause: error },
      )
    throw new Error(`${path} cannot be read (${(error as Error).message}): repair it, or start over with skiff reset`, {
      cause: error,
    })
  }
}

/** Written beside and moved into place, so that a crash leaves the old file or the new one. */
function writeJson(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

export function readSettings(paths: ClusterPaths): ClusterSettings | undefined {
  return readJson<ClusterSettings>(paths.settings)
}
export function writeSettings(paths: ClusterPaths, settings: ClusterSettings): void {
  writeJson(paths.settings, settings)
}

export function readState(paths: ClusterPaths): ClusterState | undefined {
  return readJson<ClusterState>(paths.state)
}
export function writeState(paths: ClusterPaths, state: ClusterState): void {
  writeJson(paths.state, state)
}
export function clearState(paths: ClusterPaths): void {
  rmSync(paths.state, { force: true })
}

/** The process that runs this cluster, if one does. */
export function runningProcess(paths: ClusterPaths): ProcessIdentity | undefined {
  const holder = readJson<ProcessIdentity>(paths.lock)
  return holder && isRunning(holder) ? holder : undefined
}

/**
 * Makes this process the one that runs the cluster of this folder. Returns what gives that up, or the process that has
 * it already. A lock whose owner is gone counts for nothing.
 */
export function takeLock(paths: ClusterPaths): { release: () => void } | { holder: ProcessIdentity } {
  makeDataFolder(paths)
  const self = identify(process.pid)
  if (self === undefined) throw new Error('/proc is not there: Skiff needs Linux with /proc mounted')
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(paths.lock, JSON.stringify(self), { flag: 'wx', mode: 0o600 })
      return { release: () => rmSync(paths.lock, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = lockHolder(paths)
    if (holder && isRunning(holder)) return { holder }
    rmSync(paths.lock, { force: true })
  }
  throw new Error(`${paths.lock} cannot be taken: another skiff is starting on this folder, try again`)
}

/** A half-written lock is nobody's. */
function lockHolder(paths: ClusterPaths): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(paths.lock, 'utf8')) as ProcessIdentity
  } catch {
    return undefined
  }
}
