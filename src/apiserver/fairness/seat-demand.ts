import type { Clock } from '../../machinery/clock.ts'

/** How much of the old figure stays with each look: half of it is gone after five minutes (seatDemandSmoothingCoefficient). */
const smoothing = 0.977

/** How many seats a level wanted, those that it had and those that it waited for, over the time between two looks. */
export interface Demand {
  readonly highWatermark: number
  readonly average: number
  readonly deviation: number
  /** Rises at once, falls slowly. */
  readonly smoothed: number
}

export const noDemand: Demand = { highWatermark: 0, average: 0, deviation: 0, smoothed: 0 }

/** Measures the demand of one level (apiserver pkg/util/flowcontrol/fairqueuing integrator.go, seatDemandStats). */
export class SeatDemand {
  readonly #clock: Clock
  #seats = 0
  #since: number
  #seconds = 0
  #sum = 0
  #sumOfSquares = 0
  #most = 0
  #seen = noDemand

  constructor(clock: Clock) {
    this.#clock = clock
    this.#since = clock.monotonic()
  }

  /** As it was at the last look. */
  get seen(): Demand {
    return this.#seen
  }

  set(seats: number): void {
    this.#pass()
    this.#seats = seats
    if (seats > this.#most) this.#most = seats
  }

  /** Ends one period and begins the next. */
  look(): Demand {
    this.#pass()
    const highWatermark = Math.round(this.#most)
    if (this.#seconds > 0) {
      const average = this.#sum / this.#seconds
      const variance = this.#sumOfSquares / this.#seconds - average * average
      const deviation = variance >= 0 ? Math.sqrt(variance) : 0
      const envelope = average + deviation
      const smoothed = Math.max(envelope, smoothing * this.#seen.smoothed + (1 - smoothing) * envelope)
      this.#seen = { highWatermark, average, deviation, smoothed }
    } else this.#seen = { ...this.#seen, highWatermark }
    this.#seconds = 0
    this.#sum = 0
    this.#sumOfSquares = 0
    this.#most = this.#seats
    return this.#seen
  }

  #pass(): void {
    const now = this.#clock.monotonic()
    const seconds = (now - this.#since) / 1000
    this.#since = now
    this.#seconds += seconds
    this.#sum += this.#seats * seconds
    this.#sumOfSquares += this.#seats * this.#seats * seconds
  }
}
