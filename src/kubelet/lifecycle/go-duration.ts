import { formatGoDuration } from '../../machinery/go-duration.ts'

/** A duration as Go prints it: `1m20s`, `300ms`, `0s`. */
export function goDuration(milliseconds: number): string {
  return formatGoDuration(Math.round(milliseconds * 1e6))
}
