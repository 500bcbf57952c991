import { goBuckets, type MetricsRegistry } from '../../machinery/metrics.ts'
import type { Clock } from '../../machinery/clock.ts'

/** pkg/kubelet/server/server.go longRunningRequestPathMap */
const longRunning: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'debug'])

/** What the kubelet's server is asked (pkg/kubelet/server/metrics). */
export class ServerMetrics {
  readonly #clock: Clock
  readonly #total
  readonly #inflight
  readonly #durations
  readonly #streams

  constructor(metrics: MetricsRegistry, clock: Clock) {
    const labels = ['method', 'path', 'server_type', 'long_running']
    const name = (what: string) => `kubelet_http_${what}`
    this.#clock = clock
    this.#total = metrics.counter(name('requests_total'), 'Requests by the first part of their path.', labels)
    this.#inflight = metrics.gauge(name('inflight_requests'), 'Requests under way.', labels)
    this.#durations = metrics.histogram(name('requests_duration_seconds'), 'Time of requests.', goBuckets, labels)
    this.#streams = metrics.counter('kubelet_websocket_streaming_requests_total', 'Streams over WebSocket.', [
      'subresource',
    ])
  }

  /** A request of a route that there is. Call the result when it is over. */
  began(method: string, route: string): () => void {
    const path = route.toLowerCase()
    const labels = [method, path, 'readwrite', String(longRunning.has(path))] as const
    const began = this.#clock.monotonic()
    const inflight = this.#inflight.labels(...labels)
    this.#total.labels(...labels).inc()
    inflight.inc()
    return () => {
      inflight.dec()
      this.#durations.labels(...labels).observe((this.#clock.monotonic() - began) / 1000)
    }
  }

  stream(subresource: string): void {
    this.#streams.labels(subresource).inc()
  }
}
