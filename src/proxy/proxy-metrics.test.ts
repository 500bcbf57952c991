import assert from 'node:assert/strict'
import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { services } from '../api/core/v1/service.ts'
import { endpointSlices } from '../api/discovery/v1/endpoint-slice.ts'
import type { EndpointSlice, Service } from '../api/types.generated.ts'
import { fakeClient } from '../client/fake/fake-client.ts'
import { createInformerFactory } from '../client/informer-factory.ts'
import { systemClock } from '../machinery/clock.ts'
import { silentLogger } from '../machinery/log.ts'
import { createProxier } from './proxier.ts'

test('a proxy tells of changes, loads and what they took, on its own machine', async (t) => {
  const clock = systemClock
  const client = fakeClient({ clock })
  const informers = createInformerFactory({ client, clock, log: silentLogger })
  let broken = false
  const proxier = createProxier({
    informers,
    mode: 'host',
    nodeIps: [],
    podCidrs: ['10.244.0.0/16'],
    serviceCidrs: ['10.96.0.0/16'],
    metricsPort: 0,
    async run(command) {
      if (broken && command === 'nft') throw new Error('no such kernel')
      return { stdout: '{"nftables": []}', stderr: '' }
    },
    clock,
    log: silentLogger,
  })
  await proxier.start()
  t.after(async () => {
    await proxier.stop()
    await informers.stop()
  })
  const page = (path: string) =>
    new Promise<string>((resolve, reject) => {
      get({ port: proxier.metricsPort, path }, (response) => text(response).then(resolve, reject)).on('error', reject)
    })
  const told = async (series: string) =>
    Number(
      (await page('/metrics'))
        .split('\n')
        .find((line) => line.startsWith(`kubeproxy_${series} `))
        ?.split(' ')
        .at(-1),
    )
  assert.equal(await told('sync_full_proxy_rules_duration_seconds_count{ip_family="IPv4"}'), 1)
  const spec = {
    clusterIP: '10.96.0.9',
    clusterIPs: ['10.96.0.9'],
    ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }],
  }
  await client.create(services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'a' },
    spec,
    status: {},
  } as Service)
  await client.create(endpointSlices, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'web-1',
      namespace: 'a',
      labels: { 'kubernetes.io/service-name': 'web' },
      annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': new Date(clock.now()).toISOString() },
    },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: ['10.244.0.5'], conditions: { ready: true } }],
  } as EndpointSlice)
  await new Promise<void>((resolve) => setImmediate(resolve))
  await proxier.settled()
  assert.equal(await told('sync_proxy_rules_service_changes_total'), 1)
  assert.equal(await told('sync_proxy_rules_endpoint_changes_total'), 1)
  assert.equal(await told('sync_proxy_rules_service_changes_pending'), 0)
  assert.ok((await told('sync_partial_proxy_rules_duration_seconds_count{ip_family="IPv4"}')) >= 1)
  assert.ok((await told('sync_proxy_rules_duration_seconds_count{ip_family="IPv4"}')) >= 2)
  assert.equal(await told('network_programming_duration_seconds_count{ip_family="IPv4"}'), 1)
  assert.ok((await told('sync_proxy_rules_last_timestamp_seconds{ip_family="IPv4"}')) > 0)
  assert.equal(await told('sync_proxy_rules_no_local_endpoints_total{ip_family="IPv4",traffic_policy="internal"}'), 0)
  assert.equal(await page('/proxyMode'), 'nftables')
  assert.match(await page('/metrics/slis'), /^process_start_time_seconds \d/m)
  broken = true
  await client.delete(services, { namespace: 'a', name: 'web' })
  await new Promise<void>((resolve) => setImmediate(resolve))
  for (let turn = 0; turn < 200; turn++) {
    if ((await told('sync_proxy_rules_nftables_sync_failures_total{ip_family="IPv4"}')) >= 1) break
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  assert.ok((await told('sync_proxy_rules_nftables_sync_failures_total{ip_family="IPv4"}')) >= 1)
})
