import { ApiError, tooManyRequests } from '../../machinery/errors.ts'
import type { Seat } from './fairness.ts'

/** The answer to who finds no seat (apiserver pkg/server/filters/priority-and-fairness.go); people see its words alone. */
export class Overloaded extends ApiError {
  /** Where it was looked for. */
  readonly seat: Pick<Seat, 'flowSchemaUid' | 'priorityLevelUid'>

  constructor(retryAfterSeconds: number, seat: Overloaded['seat']) {
    super(tooManyRequests('Too many requests, please try again later.', retryAfterSeconds).status)
    this.seat = seat
  }
}
