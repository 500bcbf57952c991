import type { Clock } from '../../machinery/clock.ts'

/** The present as headers tell it, which changes once a second only. */
export function httpDate(clock: Clock): () => string {
  let second: number | undefined
  let text = ''
  return () => {
    const now = Math.floor(clock.now() / 1000)
    if (now !== second) {
      second = now
      text = new Date(now * 1000).toUTCString()
    }
    return text
  }
}
