import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Clock } from '../../../machinery/clock.ts'
import type { AuditFailures } from '../audit-metrics.ts'
import type { AuditEvent, AuditSink } from '../event.ts'

const dayMs = 24 * 3600 * 1000

export interface FileBackendOptions {
  readonly path: string
  readonly clock: Clock
  readonly failures: AuditFailures
  /** Default 100 MiB; 0: it grows without end. */
  readonly maxBytes?: number
  /** How many files that were put aside are kept; 0: all. */
  readonly maxBackups?: number
  /** For how many days they are kept; 0: for ever. */
  readonly maxAgeDays?: number
  /** Files that were put aside are gzipped. */
  readonly compress?: boolean
  /** An event as a line, with its end; default: its JSON. */
  readonly lineOf?: (event: AuditEvent) => string
}

/**
 * Appends events to a file, one JSON text a line, readable by its owner only. What is written is with the kernel when the
 * request goes on: the end of this process loses nothing. A file that would grow too large is put aside under the time of
 * day, `audit-2026-01-31T12-00-00.000.log`, as upstream's --audit-log-max… do (lumberjack).
 */
export function createAuditFileBackend(options: FileBackendOptions): AuditSink {
  const { path, clock, failures, maxBytes = 100 * 1024 * 1024, lineOf = jsonLine } = options
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const backups = backupsOf(options)
  let file = openSync(path, 'a', 0o600)
  let size = fstatSync(file).size
  backups.tidy()

  function putAside(): void {
    closeSync(file)
    renameSync(path, backups.nameFor(clock.now()))
    file = openSync(path, 'a', 0o600)
    size = 0
    backups.tidy()
  }

  return {
    process(events) {
      const lines = Buffer.from(events.map(lineOf).join(''))
      try {
        if (maxBytes > 0 && lines.byteLength > maxBytes)
          throw new Error(`write length ${lines.byteLength} exceeds maximum file size ${maxBytes}`)
        if (maxBytes > 0 && size > 0 && size + lines.byteLength > maxBytes) putAside()
        size += writeSync(file, lines)
        return true
      } catch (error) {
        failures.failed('log', error, events)
        return false
      }
    },
    close: () => closeSync(file),
  }
}

/** `--audit-log-path=-`: to standard output. */
export function createAuditStreamBackend(write: (text: string) => void, lineOf = jsonLine): AuditSink {
  return {
    process(events) {
      write(events.map(lineOf).join(''))
      return true
    },
    close: () => {},
  }
}

export const jsonLine = (event: AuditEvent): string => `${JSON.stringify(event)}\n`

/** The files that were put aside, beside the one that is written. */
function backupsOf({ path, clock, maxBackups = 0, maxAgeDays = 0, compress = false }: FileBackendOptions) {
  const folder = dirname(path)
  const extension = extname(path)
  const prefix = `${basename(path, extension)}-`

  /** The moment in a backup's name; undefined for any other file. */
  function timeOf(name: string): number | undefined {
    const plain = name.replace(/\.gz$/, '')
    if (!plain.startsWith(prefix) || !plain.endsWith(extension)) return undefined
    const text = plain.slice(prefix.length, plain.length - extension.length)
    const match = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3})$/.exec(text)
    return match === null ? undefined : Date.parse(`${match[1]}T${match[2]}:${match[3]}:${match[4]}Z`)
  }

  return {
    nameFor(epochMs: number): string {
      const time = new Date(epochMs).toISOString().slice(0, -1).replaceAll(':', '-')
      return join(folder, `${prefix}${time}${extension}`)
    },
    tidy(): void {
      const newestFirst = readdirSync(folder)
        .flatMap((name) => {
          const time = timeOf(name)
          return time === undefined ? [] : [{ name, time }]
        })
        .sort((left, right) => right.time - left.time)
      const oldest = maxAgeDays > 0 ? clock.now() - maxAgeDays * dayMs : -Infinity
      newestFirst.forEach(({ name, time }, index) => {
        const at = join(folder, name)
        if ((maxBackups > 0 && index >= maxBackups) || time < oldest) rmSync(at)
        else if (compress && !name.endsWith('.gz')) {
          writeFileSync(`${at}.gz`, gzipSync(readFileSync(at)), { mode: 0o600 })
          rmSync(at)
        }
      })
    },
  }
}
