import type { UserInfo } from '../../api/user.ts'
import type { Fairness, FairnessRequest, Seat } from './fairness.ts'
import { Overloaded } from './overloaded.ts'

const reads: ReadonlySet<string> = new Set(['get', 'list', 'watch'])
const retryAfterSeconds = 1

/**
 * What stands in the place of priority and fairness where that is off: so many reads and so many writes at once, and no more; 0
 * is no limit (apiserver pkg/server/filters/maxinflight.go). Nobody waits, watches do not count, and system:masters are served
 * in any case.
 */
export function createMaxInFlight(limits: { readonly reads: number; readonly writes: number }): Fairness {
  const served = { reads: 0, writes: 0 }
  return {
    admit({ verb, user }: FairnessRequest): Seat {
      if (verb === 'watch') return unlimited
      const kind = reads.has(verb) ? 'reads' : 'writes'
      if (limits[kind] === 0) return unlimited
      if (served[kind] >= limits[kind]) {
        if (isPrivileged(user)) return unlimited
        throw new Overloaded(retryAfterSeconds)
      }
      served[kind]++
      let released = false
      return {
        release() {
          if (released) return
          released = true
          served[kind]--
        },
      }
    },
    stop() {},
  }
}

const unlimited: Seat = { release() {} }

function isPrivileged({ groups }: UserInfo): boolean {
  return groups.includes('system:masters')
}
