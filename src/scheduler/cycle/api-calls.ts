import { type Clock, sleep } from '../../machinery/clock.ts'
import { ApiError } from '../../machinery/errors.ts'

const retryDelaysMs = [10, 60, 310]

/** Runs calls of the API, so many at a time and in order; those that a moment later may succeed are tried again. */
export class ApiCalls {
  readonly #clock: Clock
  readonly #most: number
  #running = 0
  readonly #waiting: (() => void)[] = []
  #idle: (() => void)[] = []

  constructor(clock: Clock, most = 64) {
    this.#clock = clock
    this.#most = most
  }

  /** Calls that run or wait. */
  get pending(): number {
    return this.#running + this.#waiting.length
  }

  async run<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    if (this.#running >= this.#most) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running++
    try {
      for (const delay of retryDelaysMs) {
        try {
          return await call()
        } catch (error) {
          if (!worthRetrying(error)) throw error
          await sleep(this.#clock, delay)
        }
      }
      return await call()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else if (--this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve()
    }
  }

  /** Nothing runs any more. */
  async settled(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }
}

/** pkg/scheduler/util Retriable. */
function worthRetrying(error: unknown): boolean {
  if (error instanceof ApiError) return error.reason === 'InternalError' || error.reason === 'ServiceUnavailable'
  return (error as { code?: unknown })?.code === 'ECONNREFUSED'
}
