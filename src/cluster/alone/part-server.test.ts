import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createPki } from '../../apiserver/pki/pki.ts'
import type { Client } from '../../client/client.ts'
import { sleep, systemClock } from '../../machinery/clock.ts'
import { configurationOf } from '../../scheduler/configuration/configuration.ts'
import type { Component } from '../../machinery/component.ts'
import { freePort } from '../../machinery/free-port.ts'
import { silentLogger } from '../../machinery/log.ts'
import { MetricsRegistry } from '../../machinery/metrics.ts'
import { systemRandom } from '../../machinery/random.ts'
import { absentOfControllers, absentOfScheduler } from '../observability/absent-metrics.ts'
import { assertUpstreamNames } from '../observability/upstream-metrics.fixture.ts'
import { clusterPaths } from '../state/paths.ts'
import { apiServerAlone } from './api-server.ts'
import { controllersAlone } from './controllers.ts'
import { kubeconfigClients, type KubeconfigClients } from './kubeconfig-clients.ts'
import { createPartServer, type ObservedPart } from './part-server.ts'
import { schedulerAlone } from './scheduler.ts'

/** The scheduler and the controllers on an API server, each with its own port, as `skiff scheduler` has it. */
const folder = mkdtempSync(join(tmpdir(), 'skiff-parts-'))
const paths = clusterPaths(folder)
const common = { clock: systemClock, random: systemRandom, log: silentLogger }
const stops: (() => Promise<void>)[] = []
let admin: KubeconfigClients
let monitoring: Client
const ports = { scheduler: 0, controllers: 0 }
const registries = new Map<string, MetricsRegistry>()

before(async () => {
  const port = await freePort()
  const store = { engine: 'memory' } as const
  const server = apiServerAlone({ paths, store, port, bindAddresses: [], serviceCidr: '10.96.0.0/16', ...common })
  await start(server)
  admin = kubeconfigClients(paths.kubeconfig, systemClock)
  stops.push(() => admin.close())
  monitoring = admin.client('test')
  ports.scheduler = await startPart('scheduler', (clients, metrics) =>
    schedulerAlone({ clients, metrics, configuration: configurationOf(), ...common }),
  )
  ports.controllers = await startPart('controller-manager', (clients, metrics) =>
    controllersAlone({ clients, metrics, leads: false, podCidrs: ['10.244.0.0/16'], ...common }),
  )
})
after(async () => {
  for (const stop of stops.toReversed()) await stop()
  rmSync(folder, { recursive: true, force: true })
})

async function start(component: Component): Promise<void> {
  await component.start()
  stops.push(() => component.stop())
}

async function startPart(
  name: string,
  make: (clients: KubeconfigClients, metrics: MetricsRegistry) => ObservedPart,
): Promise<number> {
  const metrics = new MetricsRegistry()
  registries.set(name, metrics)
  const clients = kubeconfigClients(join(folder, `${name}.conf`), systemClock, metrics)
  stops.push(() => clients.close())
  const part = make(clients, metrics)
  const server = createPartServer({
    port: 0,
    bindAddress: '127.0.0.1',
    client: clients.client('server'),
    metrics,
    status: { ...part.status, flags: { 'leader-elect': 'false', config: '' } },
    ...common,
  })
  await start(server)
  await start(part)
  return server.port
}

interface Asking {
  readonly token?: string
  readonly certificate?: { readonly certificatePem: string; readonly privateKeyPem: string }
  readonly accept?: string
}

function get(port: number, path: string, { token, certificate, accept }: Asking = {}) {
  const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(accept && { accept }) }
  const identity = certificate && { cert: certificate.certificatePem, key: certificate.privateKeyPem }
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const asking = request(
      { host: '127.0.0.1', port, path, headers, rejectUnauthorized: false, agent: false, ...identity },
      (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      },
    )
    asking.on('error', reject).end()
  })
}

/** Somebody whom the API server lets read this path, by a token. */
async function tokenFor(path: string): Promise<string> {
  const name = `reads${path.replaceAll('/', '-')}`
  const post = (at: string, body: object) => monitoring.transport.request({ method: 'POST', path: at, body })
  const rbac = '/apis/rbac.authorization.k8s.io/v1'
  await post('/api/v1/namespaces/default/serviceaccounts', { metadata: { name } })
  await post(`${rbac}/clusterroles`, { metadata: { name }, rules: [{ nonResourceURLs: [path], verbs: ['get'] }] })
  await post(`${rbac}/clusterrolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: 'default' }],
  })
  const { body } = await post(`/api/v1/namespaces/default/serviceaccounts/${name}/token`, { spec: {} })
  return (body as { status: { token: string } }).status.token
}

test('health is told to everybody, anything else to whom the API server lets', async () => {
  const pki = createPki({ folder: paths.pki, clock: systemClock })
  for (const port of Object.values(ports)) {
    for (const path of ['/healthz', '/livez', '/readyz'])
      assert.deepEqual(await get(port, path), { status: 200, body: 'ok' })
    const refused = await get(port, '/metrics')
    assert.equal(refused.status, 403)
    assert.equal(JSON.parse(refused.body).message, 'forbidden: User "system:anonymous" cannot get path "/metrics"')
    assert.equal((await get(port, '/metrics', { token: 'tea' })).status, 401)
    assert.equal((await get(port, '/metrics', { certificate: pki.admin() })).status, 200)
    const nobody = pki.client('nobody', 'nobody')
    assert.match((await get(port, '/metrics', { certificate: nobody })).body, /User \\"nobody\\" cannot get path/)
    assert.equal((await get(port, '/tea', { certificate: pki.admin() })).status, 404)
  }
  const token = await tokenFor('/metrics')
  assert.equal((await get(ports.scheduler, '/metrics', { token })).status, 200)
  assert.equal((await get(ports.scheduler, '/configz', { token })).status, 403)
})

test('a part tells how it is configured, started and since when it runs', async () => {
  const certificate = createPki({ folder: paths.pki, clock: systemClock }).admin()
  const json = async (port: number, path: string, accept?: string) =>
    JSON.parse((await get(port, path, { certificate, accept })).body)
  const { componentconfig } = await json(ports.scheduler, '/configz')
  assert.equal(componentconfig.kind, 'KubeSchedulerConfiguration')
  assert.deepEqual(componentconfig.profiles[0].plugins.multiPoint.enabled[4], { name: 'TaintToleration', weight: 3 })
  const manager = (await json(ports.controllers, '/configz'))['kubecontrollermanager.config.k8s.io']
  assert.deepEqual(manager.KubeCloudShared, {
    UseServiceAccountCredentials: true,
    ClusterCIDR: '10.244.0.0/16',
    AllocateNodeCIDRs: true,
  })
  const form = (kind: string) => `application/json;v=v1beta1;g=config.k8s.io;as=${kind}`
  const statusz = await json(ports.controllers, '/statusz', form('Statusz'))
  assert.deepEqual(
    [statusz.metadata.name, statusz.paths],
    ['kube-controller-manager', ['/configz', '/flagz', '/healthz', '/livez', '/metrics', '/readyz', '/statusz']],
  )
  const flagz = await json(ports.scheduler, '/flagz', form('Flagz'))
  assert.deepEqual(flagz.flags, { config: '', 'leader-elect': 'false' })
  const { body } = await get(ports.controllers, '/healthz?verbose', { certificate })
  assert.match(body, /^\[\+\]deployment-controller ok$/m)
})

test('parts measure their work: queues, requests, attempts to schedule', async () => {
  const certificate = createPki({ folder: paths.pki, clock: systemClock }).admin()
  await monitoring.transport.request({
    method: 'POST',
    path: '/api/v1/namespaces/default/pods',
    body: { metadata: { name: 'waits' }, spec: { containers: [{ name: 'a', image: 'a' }] } },
  })
  const metricsWith = async (port: number, wanted: RegExp) => {
    for (let attempt = 0; ; attempt++) {
      const { body } = await get(port, '/metrics', { certificate })
      if (wanted.test(body)) return body
      assert.ok(attempt < 400, `${wanted} is not told`)
      await sleep(systemClock, 25)
    }
  }
  const text = await metricsWith(
    ports.scheduler,
    /^scheduler_schedule_attempts_total\{profile="default-scheduler",result="unschedulable"\} [1-9]/m,
  )
  assert.match(text, /^scheduler_queue_incoming_pods_total\{event="UnscheduledPodAdd",queue="active"\} 1$/m)
  assert.match(text, /^scheduler_cache_size\{type="nodes"\} 0$/m)
  assert.match(text, /^rest_client_requests_total\{code="200",host="127.0.0.1:\d+",method="GET"\} \d+$/m)
  assert.match(text, /^apiserver_delegated_authz_request_total\{code="201"\} [1-9]/m)
  assert.match(text, /^authentication_token_cache_request_total\{status="miss"\} [1-9]/m)
  assert.match(text, /^apiserver_client_certificate_expiration_seconds_count [1-9]/m)
  const { body: resources } = await get(ports.scheduler, '/metrics/resources', { certificate })
  assert.equal(resources, '', 'the pod asks for nothing')
  const controllers = await metricsWith(ports.controllers, /^workqueue_adds_total\{name="serviceaccount"\} [1-9]/m)
  assert.match(
    controllers,
    /^running_managed_controllers\{manager="kube-controller-manager",name="replicaset-controller"\} 1$/m,
  )
  assert.match(controllers, /^root_ca_cert_publisher_sync_total\{code="200"\} [1-9]/m)
  assert.match(controllers, /^kubernetes_build_info\{.*git_version="v1.37.1"/m)
})

test('parts tell what upstream’s do, under its names, or it is explained why not', () => {
  const told = (name: string) => registries.get(name)?.descriptions() ?? []
  assertUpstreamNames('kube-scheduler', told('scheduler'), absentOfScheduler)
  assertUpstreamNames('kube-controller-manager', told('controller-manager'), absentOfControllers)
})
