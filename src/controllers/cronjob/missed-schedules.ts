import type { CronJob } from '../../api/types.generated.ts'
import type { Schedule } from '../../machinery/cron/schedule.ts'
import { timeOf } from '../pods/pod-state.ts'

export interface Missed {
  /** From where schedules are looked for, in epoch ms. */
  readonly earliest: number
  /** The last moment at which a job should have been made; undefined: none so far. */
  readonly latest: number | undefined
  readonly count: 'none' | 'few' | 'many'
}

/** Early enough for clocks that disagree a little. */
const paddingMs = 100

/**
 * What has become due since the last job was made (cronjob/utils.go mostRecentScheduleTime). Throws when a schedule is
 * never due. `withDeadline`: what is older than startingDeadlineSeconds is forgotten.
 */
export function missedSchedules(cronJob: CronJob, schedule: Schedule, now: number, withDeadline: boolean): Missed {
  const { startingDeadlineSeconds } = cronJob.spec
  let earliest = timeOf(cronJob.status?.lastScheduleTime) ?? timeOf(cronJob.metadata.creationTimestamp) ?? now
  if (withDeadline && startingDeadlineSeconds !== undefined) {
    earliest = Math.max(earliest, now - startingDeadlineSeconds * 1000)
  }
  const first = schedule.next(earliest)
  const second = first === undefined ? undefined : schedule.next(first)
  if (first !== undefined && now < first) return { earliest, latest: undefined, count: 'none' }
  if (second !== undefined && now < second) return { earliest, latest: first, count: 'none' }
  const between = first === undefined || second === undefined ? 0 : Math.round((second - first) / 1000)
  if (first === undefined || between < 1) throw new Error('time difference between two schedules is less than 1 second')
  const missed = Math.floor(Math.floor((now - first) / 1000) / between) + 1
  let latest: number | undefined
  // Not one by one from the beginning: there may be millions.
  let time = schedule.next(first + (missed - 2) * between * 1000)
  for (; time !== undefined && time <= now; time = schedule.next(time)) latest = time
  return { earliest, latest, count: missed > 100 ? 'many' : missed > 0 ? 'few' : 'none' }
}

/** In how many ms the next job is due. */
export function nextScheduleMs(cronJob: CronJob, schedule: Schedule, now: number): number | undefined {
  let from = now
  try {
    const { earliest, latest, count } = missedSchedules(cronJob, schedule, now, false)
    from = latest ?? (count === 'none' ? earliest : now)
  } catch {
    // Never due: then perhaps from now on.
  }
  const next = schedule.next(from)
  return next === undefined ? undefined : next + paddingMs - now
}
