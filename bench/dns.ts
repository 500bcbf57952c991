/**
 * Queries per second of the cluster's DNS on one core: `./scripts/with-node bench/dns.ts [SERVICES] [SECONDS]`.
 * The load comes from a second process with some queries under way all the time; half are services, a quarter endpoints
 * of headless services, a quarter names that do not exist (search paths make many of those).
 */
import { fork } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { services } from '../src/api/core/v1/service.ts'
import { endpointSlices } from '../src/api/discovery/v1/endpoint-slice.ts'
import { fakeClient } from '../src/client/fake/fake-client.ts'
import { createInformerFactory } from '../src/client/informer-factory.ts'
import { createDnsServer } from '../src/dns/dns-server.ts'
import { encodeMessage } from '../src/dns/wire/encode.ts'
import { recordType } from '../src/dns/wire/message.ts'
import { systemClock } from '../src/machinery/clock.ts'
import { silentLogger } from '../src/machinery/log.ts'

const count = Number(process.argv[2] ?? 5000)
const seconds = Number(process.argv[3] ?? 5)
const underWay = 64

async function load(port: number): Promise<void> {
  const query = (name: string) =>
    encodeMessage({
      id: 0,
      response: false,
      opcode: 0,
      authoritative: false,
      truncated: false,
      recursionDesired: true,
      recursionAvailable: false,
      rcode: 0,
      questions: [{ name, type: recordType.A, class: 1 }],
      answers: [],
      authority: [],
      additional: [],
    })
  const queries = Array.from({ length: 4096 }, (_, i) => {
    const n = (i * 7919) % count
    if (i % 4 < 2) return query(`service-${n}.default.svc.cluster.local`)
    return query(i % 4 === 2 ? `headless-${n % 100}.default.svc.cluster.local` : `www.example.com.svc.cluster.local`)
  })
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.connect(port, '127.0.0.1', resolve))
  let answered = 0
  let next = 0
  const send = () => socket.send(queries[next++ & 4095]!)
  socket.on('message', () => {
    answered++
    send()
  })
  for (let i = 0; i < underWay; i++) send()
  const begin = performance.now()
  setTimeout(() => {
    process.send!(answered / ((performance.now() - begin) / 1000))
    process.exit()
  }, seconds * 1000)
}

async function serve(): Promise<void> {
  const client = fakeClient()
  const ip = (first: string, n: number) => `${first}.${n >> 8}.${n & 255}`
  const service = (name: string, spec: object) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'default', name },
    spec: { ports: [{ protocol: 'TCP', port: 80 }], ...spec },
    status: {},
  })
  client.seed(
    services,
    ...Array.from({ length: count }, (_, n) =>
      service(`service-${n}`, { clusterIP: ip('10.96', n), clusterIPs: [ip('10.96', n)] }),
    ),
    ...Array.from({ length: 100 }, (_, n) => service(`headless-${n}`, { clusterIP: 'None', clusterIPs: ['None'] })),
  )
  client.seed(
    endpointSlices,
    ...Array.from({ length: 100 }, (_, n) => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        namespace: 'default',
        name: `headless-${n}`,
        labels: { 'kubernetes.io/service-name': `headless-${n}` },
      },
      addressType: 'IPv4',
      ports: [{ name: '', protocol: 'TCP', port: 8080 }],
      endpoints: Array.from({ length: 3 }, (_, i) => ({ addresses: [ip('10.244', n * 3 + i)] })),
    })),
  )
  const informers = createInformerFactory({ client, clock: systemClock, log: silentLogger })
  const server = createDnsServer({
    informers,
    clusterDomain: 'cluster.local',
    listen: [{ address: '127.0.0.1', port: 0 }],
    forward: [],
    clock: systemClock,
    log: silentLogger,
  })
  await server.start()
  const child = fork(import.meta.filename, [String(count), String(seconds), String(server.addresses[0]!.port)])
  const rate = await new Promise<number>((resolve) => child.once('message', (message) => resolve(Number(message))))
  const cpu = process.cpuUsage()
  console.log(
    `${rate.toFixed(0)} queries/s with ${count} services; server used ${((cpu.user + cpu.system) / 1e6).toFixed(1)} s of CPU`,
  )
  await server.stop()
  await informers.stop()
}

await (process.argv[4] === undefined ? serve() : load(Number(process.argv[4])))
