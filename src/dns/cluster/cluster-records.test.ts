import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EndpointSlice, Service } from '../../api/types.generated.ts'
import { deepFreeze } from '../../machinery/json.ts'
import { rcode, recordType, type ResourceRecord } from '../wire/message.ts'
import type { ClusterData } from './cluster-data.ts'
import { addressOfReverseName, ClusterRecords } from './cluster-records.ts'
import { dnsEndpoints, dnsService } from './informer-data.ts'

const service = (name: string, spec: object): Service =>
  deepFreeze({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'default', name },
    spec,
    status: {},
  }) as Service
const slice = (
  name: string,
  endpoints: object[],
  ports: object[] = [{ name: 'http', protocol: 'TCP', port: 8080 }],
): EndpointSlice =>
  deepFreeze({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'default', name: `${name}-x`, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints,
    ports,
  }) as EndpointSlice

const ports = [
  { name: 'http', protocol: 'TCP', port: 80 },
  { name: 'dns', protocol: 'UDP', port: 53 },
]
const serviceList = [
  service('web', { clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7', 'fd96::7'], ports }),
  service('db', { clusterIP: 'None', clusterIPs: ['None'], ports: [ports[0]] }),
  service('empty', { clusterIP: 'None', clusterIPs: ['None'], ports: [ports[0]] }),
  service('noports', { clusterIP: 'None', clusterIPs: ['None'] }),
  service('out', { type: 'ExternalName', externalName: 'www.Example.com' }),
  service('alias', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' }),
  service('loop', { type: 'ExternalName', externalName: 'loop2.default.svc.cluster.local' }),
  service('loop2', { type: 'ExternalName', externalName: 'loop.default.svc.cluster.local' }),
  service('address', { type: 'ExternalName', externalName: '192.0.2.1' }),
  service('kube-dns', { clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'], ports }),
].map(dnsService)
const endpointList = [
  slice('web', [{ addresses: ['10.244.1.9'] }]),
  slice('db', [
    { addresses: ['10.244.1.1'], hostname: 'db-0', conditions: { ready: true } },
    { addresses: ['10.244.1.2'], hostname: 'db-1' },
    { addresses: ['10.244.1.3'], hostname: 'db-2', conditions: { ready: false } },
    { addresses: ['10.244.1.4'] },
  ]),
  slice('noports', [{ addresses: ['10.244.1.5'] }], []),
].flatMap(dnsEndpoints)

const data: ClusterData = {
  synced: true,
  service: (namespace, name) => serviceList.find((one) => one.namespace === namespace && one.name === name),
  endpoints: (namespace, name) => endpointList.filter((one) => one.namespace === namespace && one.service === name),
  serviceByIp: (ip) => serviceList.find((one) => one.clusterIps.includes(ip)),
  endpointsByIp: (ip) => endpointList.filter((one) => one.ip === ip),
}
const records = new ClusterRecords({
  data,
  domain: 'cluster.local',
  ttl: 30,
  nameServer: { namespace: 'default', name: 'kube-dns' },
})
const ask = (relative: string, type: keyof typeof recordType = 'A') => {
  const name = relative === '' ? 'cluster.local' : `${relative}.cluster.local`
  return records.answer(name, name.toLowerCase(), recordType[type])
}
const text = (record: ResourceRecord) =>
  'address' in record
    ? record.address
    : 'port' in record
      ? `${record.port} ${record.weight} ${record.target}`
      : 'target' in record
        ? record.target
        : JSON.stringify(record)
const found = (relative: string, type?: keyof typeof recordType) => {
  const answer = ask(relative, type)
  return answer.rcode === rcode.nameError ? 'no such name' : answer.answers.map(text)
}

test('a service has its cluster addresses, by family', () => {
  assert.deepEqual(found('web.default.svc'), ['10.96.0.7'])
  assert.deepEqual(found('web.default.svc', 'AAAA'), ['fd96::7'])
  assert.deepEqual(found('kube-dns.default.svc', 'AAAA'), [])
  assert.equal(found('nothing.default.svc'), 'no such name')
  assert.equal(found('web.other.svc'), 'no such name')
})

test('a headless service has its ready endpoints, and each its hostname', () => {
  assert.deepEqual(found('db.default.svc'), ['10.244.1.1', '10.244.1.2', '10.244.1.4'])
  assert.deepEqual(found('db-1.db.default.svc'), ['10.244.1.2'])
  assert.equal(found('db-2.db.default.svc'), 'no such name')
  assert.deepEqual(found('10-244-1-4.db.default.svc'), ['10.244.1.4'])
  assert.equal(found('empty.default.svc'), 'no such name')
  assert.deepEqual(found('noports.default.svc'), ['10.244.1.5'])
  assert.deepEqual(found('10-244-1-9.web.default.svc'), ['10.244.1.9'])
})

test('named ports have SRV records, with the addresses beside', () => {
  assert.deepEqual(found('_http._tcp.web.default.svc', 'SRV'), ['80 50 web.default.svc.cluster.local'])
  assert.deepEqual(found('_http._tcp.db.default.svc', 'SRV'), [
    '8080 33 db-0.db.default.svc.cluster.local',
    '8080 33 db-1.db.default.svc.cluster.local',
    '8080 33 10-244-1-4.db.default.svc.cluster.local',
  ])
  assert.deepEqual(ask('_http._tcp.db.default.svc', 'SRV').additional.map(text), [
    '10.244.1.1',
    '10.244.1.2',
    '10.244.1.4',
  ])
  assert.equal(found('_http._udp.web.default.svc', 'SRV'), 'no such name')
  assert.deepEqual(found('noports.default.svc', 'SRV'), [])
  assert.deepEqual(found('_dns._udp.web.default.svc'), ['10.96.0.7'])
})

test('an external name is an alias', () => {
  assert.deepEqual(found('out.default.svc', 'CNAME'), ['www.Example.com'])
  assert.equal(ask('out.default.svc').external, 'www.Example.com')
  assert.deepEqual(found('alias.default.svc'), ['web.default.svc.cluster.local', '10.96.0.7'])
  assert.deepEqual(found('alias.default.svc', 'SRV'), [])
  assert.deepEqual(found('loop.default.svc'), [])
  assert.equal(found('address.default.svc'), 'no such name')
  assert.equal(found('_x._tcp.out.default.svc', 'SRV'), 'no such name')
})

test('a dashed address of a pod is its address, unlooked', () => {
  assert.deepEqual(found('10-244-1-9.default.pod'), ['10.244.1.9'])
  assert.deepEqual(found('fd00--1.default.pod', 'AAAA'), ['fd00::1'])
  assert.deepEqual(found('fd00--1.default.pod', 'A'), [])
  assert.equal(found('web.default.pod'), 'no such name')
})

test('names that only lead to others exist, others do not', () => {
  for (const name of ['', 'svc', 'pod', 'default.svc']) assert.deepEqual(found(name), [], name)
  assert.equal(found('x'), 'no such name')
  assert.equal(found('a.b.c.web.default.svc'), 'no such name')
  assert.equal(ask('web.default.svc', 'TXT').answers.length, 0)
})

test('the domain tells its version, its authority and its name server', () => {
  assert.match(text(ask('dns-version', 'TXT').answers[0]!), /"1\.1\.0"/)
  assert.match(
    text(ask('', 'SOA').answers[0]!),
    /"primary":"ns.dns.cluster.local","mailbox":"hostmaster.cluster.local"/,
  )
  assert.deepEqual(found('', 'NS'), ['kube-dns.default.svc.cluster.local'])
  assert.deepEqual(found('ns.dns'), ['10.96.0.10'])
})

test('addresses lead back to a service, else to endpoints', () => {
  const back = (ip: string) => records.reverse(ip, 'x')?.answers.map(text)
  assert.deepEqual(back('10.96.0.7'), ['web.default.svc.cluster.local'])
  assert.deepEqual(back('10.244.1.2'), ['db-1.db.default.svc.cluster.local'])
  assert.equal(back('192.0.2.1'), undefined)
  assert.equal(addressOfReverseName('7.0.96.10.in-addr.arpa'), '10.96.0.7')
  assert.equal(addressOfReverseName(`${'7.'.padEnd(58, '0.')}6.9.d.f.ip6.arpa`.replace(/^/, '')), undefined)
  assert.equal(addressOfReverseName(`7.${'0.'.repeat(27)}6.9.d.f.ip6.arpa`), 'fd96::7')
  assert.equal(addressOfReverseName('96.10.in-addr.arpa'), undefined)
})
