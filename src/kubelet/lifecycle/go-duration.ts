/** A duration as Go prints it (time.Duration.String): `1m20s`, `1.5s`, `300ms`, `0s`. */
export function goDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s'
  const sign = milliseconds < 0 ? '-' : ''
  const ms = Math.abs(milliseconds)
  if (ms < 1000) {
    if (ms >= 1) return `${sign}${trim(ms)}ms`
    return ms >= 0.001 ? `${sign}${trim(ms * 1000)}µs` : `${sign}${Math.round(ms * 1e6)}ns`
  }
  const hours = Math.floor(ms / 3_600_000)
  const minutes = Math.floor((ms % 3_600_000) / 60_000)
  const seconds = trim((ms % 60_000) / 1000)
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`
}

const trim = (value: number) => String(Number(value.toFixed(9)))
