/**
 * What envtest starts as `etcd`. Skiff's API server keeps its own store, so all that is left to do is to answer envtest's
 * health check (GET /health) at `--listen-client-urls` until the process is ended. Other flags of etcd are taken and mean nothing.
 */
import { parseArgs } from 'node:util'
import { http } from '../../machinery/node-http.ts'

const { values } = parseArgs({
  options: { 'listen-client-urls': { type: 'string', default: 'http://127.0.0.1:2379' }, help: { type: 'boolean' } },
  strict: false,
})
// envtest asks for the help to see which flags there are.
if (values.help) {
  process.stdout.write(
    '  --listen-client-urls URLS  Where GET /health is answered. Other flags of etcd mean nothing here.\n',
  )
  process.exit(0)
}
for (const address of String(values['listen-client-urls']).split(',')) {
  const { hostname, port } = new URL(address)
  const server = http.createServer(({ url }, answer) => {
    answer.writeHead(url === '/health' ? 200 : 404, { 'content-type': 'application/json' })
    answer.end(url === '/health' ? '{"health":"true"}' : '{}')
  })
  server.on('error', (error) => {
    process.stderr.write(`etcd: ${error.message}\n`)
    process.exit(1)
  })
  server.listen(Number(port), hostname.replace(/^\[|\]$/g, ''))
}
