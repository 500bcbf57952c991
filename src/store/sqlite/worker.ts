import { parentPort, workerData } from 'node:worker_threads'
import { Database, isDiskFull, Refused } from './database.ts'
import type { Reply, Request, Row } from './messages.ts'

/** The thread that owns the database: sends all rows, then answers one request after the other. */
const port = parentPort!
const reply = (message: Reply) => port.postMessage(message)

function open(folder: string): Database | undefined {
  let database: Database | undefined
  try {
    database = Database.open(folder)
    let rows: Row[] = []
    let bytes = 0
    for (const row of database.rows()) {
      rows.push(row)
      bytes += row[4]?.byteLength ?? 0
      if (rows.length < 512 && bytes < 1 << 20) continue
      reply({ type: 'rows', rows })
      rows = []
      bytes = 0
    }
    reply({ type: 'rows', rows })
    reply({ type: 'opened', compactRevision: database.compactRevision })
    return database
  } catch (error) {
    database?.close()
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
        database.close()
      } finally {
        reply({ type: 'closed' })
        port.close()
      }
      return
    }
    try {
      switch (request.type) {
        case 'commit':
          database.commit(request.rows)
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
