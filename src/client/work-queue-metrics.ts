import type { Clock } from '../machinery/clock.ts'
import type { MetricsRegistry } from '../machinery/metrics.ts'
import type { WorkQueueMetrics } from './work-queue.ts'

const seconds = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10]

/** Measures work queues by name, under upstream's names (component-base metrics/prometheus/workqueue). */
export function measuredWorkQueues(metrics: MetricsRegistry, clock: Clock): (name: string) => WorkQueueMetrics {
  const labels = ['name']
  const depth = metrics.gauge('workqueue_depth', 'Items that wait.', labels)
  const adds = metrics.counter('workqueue_adds_total', 'Items that were added.', labels)
  const waits = metrics.histogram('workqueue_queue_duration_seconds', 'Time that items waited.', seconds, labels)
  const works = metrics.histogram('workqueue_work_duration_seconds', 'Time that items were worked on.', seconds, labels)
  const retries = metrics.counter('workqueue_retries_total', 'Items that were added again after a failure.', labels)
  const working = new Map<string, number[]>()
  const ages = (starts: readonly number[]) => starts.map((start) => (clock.monotonic() - start) / 1000)
  const perQueue = (name: string, help: string, read: (ages: readonly number[]) => number) =>
    metrics.collect(name, help, 'gauge', labels, function* () {
      for (const [queue, starts] of working) yield [[queue], read(ages(starts))] as const
    })
  perQueue('workqueue_unfinished_work_seconds', 'Time that present work has taken so far, in all.', (all) =>
    all.reduce((sum, age) => sum + age, 0),
  )
  perQueue('workqueue_longest_running_processor_seconds', 'Time that the longest present work has taken.', (all) =>
    Math.max(0, ...all),
  )
  return (name) => {
    const series = {
      depth: depth.labels(name),
      adds: adds.labels(name),
      waits: waits.labels(name),
      works: works.labels(name),
      retries: retries.labels(name),
    }
    const starts = working.get(name) ?? []
    working.set(name, starts)
    return {
      added(length) {
        series.adds.inc()
        series.depth.set(length)
      },
      taken(length, waitedMs) {
        series.depth.set(length)
        series.waits.observe(waitedMs / 1000)
        starts.push(clock.monotonic())
      },
      done(workedMs) {
        series.works.observe(workedMs / 1000)
        starts.splice(nearest(starts, clock.monotonic() - workedMs), 1)
      },
      retried: () => series.retries.inc(),
    }
  }
}

/** The queue tells how long an item was worked on, not which one it was. */
function nearest(starts: readonly number[], wanted: number): number {
  let best = 0
  for (const [at, start] of starts.entries()) if (Math.abs(start - wanted) < Math.abs(starts[best]! - wanted)) best = at
  return best
}
