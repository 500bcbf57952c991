import type { Clock } from '../machinery/clock.ts'
import { metricsContentType, MetricsRegistry } from '../machinery/metrics.ts'
import { http } from '../machinery/node-http.ts'
import { addStartTime } from '../machinery/process-metrics.ts'

/** Where a proxy tells of itself, to its own machine only (cmd/kube-proxy --metrics-bind-address). */
export async function serveProxyMetrics(options: {
  readonly metrics: MetricsRegistry
  readonly clock: Clock
  /** 0: a free one, which the result then tells. */
  readonly port: number
}): Promise<{ readonly port: number; close(): Promise<void> }> {
  const { metrics, clock, port } = options
  const slis = new MetricsRegistry()
  addStartTime(slis, clock)
  const plain = 'text/plain; charset=utf-8'
  const pages: Readonly<Record<string, readonly [type: string, text: () => Promise<string>]>> = {
    '/metrics': [metricsContentType, () => metrics.expose()],
    '/metrics/slis': [metricsContentType, () => slis.expose()],
    '/healthz': [plain, async () => 'ok'],
    '/proxyMode': [plain, async () => 'nftables'],
  }
  const server = http.createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? ''
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined
    if (page === undefined) {
      response.writeHead(404, { 'Content-Type': plain }).end('404 page not found\n')
      return
    }
    const [type, text] = page
    text().then(
      (body) => response.writeHead(200, { 'Content-Type': type, 'X-Content-Type-Options': 'nosniff' }).end(body),
      () => response.writeHead(500).end(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
  const address = server.address()
  return {
    port: typeof address === 'object' ? (address?.port ?? port) : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
