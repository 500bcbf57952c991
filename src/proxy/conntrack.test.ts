import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFlows, staleFlows } from './conntrack.ts'
import type { Endpoint } from './endpoints.ts'
import type { ServicePort } from './service-port.ts'

const listing = `udp      17 29 src=10.244.1.1 dst=10.96.0.10 sport=33333 dport=53 src=10.244.1.2 dst=10.244.1.1 sport=8053 dport=33333 mark=0 use=1
udp      17 25 src=10.244.1.1 dst=10.96.0.10 sport=33334 dport=53 [UNREPLIED] src=10.244.1.3 dst=10.244.1.1 sport=8053 dport=33334 mark=0 use=1
udp      17 25 src=10.0.0.9 dst=10.89.0.11 sport=40000 dport=30053 src=10.244.9.9 dst=10.0.0.9 sport=8053 dport=40000 [ASSURED] mark=0 use=1
udp      17 25 src=10.0.0.9 dst=8.8.8.8 sport=40001 dport=53 src=8.8.8.8 dst=10.0.0.9 sport=53 dport=40001 mark=0 use=1
`

test('flows to endpoints that do not serve any more are found, others are left alone', () => {
  const port = {
    protocol: 'udp',
    clusterIp: '10.96.0.10',
    port: 53,
    nodePort: 30053,
    loadBalancerIps: [],
    externalIps: [],
  } as unknown as ServicePort
  const endpoint = { ip: '10.244.1.2', port: 8053, serving: true } as Endpoint
  const stale = staleFlows(parseFlows(listing), [{ port, endpoints: [endpoint] }])
  assert.deepEqual(
    stale.map(({ sourcePort }) => sourcePort),
    [33334, 40000],
  )
  // Without any endpoint all flows to the address go, but a port number alone is not enough.
  const all = staleFlows(parseFlows(listing), [{ port, endpoints: [] }])
  assert.deepEqual(
    all.map(({ sourcePort }) => sourcePort),
    [33333, 33334],
  )
})
