import { readFileSync } from 'node:fs'
import type { Clock } from '../../machinery/clock.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'

/** How long a new node took to be ready, part by part (pkg/kubelet/util/node_startup_latency_tracker.go). */
export class StartupMetrics {
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #bootedAt: number | undefined
  readonly #set: (part: string, ms: number) => void
  #attemptedAt: number | undefined
  #registeredAt: number | undefined
  #isReady = false

  /** `bootedAt`: epoch milliseconds; undefined: not known. */
  constructor(metrics: MetricsRegistry, clock: Clock, bootedAt: number | undefined = bootTime()) {
    const gauge = (part: string, help: string) => [part, metrics.gauge(`kubelet_node_startup_${part}`, help)] as const
    const parts = new Map([
      gauge('pre_kubelet_duration_seconds', 'Time from the machine’s start to the kubelet’s.'),
      gauge('pre_registration_duration_seconds', 'Time from the kubelet’s start to its first registering the node.'),
      gauge('registration_duration_seconds', 'Time that registering the node took.'),
      gauge('post_registration_duration_seconds', 'Time from then until the node was ready.'),
      gauge('duration_seconds', 'Time from the machine’s start until the node was ready.'),
    ])
    this.#set = (part, ms) =>
      parts
        .get(part)!
        .labels()
        .set(ms / 1000)
    this.#clock = clock
    this.#startedAt = clock.now()
    this.#bootedAt = bootedAt
  }

  attempted(): void {
    this.#attemptedAt ??= this.#clock.now()
  }

  /** The node was new. */
  registered(): void {
    if (this.#registeredAt !== undefined || this.#attemptedAt === undefined) return
    this.#registeredAt = this.#clock.now()
    if (this.#bootedAt !== undefined) this.#set('pre_kubelet_duration_seconds', this.#startedAt - this.#bootedAt)
    this.#set('pre_registration_duration_seconds', this.#attemptedAt - this.#startedAt)
    this.#set('registration_duration_seconds', this.#registeredAt - this.#attemptedAt)
  }

  ready(): void {
    if (this.#isReady || this.#registeredAt === undefined) return
    this.#isReady = true
    const now = this.#clock.now()
    this.#set('post_registration_duration_seconds', now - this.#registeredAt)
    if (this.#bootedAt !== undefined) this.#set('duration_seconds', now - this.#bootedAt)
  }
}

function bootTime(): number | undefined {
  try {
    const seconds = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]
    return seconds === undefined ? undefined : Number(seconds) * 1000
  } catch {
    return undefined
  }
}
