import type { Value } from './value.ts'

/** The values of the variables of an expression; undefined: no such variable. */
export type Activation = (name: string) => Value | undefined

/** An evaluation went beyond what it may cost; ends it at once. */
export class CostLimitExceeded extends Error {
  override readonly name = 'CostLimitExceeded'
  constructor() {
    super('operation cancelled: actual cost limit exceeded')
  }
}

export class CostMeter {
  spent = 0
  readonly #limit: number
  constructor(limit: number) {
    this.#limit = limit
  }
  spend(cost: number): void {
    this.spent += cost
    if (this.spent > this.#limit) throw new CostLimitExceeded()
  }
}

/** Where the names of an expression are looked up: comprehensions nest theirs. */
export interface Frame {
  readonly costs: CostMeter
  resolve(name: string): Value | undefined
  /** The frame outside of all comprehensions. */
  readonly root: Frame
}

export class RootFrame implements Frame {
  readonly costs: CostMeter
  readonly #activation: Activation
  constructor(activation: Activation, costs: CostMeter) {
    this.#activation = activation
    this.costs = costs
  }
  get root(): Frame {
    return this
  }
  resolve(name: string): Value | undefined {
    return this.#activation(name)
  }
}
