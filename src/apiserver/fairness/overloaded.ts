import { ApiError, tooManyRequests } from '../../machinery/errors.ts'
import type { Classification } from './fairness.ts'

/** The answer to who finds no seat (apiserver pkg/server/filters/priority-and-fairness.go); people see its words alone. */
export class Overloaded extends ApiError {
  /** Where it was looked for. */
  readonly classified: Classification | undefined

  constructor(retryAfterSeconds: number, classified?: Classification) {
    super(tooManyRequests('Too many requests, please try again later.', retryAfterSeconds).status)
    this.classified = classified
  }
}
