import { Worker } from 'node:worker_threads'
import { programFile } from '../../machinery/program-files.ts'
import { StoreUnavailable } from '../store.ts'
import type { Reply, Request } from './messages.ts'
import type { Row } from './row.ts'
import { unpacked } from './row-batch.ts'

/** The disk has no room: nothing of the request was written, and a later one may succeed. */
export class DiskFull extends StoreUnavailable {}

interface Waiting {
  readonly resolve: () => void
  readonly reject: (error: StoreUnavailable) => void
}

/** The thread that owns the database, seen from the store's loop. Requests are done in order. */
export class DatabaseThread {
  readonly #worker: Worker
  readonly #folder: string
  readonly #waiting: Waiting[] = []
  #broken: StoreUnavailable | undefined
  #closed: (() => void) | undefined

  /**
   * Opens the folder's database, creating it when there is none. `onRow` gets all rows, the newest first. Throws StoreUnavailable
   * with a sentence that says what to do. `onBroken`: the database takes nothing more until it is opened anew.
   */
  static open(
    folder: string,
    onRow: (row: Row) => void,
    onBroken: (error: StoreUnavailable) => void,
  ): Promise<{ thread: DatabaseThread; compactRevision: number }> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(programFile('store/sqlite/worker.ts'), { workerData: { folder }, name: 'store' })
      const thread = new DatabaseThread(worker, folder)
      let opened = false
      const fail = (error: unknown) => {
        const why = error instanceof Error ? error.message : String(error)
        thread.#break(`the store in ${folder} stopped working (${why}): restart Skiff`)
        if (opened) onBroken(thread.#broken!)
        else reject(thread.#broken)
      }
      worker.on('error', fail)
      worker.on('exit', () => {
        if (thread.#closed) thread.#closed()
        else if (!thread.#broken) fail('its thread ended')
      })
      worker.on('message', (message: Reply) => {
        switch (message.type) {
          case 'rows':
            try {
              for (const row of unpacked(message.batch)) onRow(row)
            } catch (error) {
              thread.#broken = error as StoreUnavailable
              reject(error)
              void worker.terminate()
            }
            break
          case 'opened':
            opened = true
            resolve({ thread, compactRevision: message.compactRevision })
            break
          case 'refused':
            thread.#broken = new StoreUnavailable(message.message)
            reject(thread.#broken)
            break
          case 'done':
            thread.#waiting.shift()?.resolve()
            break
          case 'failed':
            if (message.fatal) fail(message.message)
            else thread.#waiting.shift()?.reject(thread.#diskFull())
            break
          case 'closed':
            break
        }
      })
    })
  }

  private constructor(worker: Worker, folder: string) {
    this.#worker = worker
    this.#folder = folder
  }

  commit(rows: readonly Row[], { announces }: { readonly announces: boolean }): Promise<void> {
    return this.#request({ type: 'commit', rows, announces })
  }

  compact(revision: number, sequences: Float64Array): Promise<void> {
    return this.#request({ type: 'compact', revision, sequences })
  }

  /** Ends the thread, after what was asked for before. `isWhole`: all that was seen was committed. */
  async close({ isWhole }: { readonly isWhole: boolean }): Promise<void> {
    if (this.#broken) {
      await this.#worker.terminate()
      return
    }
    this.#broken = new StoreUnavailable('the store is closed')
    await new Promise<void>((resolve) => {
      this.#closed = resolve
      this.#worker.postMessage({ type: 'close', isWhole } satisfies Request)
    })
  }

  #request(request: Request): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#broken) return reject(this.#broken)
      this.#waiting.push({ resolve, reject })
      this.#worker.postMessage(request)
    })
  }

  #diskFull(): DiskFull {
    return new DiskFull(`the disk that holds the store in ${this.#folder} is full: make room, then writes work again`)
  }

  #break(message: string): void {
    if (this.#broken) return
    this.#broken = new StoreUnavailable(message)
    for (const { reject } of this.#waiting.splice(0)) reject(this.#broken)
  }
}
