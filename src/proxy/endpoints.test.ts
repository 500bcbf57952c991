import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EndpointSlice, Service } from '../api/types.generated.ts'
import { deepFreeze } from '../machinery/json.ts'
import { categorize, type Endpoint, endpointsByPort, serviceOfSlice } from './endpoints.ts'
import { distinctRanges } from './nftables/fragment.ts'
import { healthCheckNodePort, type ServicePort, servicePorts } from './service-port.ts'

const here = { nodeName: 'a', zone: 'z1' }
const endpoint = (ip: string, more: Partial<Endpoint> = {}): Endpoint =>
  deepFreeze({
    ip,
    port: 80,
    local: false,
    ready: true,
    serving: true,
    terminating: false,
    zoneHints: [],
    nodeHints: [],
    ...more,
  })
const port = (more: Partial<ServicePort> = {}): ServicePort => ({
  namespace: 'n',
  name: 's',
  portName: '',
  protocol: 'tcp',
  clusterIp: '10.96.0.1',
  port: 80,
  nodePort: 0,
  externalIps: [],
  loadBalancerIps: [],
  sourceRanges: [],
  internalLocal: false,
  externalLocal: false,
  ...more,
})
const ips = (endpoints: readonly Endpoint[]) => endpoints.map(({ ip }) => ip)

test('ready endpoints take the traffic; serving terminating ones only when none is ready', () => {
  const leaving = endpoint('2', { ready: false, terminating: true })
  const broken = endpoint('3', { ready: false, serving: false })
  assert.deepEqual(ips(categorize([endpoint('1'), leaving, broken], port(), here).cluster), ['1'])
  assert.deepEqual(ips(categorize([leaving, broken], port(), here).cluster), ['2'])
  assert.equal(categorize([broken], port(), here).any, false)
})

test('each policy falls back by itself', () => {
  const local = endpoint('2', { local: true, ready: false, terminating: true })
  const both = port({ externalLocal: true, nodePort: 30000 })
  const found = categorize([endpoint('1'), local], both, here)
  assert.deepEqual([ips(found.cluster), ips(found.local), ips(found.reachable)], [['1'], ['2'], ['1', '2']])
  const elsewhere = categorize([endpoint('1')], port({ internalLocal: true }), here)
  assert.deepEqual([elsewhere.local, elsewhere.reachable, elsewhere.any], [[], [], true])
})

test('hints count only if all ready endpoints have them and one is meant for this place', () => {
  const zone = (name: string) => ({ zoneHints: [name] })
  const near = endpoint('1', zone('z1'))
  const far = endpoint('2', zone('z2'))
  assert.deepEqual(ips(categorize([near, far], port(), here).cluster), ['1'])
  assert.deepEqual(ips(categorize([near, far, endpoint('3')], port(), here).cluster), ['1', '2', '3'])
  assert.deepEqual(ips(categorize([far], port(), here).cluster), ['2'])
  const node = endpoint('1', { ...zone('z1'), nodeHints: ['a'] })
  const other = endpoint('2', { ...zone('z1'), nodeHints: ['b'] })
  assert.deepEqual(ips(categorize([node, other], port(), here).cluster), ['1'])
  assert.deepEqual(ips(categorize([other], port(), { ...here, nodeName: 'c' }).cluster), ['2'])
})

test('endpoints of all slices come by port, sorted, each address once, the running one first', () => {
  const slice = (endpoints: object[], more: object = {}) =>
    ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { namespace: 'n', name: 'x' },
      addressType: 'IPv4',
      ports: [{ name: 'http', protocol: 'TCP', port: 8080 }, { name: 'none' }],
      endpoints,
      ...more,
    }) as EndpointSlice
  const found = endpointsByPort(
    deepFreeze([
      slice([{ addresses: ['10.0.0.2'], nodeName: 'a' }]),
      slice([
        { addresses: ['10.0.0.1'], conditions: { ready: false, terminating: false } },
        { addresses: ['10.0.0.2'], conditions: { ready: false, terminating: true } },
        { addresses: [] },
      ]),
      slice([{ addresses: ['fd00::1'] }], { addressType: 'IPv6' }),
    ]),
    4,
    'a',
  )
  assert.deepEqual([...found.keys()], ['tcp/http'])
  assert.deepEqual(
    found.get('tcp/http')!.map(({ ip, port, local, ready }) => [ip, port, local, ready]),
    [
      ['10.0.0.1', 8080, false, false],
      ['10.0.0.2', 8080, true, true],
    ],
  )
})

test('a slice belongs to the service that its label names, unless that is headless', () => {
  const slice = (labels: Record<string, string>) =>
    ({ metadata: { namespace: 'n', name: 'x', labels } }) as unknown as EndpointSlice
  const named = { 'kubernetes.io/service-name': 's' }
  assert.equal(serviceOfSlice(slice(named)), 'n/s')
  assert.equal(serviceOfSlice(slice({})), undefined)
  assert.equal(serviceOfSlice(slice({ ...named, 'service.kubernetes.io/headless': '' })), undefined)
})

test('headless services, external names and those of other proxies have no rules', () => {
  const service = (spec: object, labels = {}) =>
    ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'n', name: 's', labels },
      spec: { clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1', 'fd96::1'], ports: [{ port: 80 }], ...spec },
      status: {
        loadBalancer: { ingress: [{ ip: '192.0.2.1' }, { ip: '192.0.2.2', ipMode: 'Proxy' }, { hostname: 'x' }] },
      },
    }) as unknown as Service
  const options = { externalIps: false, trafficPolicies: true }
  assert.deepEqual(servicePorts(service({ clusterIP: 'None', clusterIPs: ['None'] }), 4, options), [])
  assert.deepEqual(servicePorts(service({ type: 'ExternalName' }), 4, options), [])
  assert.deepEqual(servicePorts(service({}, { 'service.kubernetes.io/service-proxy-name': 'x' }), 4, options), [])
  const [four] = servicePorts(
    service({ externalIPs: ['198.51.100.1'], loadBalancerSourceRanges: [' 10.0.0.0/8 ', 'fd00::/8'] }),
    4,
    options,
  )
  assert.deepEqual(
    [four!.clusterIp, four!.loadBalancerIps, four!.externalIps, four!.sourceRanges, four!.protocol],
    ['10.96.0.1', ['192.0.2.1'], [], ['10.0.0.0/8'], 'tcp'],
  )
  assert.equal(servicePorts(service({}), 6, options)[0]!.clusterIp, 'fd96::1')
  assert.deepEqual(
    servicePorts(service({ loadBalancerSourceRanges: ['0.0.0.0/0', '10.0.0.0/8'] }), 4, options)[0]!.sourceRanges,
    [],
  )
  const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 31000 }
  assert.equal(healthCheckNodePort(service(local)), 31000)
  assert.equal(healthCheckNodePort(service({ ...local, type: 'NodePort' })), 0)
})

test('ranges that lie in others are left out, for nft refuses overlaps', () => {
  assert.deepEqual(distinctRanges(['10.0.0.0/8', '10.1.0.0/16', '192.0.2.1', '192.0.2.1', '192.0.2.1/32']), [
    '10.0.0.0/8',
    '192.0.2.1',
  ])
})
