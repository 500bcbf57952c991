import { watch } from 'node:fs'
import { stat, type FileHandle } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Clock } from '../../machinery/clock.ts'
import { openLog } from './open-log.ts'
import { formatLogTimestamp, parseLogEntry, type LogEntry } from './log-entry.ts'
import type { LogOptions } from '../../api/core/v1/pod-log-options.ts'

const newline = 0x0a
const blockBytes = 64 * 1024

/** How often a follower looks whether the container still runs, when the file is quiet. */
const checkPeriodMs = 1000

/**
 * The log of one container as its readers want it, in chunks. Following ends when the container has ended and all is
 * read, or the signal aborts; a rotated file is read to its end before the new one is begun
 * (cri-client pkg/logs/logs.go).
 */
export async function* readLog(
  path: string,
  options: LogOptions,
  live: { readonly running: () => Promise<boolean>; readonly clock: Clock; readonly signal?: AbortSignal },
): AsyncGenerator<Buffer> {
  let file = await openLog(path)
  try {
    let position = options.tailLines === undefined ? 0 : await tailStart(file, options.tailLines)
    let remaining = options.limitBytes ?? Number.POSITIVE_INFINITY
    // Without follow, exactly the lines that were there at the start are given, however fast the file grows.
    let linesLeft = options.tailLines !== undefined && !options.follow ? options.tailLines : Number.POSITIVE_INFINITY
    let rest: Buffer = Buffer.alloc(0)
    let atLineStart = true
    let lastRound = false
    if (linesLeft === 0) return
    for (;;) {
      const block = Buffer.allocUnsafe(blockBytes)
      const { bytesRead } = await file.read(block, 0, blockBytes, position)
      if (bytesRead > 0) {
        position += bytesRead
        rest = rest.length === 0 ? block.subarray(0, bytesRead) : Buffer.concat([rest, block.subarray(0, bytesRead)])
        const out: Buffer[] = []
        for (let end = rest.indexOf(newline); end >= 0 && remaining > 0 && linesLeft > 0; end = rest.indexOf(newline)) {
          const entry = parseLogEntry(rest.subarray(0, end + 1))
          rest = rest.subarray(end + 1)
          if (entry === undefined) continue
          linesLeft--
          const bytes = shown(entry, options, atLineStart)
          atLineStart = entry.message.length === 0 || entry.message.at(-1) === newline
          if (bytes === undefined) continue
          out.push(bytes.subarray(0, Math.min(bytes.length, remaining)))
          remaining -= bytes.length
        }
        if (out.length > 0) yield Buffer.concat(out)
        if (remaining <= 0 || linesLeft === 0) return
        continue
      }
      if (!options.follow || lastRound || live.signal?.aborted) return
      const rotated = await reopenIfRotated(path, file)
      if (rotated !== undefined) {
        await file.close()
        file = rotated
        position = 0
        rest = Buffer.alloc(0)
        continue
      }
      // Once it has ended, one more round reads what it wrote last.
      if (!(await live.running())) lastRound = true
      else await changed(path, live.clock, live.signal)
    }
  } finally {
    await file.close()
  }
}

function shown(entry: LogEntry, options: LogOptions, atLineStart: boolean): Buffer | undefined {
  if (options.sinceMs !== undefined && entry.epochMs < options.sinceMs) return undefined
  if (options.stream !== 'All' && options.stream.toLowerCase() !== entry.stream) return undefined
  if (!options.timestamps || !atLineStart) return entry.message
  return Buffer.concat([Buffer.from(`${formatLogTimestamp(entry.timestamp)} `), entry.message])
}

/** Where the last `lines` lines begin; an unfinished last line counts for none. */
async function tailStart(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat()
  let count = 0
  for (let right = size; right > 0; right -= blockBytes) {
    const left = Math.max(0, right - blockBytes)
    const block = Buffer.alloc(right - left)
    await file.read(block, 0, block.length, left)
    for (let at = block.lastIndexOf(newline); at >= 0; at = at === 0 ? -1 : block.lastIndexOf(newline, at - 1)) {
      if (++count > lines) return left + at + 1
    }
  }
  return 0
}

async function reopenIfRotated(path: string, file: FileHandle): Promise<FileHandle | undefined> {
  try {
    const [now, ours] = await Promise.all([stat(path), file.stat()])
    return now.ino === ours.ino ? undefined : await openLog(path)
  } catch {
    return undefined // between the two steps of a rotation, or removed with its container
  }
}

/** Resolves when something happens to the file, after a while anyhow, or when the signal aborts. */
function changed(path: string, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      watcher?.close()
      cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.after(checkPeriodMs, done)
    let watcher: ReturnType<typeof watch> | undefined
    try {
      const name = basename(path)
      watcher = watch(dirname(path), { persistent: false }, (_event, file) => (file === name ? done() : undefined))
      watcher.on('error', () => {})
    } catch {
      // Too many watches, or the folder is gone: the timer does.
    }
    signal?.addEventListener('abort', done, { once: true })
  })
}
