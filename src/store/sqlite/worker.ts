import { parentPort, workerData } from 'node:worker_threads'
import { Database, isDiskFull, Refused } from './database.ts'
import type { Reply, Request } from './messages.ts'
import { RowPacker, transferred } from './row-batch.ts'

/** The thread that owns the database: sends all rows, then answers one request after the other. */
const port = parentPort!
const nothing = new Uint8Array()
const reply = (message: Reply) => port.postMessage(message)

/** Sends every row, the newest first, without the values that nothing can ask for. */
function sendRows(database: Database): void {
  const { compactRevision } = database
  const current = new Set<string>()
  const base = new Set<string>()
  let packer = new RowPacker()
  const send = () => {
    const batch = packer.packed()
    port.postMessage({ type: 'rows', batch } satisfies Reply, transferred(batch))
    packer = new RowPacker()
  }
  for (const row of database.rows()) {
    const [sequence, revision, created, key, value, expires] = row
    const isCurrent = !current.has(key)
    current.add(key)
    const isDead = revision <= compactRevision && base.has(key)
    if (revision <= compactRevision) base.add(key)
    packer.add([sequence, revision, created, key, isDead && value !== null ? nothing : value, expires], { isCurrent })
    if (packer.full) send()
  }
  send()
}

function open(folder: string): Database | undefined {
  let database: Database | undefined
  try {
    database = Database.open(folder)
    sendRows(database)
    reply({ type: 'opened', compactRevision: database.compactRevision })
    return database
  } catch (error) {
    database?.close({ isWhole: true })
    if (!(error instanceof Refused)) throw error
    reply({ type: 'refused', message: error.message })
    return undefined
  }
}

const database = open((workerData as { folder: string }).folder)

if (database) {
  port.on('message', (request: Request) => {
    if (request.type === 'close') {
      try {
        database.close(request)
      } finally {
        reply({ type: 'closed' })
        port.close()
      }
      return
    }
    try {
      switch (request.type) {
        case 'commit':
          database.commit(request.rows, request.announces)
          break
        case 'compact':
          database.compact(request.revision, request.sequences)
          break
      }
    } catch (error) {
      reply({ type: 'failed', message: (error as Error).message, fatal: !isDiskFull(error) })
      return
    }
    reply({ type: 'done' })
    database.checkpointIfDue()
  })
}
