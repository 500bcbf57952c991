import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { homedir, networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { apiServices } from '../../api/apiregistration/v1/api-service.ts'
import { createPki } from '../../apiserver/pki/pki.ts'
import type { Client } from '../../client/client.ts'
import { sleep, systemClock } from '../../machinery/clock.ts'
import { CommandError, runCommand } from '../../machinery/command.ts'
import type { Component } from '../../machinery/component.ts'
import type { JsonObject } from '../../machinery/json.ts'
import { silentLogger } from '../../machinery/log.ts'
import { systemRandom } from '../../machinery/random.ts'
import { freePort } from '../../machinery/free-port.ts'
import { startEtcd, type EtcdServer } from '../../store/etcd/etcd-server.ts'
import { clusterPaths } from '../state/paths.ts'
import { apiServerAlone } from './api-server.ts'
import { kubeconfigClients, type KubeconfigClients } from './kubeconfig-clients.ts'

/** Upstream's sample API server, an unmodified binary, behind an APIService of ours. */
const kit = process.env['KIT_DIR'] ?? join(homedir(), '.cache/k8s-conformance-kit')
const program = (name: string) => join(kit, 'bin', name)
const missing = ['sample-apiserver', 'etcd', 'kubectl'].filter((name) => !existsSync(program(name)))
const address = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address
const skip =
  missing.length > 0
    ? `the conformance kit lacks ${missing.join(', ')}`
    : address === undefined && 'an endpoint must have an address that is not loopback'

const group = 'wardle.example.com'
const apiService = `v1alpha1.${group}`
const flunders = `/apis/${group}/v1alpha1/namespaces/default/flunders`

suite('an aggregated API server', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-aggregated-'))
  const paths = clusterPaths(folder)
  let server: Component
  let etcd: EtcdServer
  let clients: KubeconfigClients
  let admin: Client
  let port: number
  let sample: ChildProcess | undefined

  before(async () => {
    etcd = await startEtcd(program('etcd'))
    port = await freePort()
    server = apiServerAlone({
      paths,
      store: { engine: 'memory' },
      port: await freePort(),
      bindAddresses: [],
      serviceCidr: '10.96.0.0/16',
      clock: systemClock,
      random: systemRandom,
      log: silentLogger,
    })
    await server.start()
    clients = kubeconfigClients(paths.kubeconfig, systemClock)
    admin = clients.client('test')
    await publish()
    await startSample()
  })
  after(async () => {
    await stopSample()
    await clients.close()
    await server.stop()
    await etcd.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  async function startSample(): Promise<void> {
    const serving = createPki({ folder: paths.pki, clock: systemClock }).kubeletServing('sample', ['api.wardle.svc'])
    const log = openSync(join(folder, 'sample.log'), 'a')
    sample = spawn(
      program('sample-apiserver'),
      [
        `--etcd-servers=${etcd.endpoint}`,
        `--kubeconfig=${paths.kubeconfig}`,
        `--authentication-kubeconfig=${paths.kubeconfig}`,
        `--authorization-kubeconfig=${paths.kubeconfig}`,
        `--secure-port=${port}`,
        `--tls-cert-file=${serving.certificateFile}`,
        `--tls-private-key-file=${serving.privateKeyFile}`,
      ],
      { stdio: ['ignore', log, log], cwd: folder },
    )
  }
  async function stopSample(): Promise<void> {
    if (sample === undefined || sample.exitCode !== null || sample.signalCode !== null) return
    const closed = new Promise((resolve) => sample!.once('close', resolve))
    sample.kill('SIGKILL')
    await closed
  }

  /** A service without a selector whose one endpoint is the process, and the APIService that names it. */
  async function publish(): Promise<void> {
    const post = (path: string, body: JsonObject) => admin.transport.request({ method: 'POST', path, body })
    await post('/api/v1/namespaces', { metadata: { name: 'wardle' } })
    await post('/api/v1/namespaces', { metadata: { name: 'default' } }).catch(() => {})
    await post('/api/v1/namespaces/wardle/services', { metadata: { name: 'api' }, spec: { ports: [{ port: 443 }] } })
    await post('/apis/discovery.k8s.io/v1/namespaces/wardle/endpointslices', {
      metadata: { name: 'api-1', labels: { 'kubernetes.io/service-name': 'api' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address!] }],
      ports: [{ name: '', port }],
    })
    const { certificatePem } = createPki({ folder: paths.pki, clock: systemClock }).clusterAuthority
    await post('/apis/apiregistration.k8s.io/v1/apiservices', {
      metadata: { name: apiService },
      spec: {
        group,
        version: 'v1alpha1',
        groupPriorityMinimum: 2000,
        versionPriority: 200,
        caBundle: Buffer.from(certificatePem).toString('base64'),
        service: { namespace: 'wardle', name: 'api' },
      },
    })
  }

  async function conditionBecomes(status: string) {
    for (let attempt = 0; attempt < 600; attempt++) {
      const found = (await admin.get(apiServices, { name: apiService })).status?.conditions?.[0]
      if (found?.status === status) return found
      await sleep(systemClock, 50)
    }
    throw new Error(`the APIService did not become ${status}`)
  }
  const kubectl = async (...args: string[]) =>
    (
      await runCommand(program('kubectl'), [
        '--kubeconfig',
        paths.kubeconfig,
        '--cache-dir',
        join(folder, 'kubectl'),
        ...args,
      ])
    ).stdout
  const read = async (path: string, accept?: string) =>
    (await admin.transport.request({ method: 'GET', path, accept })).body as JsonObject

  test('becomes available once it answers', async () => {
    const condition = await conditionBecomes('True')
    assert.deepEqual(
      [condition.type, condition.reason, condition.message],
      ['Available', 'Passed', 'all checks passed'],
    )
  })

  test('is found in discovery, plain and aggregated, and in OpenAPI v2 and v3', async () => {
    await conditionBecomes('True')
    const groups = (await read('/apis'))['groups'] as readonly JsonObject[]
    assert.ok(groups.some(({ name }) => name === group))
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const aggregated = (await read('/apis', accept))['items'] as unknown as readonly {
      metadata: { name: string }
      versions: readonly { version: string; freshness: string; resources: readonly { resource: string }[] }[]
    }[]
    const found = aggregated.find(({ metadata }) => metadata.name === group)?.versions[0]
    assert.deepEqual(
      [found?.version, found?.freshness, found?.resources.map(({ resource }) => resource)],
      ['v1alpha1', 'Current', ['fischers', 'flunders']],
    )
    assert.match(
      await kubectl('api-resources', '--api-group', group),
      /flunders +wardle.example.com\/v1alpha1 +true +Flunder/,
    )
    assert.match(await kubectl('explain', 'flunder.spec'), /FIELDS:\n {2}reference\t<string>/)
    const definitions = Object.keys((await read('/openapi/v2'))['definitions'] as object)
    assert.ok(definitions.some((name) => name.endsWith('wardle.v1alpha1.Flunder')))
  })

  test('takes objects from clients that know nothing of aggregation, and tells them of changes', async () => {
    await conditionBecomes('True')
    const stop = new AbortController()
    const watch = await admin.transport.watch({ method: 'GET', path: flunders, signal: stop.signal })
    const flunder = { apiVersion: `${group}/v1alpha1`, kind: 'Flunder', metadata: { name: 'one', labels: { a: 'b' } } }
    await runCommand(program('kubectl'), ['--kubeconfig', paths.kubeconfig, 'create', '-f', '-'], {
      input: JSON.stringify(flunder),
    })
    for await (const { type, object } of watch) {
      assert.deepEqual([type, (object as typeof flunder).metadata.name], ['ADDED', 'one'])
      break
    }
    stop.abort()
    assert.match(await kubectl('get', 'flunders'), /^NAME +CREATED AT\none /)
    await kubectl('label', 'flunder', 'one', 'c=d')
    await kubectl('patch', 'flunder', 'one', '--type=merge', '-p', '{"metadata":{"annotations":{"e":"f"}}}')
    const { metadata } = (await read(`${flunders}/one`)) as unknown as { metadata: JsonObject }
    assert.deepEqual([metadata['labels'], metadata['annotations']], [{ a: 'b', c: 'd' }, { e: 'f' }])
    await kubectl('delete', 'flunder', 'one')
  })

  test('knows who asks, and asks us what they may do', async () => {
    await conditionBecomes('True')
    const eve = clients.client('eve', { user: 'eve', groups: ['system:authenticated'] })
    await assert.rejects(eve.transport.request({ method: 'GET', path: flunders }), {
      message: `flunders.${group} is forbidden: User "eve" cannot list resource "flunders" in API group "${group}" in the namespace "default"`,
    })
    await kubectl('create', 'clusterrole', 'flunders', '--verb=list', `--resource=flunders.${group}`)
    await kubectl('create', 'clusterrolebinding', 'flunderers', '--clusterrole=flunders', '--group=flunderers')
    const mallory = clients.client('mallory', { user: 'mallory', groups: ['flunderers', 'system:authenticated'] })
    const { body } = await mallory.transport.request({ method: 'GET', path: flunders })
    assert.equal((body as JsonObject)['kind'], 'FlunderList')
  })

  test('is told to be away when it is, and its requests get 503', async () => {
    await conditionBecomes('True')
    await stopSample()
    // Asked again when its service changes, which is sooner than by and by.
    await kubectl('annotate', '-n', 'wardle', 'service', 'api', 'look=again')
    const { reason, message } = await conditionBecomes('False')
    assert.equal(reason, 'FailedDiscoveryCheck')
    const url = `https://${address}:${port}/apis/${group}/v1alpha1`
    assert.equal(
      message,
      `failing or missing response from ${url}: Get "${url}": dial tcp ${address}:${port}: connect: connection refused`,
    )
    await assert.rejects(admin.transport.request({ method: 'GET', path: flunders }), { code: 503 })
    await assert.rejects(kubectl('get', 'flunders'), (error: CommandError) =>
      /the server is currently unable to handle the request/.test(error.stderr),
    )
    assert.match(await kubectl('get', 'apiservice', apiService), /wardle\/api +False \(FailedDiscoveryCheck\)/)
    await startSample()
    await kubectl('annotate', '-n', 'wardle', 'service', 'api', 'look=once-more', '--overwrite')
    await conditionBecomes('True')
    await kubectl('delete', '-n', 'wardle', 'endpointslice', 'api-1')
    assert.equal((await conditionBecomes('False')).reason, 'EndpointsNotFound')
  })
})
