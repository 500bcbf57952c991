import type { Clock } from '../../machinery/clock.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'
import type { Exchange } from './exchange.ts'

const seconds = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60]
const bytes = [64, 256, 512, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216]

/** Measures what a part asks of its API server, under upstream's names (component-base metrics/prometheus/restclient). */
export function measuredExchanges(
  metrics: MetricsRegistry,
  clock: Clock,
): (exchange: Exchange, server: string) => Exchange {
  const where = ['verb', 'host']
  const total = metrics.counter('rest_client_requests_total', 'Requests by the code of their answer.', [
    'code',
    'method',
    'host',
  ])
  const duration = metrics.histogram(
    'rest_client_request_duration_seconds',
    'Time until an answer began.',
    seconds,
    where,
  )
  const sent = metrics.histogram('rest_client_request_size_bytes', 'Bytes of the bodies of requests.', bytes, where)
  const received = metrics.histogram(
    'rest_client_response_size_bytes',
    'Bytes of answers whose length was told.',
    bytes,
    where,
  )
  return (exchange, server) => {
    const { host } = new URL(server)
    return {
      async send(request) {
        const { method, body } = request
        const began = clock.monotonic()
        try {
          const response = await exchange.send(request)
          total.labels(String(response.status), method, host).inc()
          const length = response.headers['content-length']
          if (length !== undefined) received.labels(method, host).observe(Number(length))
          return response
        } catch (error) {
          total.labels('<error>', method, host).inc()
          throw error
        } finally {
          duration.labels(method, host).observe((clock.monotonic() - began) / 1000)
          sent.labels(method, host).observe(body === undefined ? 0 : Buffer.byteLength(body))
        }
      },
      renew: () => exchange.renew(),
      close: () => exchange.close(),
    }
  }
}
