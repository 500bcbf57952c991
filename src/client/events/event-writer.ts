import { type Clock, sleep } from '../../machinery/clock.ts'
import { ApiError, isReason } from '../../machinery/errors.ts'
import type { Logger } from '../../machinery/log.ts'
import type { Random } from '../../machinery/random.ts'

export interface WritableEvent {
  readonly metadata: { readonly name: string; readonly namespace: string }
}

export interface EventWriterOptions<Event extends WritableEvent> {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Whether the event is there already and is only to be counted. */
  readonly isUpdate: (event: Event) => boolean
  readonly create: (event: Event) => Promise<unknown>
  readonly update: (event: Event) => Promise<unknown>
}

const maxQueued = 1000
const maxTries = 12
const retryMs = 10_000
const concurrency = 8

/**
 * Writes events in the background: those of one name in order, several names at once. An update that waits is replaced
 * by a newer one of the same name. Trouble of the network is retried; a refusal is not (client-go tools/record/event.go).
 */
export class EventWriter<Event extends WritableEvent> {
  readonly #options: EventWriterOptions<Event>
  readonly #queue: Event[] = []
  readonly #busy = new Set<string>()
  readonly #stopped = new AbortController()
  #waiters: (() => void)[] = []

  constructor(options: EventWriterOptions<Event>) {
    this.#options = options
  }
  write(event: Event): void {
    if (this.#stopped.signal.aborted) return
    const { isUpdate, log } = this.#options
    const waiting = isUpdate(event) ? this.#queue.findIndex((other) => isUpdate(other) && same(other, event)) : -1
    if (waiting >= 0) this.#queue[waiting] = event
    else if (this.#queue.length >= maxQueued) log.error('too many queued events, dropped one', { event: nameOf(event) })
    else this.#queue.push(event)
    this.#pump()
  }
  flushed(): Promise<void> {
    if (this.#queue.length === 0 && this.#busy.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push(resolve))
  }
  stop(): void {
    this.#stopped.abort()
    this.#queue.length = 0
    this.#settle()
  }

  #pump(): void {
    while (this.#busy.size < concurrency) {
      const next = this.#queue.findIndex((event) => !this.#busy.has(nameOf(event)))
      if (next < 0) return
      const [event] = this.#queue.splice(next, 1) as [Event]
      this.#busy.add(nameOf(event))
      void this.#send(event).then(() => {
        this.#busy.delete(nameOf(event))
        this.#pump()
        this.#settle()
      })
    }
  }
  #settle(): void {
    if (this.#queue.length > 0 || this.#busy.size > 0) return
    const waiters = this.#waiters
    this.#waiters = []
    for (const resolve of waiters) resolve()
  }
  async #send(event: Event): Promise<void> {
    const { clock, random, log } = this.#options
    for (let tries = 1; tries <= maxTries; tries++) {
      try {
        await this.#attempt(event)
        return
      } catch (error) {
        if (this.#stopped.signal.aborted) return
        if (error instanceof ApiError) {
          const expected = isReason(error, 'AlreadyExists') || ofTerminatingNamespace(error)
          log[expected ? 'debug' : 'warn']('server rejected event', { event: nameOf(event), error: error.message })
          return
        }
        log.warn('unable to write event', { event: nameOf(event), error: String(error) })
      }
      try {
        // The first pause is random, so that not all clients come back in the same moment.
        await sleep(clock, tries === 1 ? retryMs * random.float() : retryMs, this.#stopped.signal)
      } catch {
        return
      }
    }
    log.error('unable to write event, giving up', { event: nameOf(event) })
  }
  async #attempt(event: Event): Promise<void> {
    const { isUpdate, create, update } = this.#options
    if (isUpdate(event)) {
      try {
        await update(event)
        return
      } catch (error) {
        // It expired on the server meanwhile.
        if (!isReason(error, 'NotFound')) throw error
      }
    }
    await create(event)
  }
}

function nameOf(event: WritableEvent): string {
  return `${event.metadata.namespace}/${event.metadata.name}`
}
function same(a: WritableEvent, b: WritableEvent): boolean {
  return a.metadata.name === b.metadata.name && a.metadata.namespace === b.metadata.namespace
}
function ofTerminatingNamespace(error: ApiError): boolean {
  return error.status.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') ?? false
}
