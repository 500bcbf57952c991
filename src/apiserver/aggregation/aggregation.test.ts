import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { test } from 'node:test'
import { apiServices } from '../../api/apiregistration/v1/api-service.ts'
import { customResourceDefinitions } from '../../api/apiextensions/v1/custom-resource-definition.ts'
import { services } from '../../api/core/v1/service.ts'
import type { ResourceDefinition } from '../../api/definition.ts'
import { endpointSlices } from '../../api/discovery/v1/endpoint-slice.ts'
import { kinds } from '../../api/kinds.ts'
import type { APIService, EndpointSlice, Service } from '../../api/types.generated.ts'
import { systemClock } from '../../machinery/clock.ts'
import type { ApiError } from '../../machinery/errors.ts'
import { silentLogger } from '../../machinery/log.ts'
import { openServer, type OpenServer } from '../open-server.fixture.ts'
import { discoveredGroups } from '../discovery/groups.ts'
import { mergeOpenApiV2 } from '../openapi/merge.ts'
import { createPki } from '../pki/pki.ts'
import { createServerLister } from '../server-lister.ts'
import { serviceFault, withAvailability } from './availability.ts'
import { createLocalApiServices } from './local-api-services.ts'
import { userHeaders } from './remote-api.ts'
import { RemoteApis } from './remote-apis.ts'

const reference = { namespace: 'ns', name: 'api', port: 7443 }
const service = (ports: object[], type = 'ClusterIP') => ({ spec: { type, ports } }) as unknown as Service
const slice = (more: object) =>
  ({ endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ port: 443 }], ...more }) as unknown as EndpointSlice

test('why a service cannot be reached is told in upstream’s words', () => {
  const fault = (...args: [Service | undefined, EndpointSlice[]]) => {
    const found = serviceFault(reference, ...args)
    return found && [found.reason, found.message]
  }
  const good = service([{ port: 7443 }])
  assert.deepEqual(fault(undefined, []), ['ServiceNotFound', 'service/api in "ns" is not present'])
  assert.deepEqual(fault(service([{ port: 1 }]), []), [
    'ServicePortError',
    'service/api in "ns" is not listening on port 7443',
  ])
  assert.deepEqual(fault(good, []), ['EndpointsNotFound', 'cannot find endpointslices for service/api in "ns"'])
  assert.deepEqual(fault(good, [slice({ endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: false } }] })]), [
    'MissingEndpoints',
    'endpointslices for service/api in "ns" have no addresses with port name ""',
  ])
  assert.equal(fault(good, [slice({})]), undefined)
  assert.equal(fault(service([], 'ExternalName'), []), undefined)
})

test('a condition keeps its time while its status stays', () => {
  const before = [{ type: 'Available', status: 'False', reason: 'a', message: 'b', lastTransitionTime: 'then' }]
  assert.equal(withAvailability(before, { status: 'False', reason: 'a', message: 'b' }, 'now'), undefined)
  assert.equal(
    withAvailability(before, { status: 'False', reason: 'c', message: 'b' }, 'now')?.[0]?.lastTransitionTime,
    'then',
  )
  assert.equal(
    withAvailability(before, { status: 'True', reason: 'c', message: 'b' }, 'now')?.[0]?.lastTransitionTime,
    'now',
  )
})

test('a front proxy says who asks in headers, with what no header may hold percent-encoded', () => {
  assert.deepEqual(userHeaders({ name: 'u', uid: '1', groups: ['a', 'b'], extra: { 'example.com/x%': ['1', '2'] } }), {
    'X-Remote-User': 'u',
    'X-Remote-Uid': '1',
    'X-Remote-Group': ['a', 'b'],
    'X-Remote-Extra-example.com%2Fx%25': ['1', '2'],
  })
})

test('groups of other servers stand where their priority puts them', () => {
  const remote = (group: string, version: string, groupPriority: number) => ({
    group,
    version,
    groupPriority,
    versionPriority: 200,
    current: true,
    resources: [],
  })
  const groups = discoveredGroups(kinds, [remote('wardle.example.com', 'v1', 2000), remote('apps', 'v9', 100)])
  const names = groups.map(({ name }) => name)
  assert.equal(names.at(-1), 'wardle.example.com')
  assert.deepEqual(
    groups.find(({ name }) => name === 'apps')?.versions.map(({ version }) => version),
    ['v9', 'v1'],
  )
})

test('OpenAPI v2 takes in the paths of another server with what they need, and renames what differs', () => {
  const merged = mergeOpenApiV2(
    { paths: { '/a': {} }, definitions: { Meta: { type: 'object' } } },
    {
      paths: {
        '/apis/g/v1/things': { get: { schema: { $ref: '#/definitions/Thing' } } },
        '/apis/other': { get: { schema: { $ref: '#/definitions/Other' } } },
      },
      definitions: {
        Thing: { properties: { m: { $ref: '#/definitions/Meta' } } },
        Meta: { type: 'string' },
        Other: {},
      },
    },
    '/apis/g/v1/',
  )
  assert.deepEqual(Object.keys(merged['paths'] as object), ['/a', '/apis/g/v1/things'])
  assert.deepEqual(merged['definitions'], {
    Meta: { type: 'object' },
    Meta_v2: { type: 'string' },
    Thing: { properties: { m: { $ref: '#/definitions/Meta_v2' } } },
  })
})

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; !(await condition()); tries++) {
    if (tries > 300) throw new Error('waited in vain')
    await new Promise((resolve) => systemClock.after(10, () => resolve(undefined)))
  }
}

async function connectedLister(open: OpenServer) {
  const lister = createServerLister()
  const followed = [apiServices, customResourceDefinitions, services, endpointSlices]
  await lister.connect(open.server.resources, followed as unknown as ResourceDefinition[])
  return lister
}

test('what is served here has APIServices, and those of others are left alone', async () => {
  await using open = await openServer()
  const spec = { group: 'batch', version: 'v1', groupPriorityMinimum: 5, versionPriority: 5 }
  await open.client.create(apiServices, { metadata: { name: 'v1.batch' }, spec } as unknown as APIService)
  const lister = await connectedLister(open)
  const { client } = open
  const local = createLocalApiServices({ lister, client, builtIn: kinds, clock: systemClock, log: silentLogger })
  await local.start()
  await until(
    () => lister.get(apiServices, '', 'v1.apps') !== undefined && lister.get(apiServices, '', 'v1.') !== undefined,
  )
  await local.stop()
  const apps = lister.get(apiServices, '', 'v1.apps')!
  assert.deepEqual(apps.spec, { group: 'apps', version: 'v1', groupPriorityMinimum: 17800, versionPriority: 15 })
  assert.equal(apps.metadata.labels?.['kube-aggregator.kubernetes.io/automanaged'], 'onstart')
  assert.equal(apps.status.conditions?.[0]?.reason, 'Local')
  assert.equal(lister.get(apiServices, '', 'v1.batch')?.spec.groupPriorityMinimum, 5)
})

test('requests for a group version of another server reach it with the caller’s name, are 503 until it is available, and follow no redirect', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-aggregation-'))
  const pki = createPki({ folder, clock: systemClock })
  const serving = pki.apiServer(['api.ns.svc'])
  const seen: { url: string | undefined; user: unknown; proxy: unknown }[] = []
  const backend = createServer(
    {
      cert: serving.certificatePem,
      key: serving.privateKeyPem,
      ca: pki.frontProxyAuthority.certificatePem,
      requestCert: true,
    },
    (request: IncomingMessage, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate()
      seen.push({ url: request.url, user: request.headers['x-remote-user'], proxy: subject.CN })
      response.setHeader('content-type', 'application/json')
      if (request.url === '/apis/wardle.example.com/v1alpha1')
        response.end(
          '{"kind":"APIResourceList","resources":[{"name":"flunders","kind":"Flunder","namespaced":true,"verbs":["get"]}]}',
        )
      else if (request.url?.endsWith('/away')) response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
      else if (request.url?.endsWith('/silent')) response.writeHead(500).end()
      else if (request.url?.endsWith('/gateway')) response.writeHead(503).end('<html>')
      else if (request.url?.endsWith('/empty')) response.end()
      else if (request.url?.startsWith('/apis/')) response.end('{"kind":"FlunderList","items":[]}')
      else response.writeHead(404).end('{}')
    },
  ).listen(0, '127.0.0.1')
  await once(backend, 'listening')
  const lister = createServerLister()
  const proxyClient = pki.frontProxyClient()
  const remotes = new RemoteApis({
    lister,
    certificate: () => proxyClient,
    resolve: () => ({ host: '127.0.0.1', port: (backend.address() as AddressInfo).port }),
    clock: systemClock,
    log: silentLogger,
  })
  try {
    const listen = { addresses: ['127.0.0.1'], port: 0 }
    await using open = await openServer({ remotes, listen, shutdownGraceMs: 10 })
    const followed = [apiServices, services, endpointSlices] as unknown as ResourceDefinition[]
    await lister.connect(open.server.resources, followed)
    remotes.connect(open.client)
    await remotes.start()
    const spec = {
      group: 'wardle.example.com',
      version: 'v1alpha1',
      groupPriorityMinimum: 2000,
      versionPriority: 200,
      caBundle: Buffer.from(pki.clusterAuthority.certificatePem).toString('base64'),
      service: { namespace: 'ns', name: 'api', port: 7443 },
    }
    const made = await open.call('POST', '/apis/apiregistration.k8s.io/v1/apiservices', {
      metadata: { name: 'v1alpha1.wardle.example.com' },
      spec,
    })
    assert.equal(made.status, 201)
    const path = '/apis/wardle.example.com/v1alpha1/namespaces/default/flunders'
    assert.equal((await open.call('GET', path)).status, 503)
    await open.call('POST', '/api/v1/namespaces', { metadata: { name: 'ns' } })
    await open.call('POST', '/apis/discovery.k8s.io/v1/namespaces/ns/endpointslices', {
      metadata: { name: 'api-1', labels: { 'kubernetes.io/service-name': 'api' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.0.1'] }],
      ports: [{ name: '', port: 443 }],
    })
    await open.call('POST', '/api/v1/namespaces/ns/services', {
      metadata: { name: 'api' },
      spec: { clusterIP: 'None', ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', ports: [{ port: 7443 }] },
    })
    await until(
      () => lister.get(apiServices, '', 'v1alpha1.wardle.example.com')?.status.conditions?.[0]?.status === 'True',
    )
    const list = await open.call('GET', path, undefined, { query: { limit: '5' } })
    assert.deepEqual([list.status, list.body.kind], [200, 'FlunderList'])
    assert.deepEqual(seen.at(-1), { url: `${path}?limit=5`, user: 'admin', proxy: 'front-proxy-client' })
    // security.md, request forgery through redirect: nobody sends the server elsewhere (CVE-2022-3172).
    const away = await fetch(`${open.server.address}${path}/away`, { redirect: 'manual' })
    assert.deepEqual(
      [away.status, away.headers.get('location'), (await away.text()).trim()],
      [502, null, 'the backend attempted to redirect this request, which is not permitted'],
    )
    const here = open.server.inProcess({ name: 'admin', groups: ['system:masters'] })
    const refused = (name: string) =>
      here.request({ method: 'GET', path: `${path}/${name}` }).then(
        () => assert.fail('not refused'),
        ({ code, message }: ApiError) => [code, message],
      )
    const notPermitted = 'the backend attempted to redirect this request, which is not permitted'
    assert.deepEqual(await refused('away'), [502, notPermitted])
    assert.deepEqual(await refused('silent'), [500, ''], 'a failure that says nothing is one all the same')
    assert.deepEqual(await refused('gateway'), [503, '<html>'])
    assert.equal((await here.request({ method: 'GET', path: `${path}/empty` })).body, '')
    const groups = (await open.call('GET', '/apis')).body['groups'] as unknown as { name: string }[]
    assert.ok(groups.some(({ name }) => name === 'wardle.example.com'))
    await open.call('DELETE', '/apis/apiregistration.k8s.io/v1/apiservices/v1alpha1.wardle.example.com')
    assert.equal((await open.call('GET', path)).status, 404)
  } finally {
    await remotes.stop()
    backend.closeAllConnections()
    backend.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
