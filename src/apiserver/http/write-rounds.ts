import type { Clock } from '../../machinery/clock.ts'

/** Somebody with something to write; must not throw. */
export interface RoundMember {
  writeNow(): void
}

/**
 * After so many members a round leaves the loop to others, and goes on behind them. A number rather than a time: the most of what
 * a write costs, encryption and sending, is spent when the turn ends. Whoever writes an object waits several turns.
 */
const membersPerTurn = 32
const few = 32
/** Between two rounds at most. */
const maxPauseMs = 40

/**
 * Gathers the writes of many watches into rounds. After a round comes a pause of twice its length, so that what happens
 * meanwhile leaves in one write per reader: a few readers are told at once, thousands in batches that the loop can carry.
 */
export class WriteRounds {
  readonly #clock: Clock
  #due: RoundMember[] = []
  #begun: RoundMember[] = []
  #next = 0
  #scheduled = false
  #spentMs = 0
  #pauseUntil = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Has `writeNow` called once, soon; a member adds itself again when it has more. */
  add(member: RoundMember): void {
    this.#due.push(member)
    if (!this.#scheduled) this.#schedule(this.#beginFew, queueMicrotask)
  }

  #schedule(begin: () => void, soon: (begin: () => void) => void): void {
    this.#scheduled = true
    const pauseMs = this.#pauseUntil - this.#clock.monotonic()
    if (pauseMs < 1) soon(begin)
    else this.#clock.after(pauseMs, this.#begin, { keepsAlive: true })
  }

  /** A few are told before the writer has its answer, so that it finds what it wrote in its own informers, too. */
  readonly #beginFew = (): void => {
    if (this.#due.length <= few) this.#begin()
    else setImmediate(this.#begin)
  }

  readonly #begin = (): void => {
    this.#begun = this.#due
    this.#due = []
    this.#next = 0
    this.#spentMs = 0
    this.#continue()
  }

  readonly #continue = (): void => {
    const start = this.#clock.monotonic()
    const end = Math.min(this.#next + membersPerTurn, this.#begun.length)
    while (this.#next < end) this.#begun[this.#next++]!.writeNow()
    const now = this.#clock.monotonic()
    this.#spentMs += now - start
    if (this.#next < this.#begun.length) {
      setImmediate(this.#continue)
      return
    }
    this.#begun = []
    this.#pauseUntil = now + Math.min(maxPauseMs, this.#spentMs * 2)
    this.#scheduled = false
    // Members that came during the round; others have their turn before it.
    if (this.#due.length > 0) this.#schedule(this.#begin, setImmediate)
  }
}
