import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import type { Row } from './row.ts'
import { auditWal } from './wal-audit.ts'

/** 'SKIF', in the header of the file. */
const applicationId = 0x534b4946
/** The layout that this version writes and the newest that it reads. */
const format = 1
const resultCode = { busy: 5, readonly: 8, corrupt: 11, full: 13, cantOpen: 14, notADatabase: 26 }

/** The folder cannot be used as it is. The message is one sentence for the person who started it. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

export const fileName = 'store.db'
const pidFileName = 'store.pid'
/** Holds a row while revisions may be seen that are not on disk. */
const aheadTable = 'CREATE TABLE IF NOT EXISTS ahead (announced INTEGER NOT NULL) STRICT'
/** So many revisions at most are seen that are not on disk. */
export const mostRevisionsAhead = 1000

/**
 * The file on disk: one row per operation, in order; nothing is rewritten, compaction deletes rows. Synchronous, for a
 * thread of its own. A commit is on disk when it returns (WAL, synchronous=FULL). Held exclusively while open.
 */
export class Database {
  readonly #db: DatabaseSync
  readonly #folder: string
  readonly #insert: StatementSync
  readonly #delete: StatementSync
  readonly #setCompact: StatementSync
  #bytesSinceCheckpoint = 0

  /** Throws Refused. */
  static open(folder: string): Database {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      return new Database(folder)
    } catch (error) {
      throw refusal(folder, error)
    }
  }

  private constructor(folder: string) {
    this.#folder = folder
    const path = join(folder, fileName)
    const isNew = !exists(path)
    if (isNew && exists(`${path}-wal`)) {
      throw new Refused(
        `the store in ${folder} has lost its main file (${fileName}) but not its log: restore the folder from a backup, or move it away to start with an empty cluster`,
      )
    }
    // Secrets lie in it: readable by its owner only. SQLite gives its other files the same mode.
    closeSync(openSync(path, 'a', 0o600))
    this.#db = new DatabaseSync(path)
    try {
      this.#db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8000')
      const wasWal = !isNew && exists(`${path}-wal`) && statSync(`${path}-wal`).size > 0
      this.#identify(isNew)
      if (wasWal) this.#checkAfterCrash(`${path}-wal`)
      if (this.#pragma('journal_mode') !== 'wal') this.#db.exec('PRAGMA journal_mode = WAL')
      this.#db.exec('BEGIN IMMEDIATE; COMMIT')
      if (isNew || this.#pragma('user_version') === 0) this.#create()
      this.#passRevisionsSeen()
      writeFileSync(join(folder, pidFileName), `${process.pid}\n`, { mode: 0o600 })
      if (isNew) {
        syncFolder(folder)
        syncFolder(dirname(folder))
      }
      this.#insert = this.#db.prepare(
        'INSERT INTO operation (sequence, revision, created, key, value, expires, checksum) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      this.#delete = this.#db.prepare('DELETE FROM operation WHERE sequence = ?')
      this.#setCompact = this.#db.prepare('UPDATE meta SET compact_revision = max(compact_revision, ?)')
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  get compactRevision(): number {
    return Number(this.#db.prepare('SELECT compact_revision FROM meta').get()?.compact_revision)
  }

  /** All rows, the newest first. Throws Refused at the first that is not as it was written. */
  *rows(): Generator<Row> {
    const select = this.#db.prepare(
      'SELECT sequence, revision, created, key, value, expires, checksum FROM operation ORDER BY sequence DESC',
    )
    select.setReturnArrays(true)
    try {
      for (const row of select.iterate() as Iterable<unknown>) {
        const [sequence, revision, created, key, value, expires, checksum] = row as [...Row, number]
        if (checksum !== checksumOf(sequence, revision, created, key, value, expires)) {
          throw damaged(this.#folder, `the record of revision ${revision} is not as it was written`)
        }
        yield [sequence, revision, created, key, value, expires]
      }
    } catch (error) {
      throw refusal(this.#folder, error)
    }
  }

  /** `announces`: from now on, until it is closed, rows may be seen before they are committed. */
  commit(rows: readonly Row[], announces = false): void {
    this.#transaction(() => {
      if (announces) this.#db.exec('INSERT INTO ahead VALUES (1)')
      for (const row of rows) {
        this.#insert.run(...row, checksumOf(...row))
        this.#bytesSinceCheckpoint += 4096 + (row[4]?.byteLength ?? 0)
      }
    })
  }

  compact(revision: number, sequences: Float64Array): void {
    this.#transaction(() => {
      this.#setCompact.run(revision)
      for (const sequence of sequences) this.#delete.run(sequence)
    })
    this.#bytesSinceCheckpoint += 512 * sequences.length
  }

  /** Moves the log into the main file now and then. Failure is harmless: the log just grows. */
  checkpointIfDue(): void {
    if (this.#bytesSinceCheckpoint < 8 << 20) return
    try {
      this.#db.exec('PRAGMA wal_checkpoint(PASSIVE)')
      this.#bytesSinceCheckpoint = 0
    } catch {
      this.#bytesSinceCheckpoint = 4 << 20
    }
  }

  /** `isWhole`: all rows that were seen were committed. */
  close({ isWhole }: { readonly isWhole: boolean }): void {
    try {
      if (isWhole) this.#db.exec('DELETE FROM ahead')
    } catch {
      // It is opened then as after a crash.
    }
    this.#db.close()
    rmSync(join(this.#folder, pidFileName), { force: true })
  }

  #identify(isNew: boolean): void {
    const version = Number(this.#pragma('user_version'))
    const id = Number(this.#pragma('application_id'))
    if (version > format && id === applicationId) {
      throw new Refused(
        `the store in ${this.#folder} was written by a newer version of Skiff (format ${version}, this one knows ${format}): use that version, or another data folder`,
      )
    }
    const empty = this.#db.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.tables === 0
    if (!isNew && id !== applicationId && !empty) {
      throw new Refused(`${join(this.#folder, fileName)} was not written by Skiff: choose another data folder`)
    }
  }

  /**
   * A process that was cut off may have shown revisions that are not here. They are not used again, and their history, which
   * nobody can tell any more, counts as compacted.
   */
  #passRevisionsSeen(): void {
    this.#db.exec(aheadTable)
    if (this.#db.prepare('SELECT 1 FROM ahead').get() === undefined) return
    this.#transaction(() =>
      this.#db.exec(`
        UPDATE meta SET compact_revision =
          max(compact_revision, (SELECT coalesce(max(revision), 1) FROM operation)) + ${mostRevisionsAhead};
        DELETE FROM ahead`),
    )
  }

  #checkAfterCrash(walPath: string): void {
    const wal = auditWal(readFileSync(walPath))
    if (wal.state === 'damaged') throw damaged(this.#folder, `its log is damaged at byte ${wal.at}`)
    const [verdict] = this.#db.prepare('PRAGMA quick_check(1)').all()
    const text = String(Object.values(verdict ?? {})[0])
    if (text !== 'ok') throw damaged(this.#folder, text)
  }

  #create(): void {
    this.#transaction(() => {
      this.#db.exec(`
        CREATE TABLE operation (
          sequence INTEGER PRIMARY KEY,
          revision INTEGER NOT NULL,
          created INTEGER NOT NULL,
          key TEXT NOT NULL,
          value BLOB,
          expires INTEGER,
          checksum INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE meta (compact_revision INTEGER NOT NULL) STRICT;
        INSERT INTO meta VALUES (1);
        ${aheadTable};
        PRAGMA application_id = ${applicationId};
        PRAGMA user_version = ${format}`)
    })
  }

  #transaction(body: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      body()
      this.#db.exec('COMMIT')
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }

  #pragma(name: string): unknown {
    return Object.values(this.#db.prepare(`PRAGMA ${name}`).get() ?? {})[0]
  }
}

/** Whether a failed commit leaves the database as it was, so that a later one may succeed. */
export function isDiskFull(error: unknown): boolean {
  return codeOf(error) === resultCode.full
}

function codeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown })?.errcode
  return typeof code === 'number' ? code & 0xff : undefined
}

function refusal(folder: string, error: unknown): unknown {
  if (error instanceof Refused) return error
  const why = error instanceof Error ? error.message : String(error)
  switch (codeOf(error)) {
    case resultCode.busy:
      return new Refused(
        `the store in ${folder} is in use by another process${ownerOf(folder)}: stop that one, or choose another data folder`,
      )
    case resultCode.corrupt:
    case resultCode.notADatabase:
      return damaged(folder, why)
    case resultCode.full:
      return new Refused(`the disk that holds the store in ${folder} is full: make room, or choose another data folder`)
    case undefined:
      break
    default:
      return new Refused(`the store in ${folder} cannot be opened (${why}): check the folder's owner, mode and disk`)
  }
  const code = (error as { code?: string })?.code
  if (code === 'ENOSPC') {
    return new Refused(`the disk that holds the store in ${folder} is full: make room, or choose another data folder`)
  }
  if (code !== undefined) {
    return new Refused(`the store in ${folder} cannot be opened (${why}): check the folder's owner, mode and disk`)
  }
  return error
}

function damaged(folder: string, why: string): Refused {
  return new Refused(
    `the store in ${folder} is damaged (${why}): restore the folder from a backup, or move it away to start with an empty cluster`,
  )
}

function ownerOf(folder: string): string {
  try {
    return ` (process ${Number.parseInt(readFileSync(join(folder, pidFileName), 'utf8'), 10)})`
  } catch {
    return ''
  }
}

const numbers = new Float64Array(4)
const numberBytes = new Uint8Array(numbers.buffer)
function checksumOf(
  sequence: number,
  revision: number,
  created: number,
  key: string,
  value: Uint8Array | null,
  expires: number | null,
): number {
  numbers[0] = sequence
  numbers[1] = revision
  numbers[2] = created
  numbers[3] = expires ?? (value === null ? -1 : -2)
  const sum = crc32(key, crc32(numberBytes))
  return value === null ? sum : crc32(value, sum)
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
