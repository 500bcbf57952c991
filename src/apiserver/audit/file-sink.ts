import { closeSync, fstatSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { AuditSink } from './event.ts'

/**
 * Appends events to a file, one JSON text a line, readable by its owner only. What is written is with the kernel when the
 * request goes on: the end of this process loses nothing. A file that grows too large is put aside under the time of
 * day (`audit-2026-01-31T12-00-00.000.log`, as upstream's --audit-log-maxsize and --audit-log-maxbackup do).
 */
export function createAuditFileSink(options: {
  readonly path: string
  readonly clock: Clock
  readonly log: Logger
  /** Default 100 MiB. */
  readonly maxBytes?: number
  /** How many files that were put aside are kept; default all. */
  readonly maxBackups?: number
}): AuditSink {
  const { path, clock, log, maxBytes = 100 * 1024 * 1024, maxBackups = Infinity } = options
  const extension = extname(path)
  const stem = basename(path, extension)
  let file = openSync(path, 'a', 0o600)
  let size = fstatSync(file).size

  function putAside(): void {
    closeSync(file)
    const time = new Date(clock.now()).toISOString().slice(0, -1).replaceAll(':', '-')
    renameSync(path, join(dirname(path), `${stem}-${time}${extension}`))
    file = openSync(path, 'a', 0o600)
    size = 0
    const backups = readdirSync(dirname(path)).filter(
      (name) =>
        /^-\d{4}-\d\d-\d\dT[\d.-]+$/.test(name.slice(stem.length, name.length - extension.length || undefined)) &&
        name.startsWith(stem) &&
        name.endsWith(extension),
    )
    for (const name of backups.sort().slice(0, Math.max(0, backups.length - maxBackups)))
      rmSync(join(dirname(path), name))
  }

  return {
    write(event) {
      const line = Buffer.from(`${JSON.stringify(event)}\n`)
      try {
        if (size > 0 && size + line.byteLength > maxBytes) putAside()
        size += writeSync(file, line)
      } catch (error) {
        log.error('an audit event could not be written', { auditID: event.auditID, error })
      }
    },
    close: () => closeSync(file),
  }
}
