/**
 * The only source of time. Everything that waits or reads the time takes a Clock, so that a cluster on a virtual clock
 * is deterministic and runs a day in a second.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Monotonic milliseconds, for durations. */
  monotonic(): number
  /** Calls back once after `delayMs` (≥ 0); the result cancels. Keeps the process alive only when `keepsAlive`. */
  after(delayMs: number, callback: () => void, options?: { readonly keepsAlive?: boolean }): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback, options) {
    const timer = setTimeout(callback, Math.min(delayMs, 2 ** 31 - 1))
    if (options?.keepsAlive !== true) timer.unref()
    return () => clearTimeout(timer)
  },
}

/** Resolves after `delayMs`; rejects with the signal's reason when it aborts first. */
export function sleep(
  clock: Clock,
  delayMs: number,
  signal?: AbortSignal,
  options?: { readonly keepsAlive?: boolean },
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = () => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = clock.after(
      delayMs,
      () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      },
      options,
    )
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** A {@link sleep} in the middle of work that must be finished: the process stays alive for it. */
export function pause(clock: Clock, delayMs: number): Promise<void> {
  return sleep(clock, delayMs, undefined, { keepsAlive: true })
}

/** A clock that stands still until `advance` moves it; timers fire in order of their due time. */
export class VirtualClock implements Clock {
  #now: number
  readonly #start: number
  #sequence = 0
  #timers: { due: number; sequence: number; callback: () => void }[] = []

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#now = startMs
    this.#start = startMs
  }
  now(): number {
    return this.#now
  }
  monotonic(): number {
    return this.#now - this.#start
  }
  after(delayMs: number, callback: () => void): () => void {
    const timer = { due: this.#now + Math.max(0, delayMs), sequence: this.#sequence++, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }
  /** The due time of the next timer, or undefined when none waits. */
  next(): number | undefined {
    return this.#timers.reduce<number | undefined>(
      (least, timer) => (least === undefined || timer.due < least ? timer.due : least),
      undefined,
    )
  }
  /** Moves time forward by `ms`, firing what falls due, and lets promises settle between two timers. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      const due = this.#timers
        .filter((timer) => timer.due <= end)
        .sort((a, b) => a.due - b.due || a.sequence - b.sequence)[0]
      if (due === undefined) break
      this.#timers = this.#timers.filter((other) => other !== due)
      this.#now = Math.max(this.#now, due.due)
      due.callback()
    }
    this.#now = end
  }
}

/** RFC 3339 with whole seconds, the form of metav1.Time. */
export function formatTime(epochMs: number): string {
  const second = Math.floor(epochMs / 1000)
  if (second !== lastSecond) {
    lastText = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`
    lastSecond = second
  }
  return lastText
}

// Most calls ask for the present second, several times each.
let lastSecond = Number.NaN
let lastText = ''

/** RFC 3339 with exactly six fractional digits, the form of metav1.MicroTime. */
export function formatMicroTime(epochMs: number): string {
  const micros = Math.round(epochMs * 1000)
  const seconds = Math.floor(micros / 1e6)
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(micros - seconds * 1e6).padStart(6, '0')}Z`
}
