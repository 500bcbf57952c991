import type { Clock } from '../../machinery/clock.ts'
import type { Histogram } from '../../machinery/metrics.ts'
import type { AdmissionAttributes } from './plugin.ts'

/** A part of admission: one plugin's, or all of them. */
export type AdmissionStep = (attributes: AdmissionAttributes) => Promise<void> | void

/** The step, which tells how long it took. Every write passes dozens: one that does not wait costs nothing but the clock. */
export function timedStep(run: AdmissionStep, of: (rejected: boolean) => Histogram, clock: Clock): AdmissionStep {
  let passed: Histogram | undefined
  const tell = (started: number, rejected: boolean): void => {
    const histogram = rejected ? of(true) : (passed ??= of(false))
    histogram.observe((clock.monotonic() - started) / 1000)
  }
  const settle = async (running: Promise<void>, started: number): Promise<void> => {
    try {
      await running
    } catch (error) {
      tell(started, true)
      throw error
    }
    tell(started, false)
  }
  return (attributes) => {
    const started = clock.monotonic()
    let running: Promise<void> | void
    try {
      running = run(attributes)
    } catch (error) {
      tell(started, true)
      throw error
    }
    if (running !== undefined) return settle(running, started)
    tell(started, false)
  }
}
