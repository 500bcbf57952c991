/**
 * How long a change of one service takes to reach the kernel when there are many. Run as root, in a network namespace of
 * its own: `unshare --net ./scripts/with-node bench/proxy-change.ts [SERVICES] [ENDPOINTS]`
 */
import { services } from '../src/api/core/v1/service.ts'
import { endpointSlices } from '../src/api/discovery/v1/endpoint-slice.ts'
import { fakeClient } from '../src/client/fake/fake-client.ts'
import { createInformerFactory } from '../src/client/informer-factory.ts'
import { systemClock } from '../src/machinery/clock.ts'
import { runCommand } from '../src/machinery/command.ts'
import { createLogger } from '../src/machinery/log.ts'
import { createProxier } from '../src/proxy/proxier.ts'

const count = Number(process.argv[2] ?? 5000)
const perService = Number(process.argv[3] ?? 3)
const log = createLogger({ level: 'info', write: (line) => void process.stderr.write(line), now: () => Date.now() })
const client = fakeClient()
const ip = (first: string, n: number) => `${first}.${n >> 8}.${n & 255}`
const service = (n: number) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'default', name: `service-${n}` },
  spec: { clusterIP: ip('10.96', n), clusterIPs: [ip('10.96', n)], ports: [{ protocol: 'TCP', port: 80 }] },
  status: {},
})
const slice = (n: number, shift = 0) => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { namespace: 'default', name: `service-${n}`, labels: { 'kubernetes.io/service-name': `service-${n}` } },
  addressType: 'IPv4',
  ports: [{ name: '', protocol: 'TCP', port: 8080 }],
  endpoints: Array.from({ length: perService }, (_, i) => ({ addresses: [ip('10.244', n * perService + i + shift)] })),
})
client.seed(services, ...Array.from({ length: count }, (_, n) => service(n)))
client.seed(endpointSlices, ...Array.from({ length: count }, (_, n) => slice(n)))
const informers = createInformerFactory({ client, clock: systemClock, log })
const proxier = createProxier({
  informers,
  mode: 'host',
  nodeIps: [],
  podCidrs: ['10.244.0.0/16'],
  serviceCidrs: ['10.96.0.0/16'],
  table: 'bench-proxy',
  run: runCommand,
  clock: systemClock,
  log,
})
const since = (start: number) => `${(performance.now() - start).toFixed(0)} ms`
const begin = performance.now()
await proxier.start()
console.log(`full load of ${count} services with ${perService} endpoints: ${since(begin)}`)

async function change(what: string, act: (n: number) => Promise<unknown>): Promise<void> {
  const times: number[] = []
  for (let n = 0; n < 10; n++) {
    await new Promise((resolve) => systemClock.after(80, () => resolve(undefined), { keepsAlive: true }))
    const start = performance.now()
    await act(n)
    await proxier.settled()
    times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  console.log(`${what}: p50 ${times[5]!.toFixed(0)} ms, worst ${times[9]!.toFixed(0)} ms`)
}
const settle = () => new Promise((resolve) => setImmediate(resolve))
await change('endpoints of one service changed', async (n) => {
  await client.update(endpointSlices, slice(n, 1) as never)
  await settle()
})
await change('one service more', async (n) => {
  await client.create(services, service(count + n) as never)
  await client.create(endpointSlices, slice(count + n) as never)
  await settle()
})
await change('one service less', async (n) => {
  await client.delete(services, { namespace: 'default', name: `service-${count + n}` })
  await settle()
})
await proxier.stop()
await proxier.remove()
await informers.stop()
