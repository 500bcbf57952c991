import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { connect, createServer, type Server } from 'node:net'
import { after, before, test } from 'node:test'
import { decode, encode } from 'dns-packet'
import { services } from '../api/core/v1/service.ts'
import { endpointSlices } from '../api/discovery/v1/endpoint-slice.ts'
import { fakeClient } from '../client/fake/fake-client.ts'
import { createInformerFactory } from '../client/informer-factory.ts'
import { type Clock, systemClock } from '../machinery/clock.ts'
import { silentLogger } from '../machinery/log.ts'
import { createDnsServer, type DnsServer } from './dns-server.ts'

const client = fakeClient()
/** How often a time limit of the server has passed. */
let expired = 0
const clock: Clock = {
  ...systemClock,
  after: (delayMs, callback, options) =>
    systemClock.after(
      delayMs,
      () => {
        expired++
        callback()
      },
      options,
    ),
}
const informers = createInformerFactory({ client, clock: systemClock, log: silentLogger })
const servers: DnsServer[] = []
let asker: Socket
let outside: Socket
let outsideTcp: Server
let outsidePort = 0
let asked: string[] = []

/** A name server elsewhere: `www.example.com` exists, `big.example.com` is large, all else does not. */
function answerOutside(query: Buffer, overTcp: boolean): Buffer {
  const { id, questions } = decode(query)
  const { name, type } = questions![0]!
  asked.push(`${name} ${type} ${overTcp ? 'tcp' : 'udp'}`)
  const texts = name.startsWith('big.') ? Array.from({ length: 40 }, (_, i) => `10.1.0.${i}`) : ['192.0.2.80']
  const exists = /^(www|big)\.example\.com$/i.test(name)
  const soa = { mname: 'ns', rname: 'x', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 60 }
  return encode({
    type: 'response',
    id,
    flags: 0x100 | (exists ? 0 : 3) | (texts.length > 1 && !overTcp ? 0x200 : 0),
    questions,
    answers:
      exists && (overTcp || texts.length === 1) ? texts.map((data) => ({ name, type: 'A', ttl: 300, data })) : [],
    authorities: exists ? [] : [{ name: 'example.com', type: 'SOA', ttl: 60, data: soa }],
  })
}

before(async () => {
  client.seed(
    services,
    service('web', {
      clusterIP: '10.96.0.7',
      clusterIPs: ['10.96.0.7'],
      ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
    }),
    service('many', { clusterIP: 'None', clusterIPs: ['None'] }),
    service('out', { type: 'ExternalName', externalName: 'www.example.com' }),
    service('lost', { type: 'ExternalName', externalName: 'nowhere.example.com' }),
  )
  client.seed(endpointSlices, slice('many', 100))
  outside = createSocket('udp4')
  outside.on('message', (query, { port, address }) => {
    if (!query.includes('silent')) outside.send(answerOutside(query, false), port, address)
  })
  await new Promise<void>((resolve) => outside.bind(0, '127.0.0.1', resolve))
  outsidePort = outside.address().port
  outsideTcp = createServer((socket) => {
    socket.on('data', (chunk: Buffer) => {
      const answer = answerOutside(chunk.subarray(2), true)
      const length = Buffer.alloc(2)
      length.writeUInt16BE(answer.length)
      socket.end(Buffer.concat([length, answer]))
    })
  })
  await new Promise<void>((resolve) => outsideTcp.listen(outsidePort, '127.0.0.1', resolve))
  asker = createSocket('udp4')
  await new Promise<void>((resolve) => asker.bind(0, '127.0.0.1', resolve))
})
after(async () => {
  for (const server of servers) await server.stop()
  await informers.stop()
  asker.close()
  outside.close()
  outsideTcp.close()
})

function service(name: string, spec: object) {
  return { apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'default', name }, spec, status: {} }
}
function slice(name: string, count: number) {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'default', name, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: Array.from({ length: count }, (_, i) => ({ addresses: [`10.244.0.${i}`] })),
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
  }
}
async function start(forward: string[] = [`127.0.0.1#${outsidePort}`]): Promise<number> {
  const server = createDnsServer({
    informers,
    clusterDomain: 'cluster.local',
    listen: [{ address: '127.0.0.1', port: 0 }],
    forward,
    clock,
    log: silentLogger,
  })
  servers.push(server)
  await server.start()
  return server.addresses[0]!.port
}
let nextId = 1
const queryFor = (name: string, type: string, more: object = {}) =>
  encode({ type: 'query', id: nextId++, flags: 0x100, questions: [{ name, type }], ...more })
function askUdp(port: number, query: Buffer): Promise<ReturnType<typeof decode> & { size: number }> {
  return new Promise((resolve) => {
    const onMessage = (answer: Buffer) => {
      if (answer.readUInt16BE(0) !== query.readUInt16BE(0)) return
      asker.off('message', onMessage)
      resolve({ ...decode(answer), size: answer.length })
    }
    asker.on('message', onMessage)
    asker.send(query, port, '127.0.0.1')
  })
}
function askTcp(port: number, query: Buffer): Promise<ReturnType<typeof decode>> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let received = Buffer.alloc(0)
    socket.on('error', reject)
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return
      socket.destroy()
      resolve(decode(received.subarray(2)))
    })
    const length = Buffer.alloc(2)
    length.writeUInt16BE(query.length)
    // In two pieces, as a slow network would.
    socket.write(Buffer.concat([length, query.subarray(0, 5)]))
    setImmediate(() => socket.write(query.subarray(5)))
  })
}
const answers = ({ answers: found }: ReturnType<typeof decode>) => found!.map(({ data }) => data)
const edns = (udpPayloadSize: number) => ({
  additionals: [{ type: 'OPT', name: '.', udpPayloadSize, flags: 0, extendedRcode: 0, ednsVersion: 0, options: [] }],
})

test('names of the cluster are answered over UDP and TCP, in the spelling of the question', async () => {
  const port = await start()
  const answer = await askUdp(port, queryFor('Web.default.svc.Cluster.local', 'A'))
  assert.deepEqual(
    [answers(answer), answer.rcode, answer.answers![0]!.name],
    [['10.96.0.7'], 'NOERROR', 'Web.default.svc.Cluster.local'],
  )
  assert.deepEqual(answers(await askTcp(port, queryFor('_http._tcp.web.default.svc.cluster.local', 'SRV'))), [
    { priority: 0, weight: 100, port: 80, target: 'web.default.svc.cluster.local' },
  ])
  assert.deepEqual(answers(await askUdp(port, queryFor('7.0.96.10.in-addr.arpa', 'PTR'))), [
    'web.default.svc.cluster.local',
  ])
})

test('a "no" comes with the authority, and what changes in the cluster changes the answer', async () => {
  const port = await start()
  const none = await askUdp(port, queryFor('new.default.svc.cluster.local', 'A'))
  assert.deepEqual(
    [none.rcode, none.authorities![0]!.type, none.authorities![0]!.name],
    ['NXDOMAIN', 'SOA', 'cluster.local'],
  )
  assert.equal((await askUdp(port, queryFor('web.default.svc.cluster.local', 'AAAA'))).rcode, 'NOERROR')
  await client.create(
    services,
    service('new', { clusterIP: '10.96.0.8', clusterIPs: ['10.96.0.8'], ports: [{ port: 1 }] }) as never,
  )
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.deepEqual(answers(await askUdp(port, queryFor('new.default.svc.cluster.local', 'A'))), ['10.96.0.8'])
})

test('many addresses are cut to what the client takes, are whole over TCP, and take turns', async () => {
  const port = await start()
  const query = () => queryFor('many.default.svc.cluster.local', 'A')
  const cut = await askUdp(port, query())
  assert.ok(cut.flag_tc && cut.size <= 512)
  const large = await askUdp(port, queryFor('many.default.svc.cluster.local', 'A', edns(4096)))
  assert.equal(large.answers!.length, 100)
  assert.ok(large.additionals!.some(({ type }) => type === 'OPT'))
  const first = async () => answers(await askTcp(port, query()))[0]
  assert.notEqual(await first(), await first())
})

test('other names are forwarded, and the answers kept', async () => {
  const port = await start()
  asked = []
  assert.deepEqual(answers(await askUdp(port, queryFor('www.example.com', 'A'))), ['192.0.2.80'])
  assert.deepEqual(answers(await askUdp(port, queryFor('WWW.example.com', 'A'))), ['192.0.2.80'])
  const none = await askUdp(port, queryFor('none.example.com', 'A'))
  assert.deepEqual([none.rcode, none.authorities!.length], ['NXDOMAIN', 1])
  assert.deepEqual(asked, ['www.example.com A udp', 'none.example.com A udp'])
  assert.equal((await askUdp(port, queryFor('big.example.com', 'A'))).flag_tc, true)
  assert.equal((await askTcp(port, queryFor('big.example.com', 'A'))).answers!.length, 40)
})

test('an external name brings the addresses of its target, or comes alone', async () => {
  const port = await start()
  assert.deepEqual(answers(await askUdp(port, queryFor('out.default.svc.cluster.local', 'A'))), [
    'www.example.com',
    '192.0.2.80',
  ])
  assert.deepEqual(answers(await askUdp(port, queryFor('lost.default.svc.cluster.local', 'A'))), [
    'nowhere.example.com',
  ])
})

test('without a reachable server other names fail at once, the cluster is served on', async () => {
  const free = createSocket('udp4')
  await new Promise<void>((resolve) => free.bind(0, '127.0.0.1', resolve))
  const nobody = `127.0.0.1#${free.address().port}`
  await new Promise<void>((resolve) => free.close(() => resolve()))
  for (const forward of [[], [nobody]]) {
    const port = await start(forward)
    expired = 0
    assert.equal((await askUdp(port, queryFor('www.example.com', 'A'))).rcode, 'SERVFAIL')
    assert.equal(expired, 0, 'no time limit had to pass')
    assert.deepEqual(answers(await askUdp(port, queryFor('web.default.svc.cluster.local', 'A'))), ['10.96.0.7'])
  }
  // The next server is asked when the first does not listen.
  const port = await start([nobody, `127.0.0.1#${outsidePort}`])
  assert.deepEqual(answers(await askUdp(port, queryFor('www.example.com', 'A'))), ['192.0.2.80'])
})

test('odd queries get the error that is due, and garbage none', async () => {
  const port = await start()
  const status = async (query: Buffer) => (await askUdp(port, query)).rcode
  assert.equal(await status(queryFor('cluster.local', 'AXFR')), 'REFUSED')
  assert.equal(
    await status(encode({ type: 'query', id: nextId++, opcode: 0, flags: 2 << 11, questions: [] })),
    'NOTIMP',
  )
  assert.equal(await status(encode({ type: 'query', id: nextId++, questions: [] })), 'FORMERR')
  const torn = queryFor('web.default.svc.cluster.local', 'A').subarray(0, 20)
  asker.send(Buffer.from([1, 2, 3]), port, '127.0.0.1')
  asker.send(encode({ type: 'response', id: 9, questions: [] }), port, '127.0.0.1')
  assert.equal(
    await new Promise((resolve) => {
      asker.once('message', (answer: Buffer) => resolve(answer[3]! & 15))
      asker.send(torn, port, '127.0.0.1')
    }),
    1,
  )
})

test('a port that is taken is named', async () => {
  const port = await start()
  const second = createDnsServer({
    informers,
    clusterDomain: 'cluster.local',
    listen: [{ address: '127.0.0.1', port }],
    forward: [],
    clock: systemClock,
    log: silentLogger,
  })
  await assert.rejects(second.start(), new RegExp(`cannot listen on 127.0.0.1#${port}: another program uses the port`))
  await second.stop()
})
