import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, request } from 'node:https'
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import type { IssuedCertificate } from '../../apiserver/pki/issued-certificate.ts'
import { after, before, test } from 'node:test'
import { serviceAccounts } from '../../api/core/v1/service-account.ts'
import { clusterRoleBindings } from '../../api/rbac/v1/cluster-role-binding.ts'
import { clusterRoles } from '../../api/rbac/v1/cluster-role.ts'
import type { ResourceRef } from '../../api/definition.ts'
import { createPki } from '../../apiserver/pki/pki.ts'
import { type RunningApiServer, startApiServer } from '../../cluster/api-server.ts'
import { systemClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import { MetricsRegistry } from '../../machinery/metrics.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { systemRandom } from '../../machinery/random.ts'
import { createMemoryStore } from '../../store/memory/store.ts'
import { createKubeletAccess } from './access.ts'
import type { KubeletServerHost } from './host.ts'
import { createKubeletServer, type KubeletServer } from './server.ts'

/** security.md, kubelet API (CVE-2025-0426 and kin): authentication and authorization on each route. */
const folder = mkdtempSync(join(tmpdir(), 'skiff-kubelet-server-'))
const pki = createPki({ folder: join(folder, 'pki'), clock: systemClock })
const stranger = createPki({ folder: join(folder, 'stranger'), clock: systemClock })
let api: RunningApiServer
let server: KubeletServer

/** What was asked of the kubelet; nothing may be for who is refused. */
let touched: string[] = []
const touch =
  <T>(name: string, value: T) =>
  () => {
    touched.push(name)
    return value
  }
const host = {
  nodeName: 'n1',
  runtime: {},
  pods: touch('pods', []),
  podByName: touch('podByName', undefined),
  runningPods: touch('runningPods', Promise.resolve([])),
  sandboxId: touch('sandboxId', Promise.resolve(undefined)),
  logPath: touch('logPath', Promise.resolve(undefined)),
  statsSummary: touch('statsSummary', Promise.resolve({})),
  metrics: touch('metrics', Promise.resolve('')),
  configuration: touch('configuration', {}),
  unhealthy: touch('unhealthy', []),
} as unknown as KubeletServerHost

let renew: (next: IssuedCertificate) => void

before(async () => {
  const shared = { clock: systemClock, random: systemRandom, log: silentLogger }
  api = await startApiServer({
    store: createMemoryStore({ clock: systemClock }),
    pki,
    serviceCidrs: ['10.96.0.0/16'],
    advertise: { address: '10.0.0.1', port: 6443 },
    publicServer: 'https://10.0.0.1:6443',
    ...shared,
  })
  const client = api.clientAs({ name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] })
  const serving = pki.kubeletServing('n1', ['127.0.0.1'])
  server = createKubeletServer({
    host,
    access: createKubeletAccess({ client, nodeName: 'n1', clock: systemClock, metrics: new MetricsRegistry() }),
    tls: {
      clientCa: pki.clusterAuthority.certificatePem,
      serving: {
        subscribe(listener) {
          renew = (next) => listener({ cert: next.certificatePem, key: next.privateKeyPem })
          renew(serving)
          return () => {}
        },
      },
    },
    listen: { address: '127.0.0.1', port: 0 },
    ...shared,
  })
  await server.start()
  await create(serviceAccounts, { metadata: { name: 'nobody', namespace: 'default' } })
  for (const resource of ['metrics', 'stats', 'log', 'pods', 'healthz', 'configz', 'proxy']) await allow(resource)
})
after(async () => {
  for (const agent of agents.values()) agent.destroy()
  await server.stop()
  await api.stop()
  rmSync(folder, { recursive: true })
})

function create(ref: ResourceRef, object: object): Promise<KubeObject> {
  const apiVersion = ref.group === '' ? ref.version : `${ref.group}/${ref.version}`
  return api.client.create(ref, { apiVersion, kind: ref.kind, ...object } as KubeObject)
}

/** A user `may-RESOURCE` who may read that one subresource of nodes. */
async function allow(resource: string): Promise<void> {
  const name = `may-${resource}`
  const rules = [{ apiGroups: [''], resources: [`nodes/${resource}`], verbs: ['get'] }]
  await create(clusterRoles, { metadata: { name }, rules })
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name }
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }]
  await create(clusterRoleBindings, { metadata: { name }, roleRef, subjects })
}

interface Caller {
  readonly cert?: string
  readonly key?: string
  readonly token?: string
}

/** A caller's connections are kept, for shaking hands is what takes time. */
const agents = new Map<Caller, Agent>()
function agentOf(caller: Caller): Agent {
  const agent = agents.get(caller) ?? new Agent({ keepAlive: true })
  agents.set(caller, agent)
  return agent
}

/** The status of an answer; the path goes out as it is, and 101 stands for an upgrade. */
function ask(caller: Caller, path: string, { method = 'GET', upgrade = '' } = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = {}
    if (caller.token !== undefined) headers['Authorization'] = `Bearer ${caller.token}`
    if (upgrade !== '') {
      Object.assign(headers, { Connection: 'Upgrade', Upgrade: upgrade })
      if (upgrade === 'websocket')
        Object.assign(headers, {
          'Sec-WebSocket-Version': '13',
          'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
          'Sec-WebSocket-Protocol': 'v5.channel.k8s.io',
        })
      else headers['X-Stream-Protocol-Version'] = 'v4.channel.k8s.io'
    }
    const { cert, key } = caller
    const ca = pki.clusterAuthority.certificatePem
    const to = { host: '127.0.0.1', port: server.port, path, method, headers }
    const outgoing = request({ ...to, cert, key, ca, agent: upgrade === '' ? agentOf(caller) : false }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    outgoing.once('upgrade', (_response, socket) => {
      socket.destroy()
      resolve(101)
    })
    outgoing.once('error', reject)
    outgoing.end()
  })
}

const certificate = ({ certificatePem, privateKeyPem }: { certificatePem: string; privateKeyPem: string }): Caller => ({
  cert: certificatePem,
  key: privateKeyPem,
})
const user = (name: string) => certificate(pki.client(name, name))

/** Every path that is served, with the subresources of nodes that open it to a reader. */
const routes: Readonly<Record<string, readonly string[]>> = {
  '/healthz': ['healthz', 'proxy'],
  '/healthz/ping': ['healthz', 'proxy'],
  '/pods': ['pods', 'proxy'],
  '/runningpods/': ['pods', 'proxy'],
  '/configz': ['configz', 'proxy'],
  '/stats/summary': ['stats'],
  '/metrics': ['metrics'],
  '/metrics/resource': ['metrics'],
  '/metrics/cadvisor': ['metrics'],
  '/metrics/probes': ['metrics'],
  '/logs/': ['log'],
  '/logs/..%2f..%2fetc/shadow': ['log'],
  '/containerLogs/default/web/app': ['proxy'],
  '/exec/default/web/app?command=id&output=1': ['proxy'],
  '/attach/default/web/app?output=1': ['proxy'],
  '/run/default/web/app?cmd=id': ['proxy'],
  '/portForward/default/web?port=80': ['proxy'],
  '/nothing': ['proxy'],
}

test('security.md, kubelet API: who is not known is refused on every route, for every method and upgrade', async () => {
  const callers: Record<string, Caller> = {
    nobody: {},
    'a token that is none': { token: 'abc.def.ghi' },
    'a certificate of another cluster': certificate(stranger.admin()),
    'a certificate for serving': certificate(pki.kubeletServing('n1', ['127.0.0.1'])),
  }
  for (const [what, caller] of Object.entries(callers)) {
    touched = []
    for (const path of Object.keys(routes)) {
      for (const method of ['GET', 'POST', 'HEAD', 'DELETE'])
        assert.equal(await ask(caller, path, { method }), 401, `${what}: ${method} ${path}`)
      for (const upgrade of ['websocket', 'SPDY/3.1'])
        assert.equal(await ask(caller, path, { upgrade }), 401, `${what}: ${upgrade} ${path}`)
    }
    assert.deepEqual(touched, [], what)
  }
})

test('security.md, kubelet API: who is known but may nothing is refused everywhere: users, service accounts, the node itself', async () => {
  const token = await api.tokenIssuer.issue({
    serviceAccount: await api.client.get(serviceAccounts, { namespace: 'default', name: 'nobody' }),
    audiences: [],
    expirationSeconds: 600,
  } as never)
  const callers: Record<string, Caller> = {
    'a user': user('ann'),
    'a service account': { token: (token as { token: string }).token },
    'the node': certificate(pki.kubelet('n1')),
    'another node': certificate(pki.kubelet('n2')),
  }
  for (const [what, caller] of Object.entries(callers)) {
    touched = []
    for (const path of Object.keys(routes)) {
      assert.equal(await ask(caller, path), 403, `${what}: ${path}`)
      for (const upgrade of ['websocket', 'SPDY/3.1'])
        assert.equal(await ask(caller, path, { method: 'POST', upgrade }), 403, `${what}: ${upgrade} ${path}`)
    }
    assert.deepEqual(touched, [], what)
  }
})

test('security.md, kubelet API: each right opens its own routes and no other', async () => {
  for (const right of ['metrics', 'stats', 'log', 'pods', 'healthz', 'configz', 'proxy']) {
    const caller = user(`may-${right}`)
    for (const [path, rights] of Object.entries(routes)) {
      touched = []
      const status = await ask(caller, path)
      if (rights.includes(right)) assert.ok(![401, 403].includes(status), `${right}: ${path} gave ${status}`)
      else assert.deepEqual([status, touched], [403, []], `${right}: ${path}`)
      // What changes something needs another verb.
      assert.equal(await ask(caller, path, { method: 'POST' }), 403, `${right}: POST ${path}`)
    }
  }
})

test('security.md, kubelet API: a path is routed as it was authorized, however it is written', async () => {
  const caller = user('may-metrics')
  const tricks = [
    '/metrics/../pods',
    '/metrics/..%2fpods',
    '/metrics/%2e%2e/pods',
    '/metrics/./../runningpods',
    '/metrics//pods',
    '//pods',
    '/./pods',
    '/%70ods',
    '/pods%00',
    '/metrics%2f..%2fpods',
    '/metrics/resource/../../configz',
    '/metrics/..;/pods',
    '/METRICS/../pods',
    '/metrics/%252e%252e/pods',
  ]
  for (const path of tricks) {
    touched = []
    const status = await ask(caller, path)
    assert.ok([403, 404].includes(status), `${path} gave ${status}`)
    assert.deepEqual(touched, [], path)
  }
})

test('security.md, kubelet API: the API server may do everything; logs of the host are shown to nobody', async () => {
  const caller = certificate(pki.apiServerKubeletClient())
  assert.equal(await ask(caller, '/pods'), 200)
  assert.equal(await ask(caller, '/stats/summary'), 200)
  assert.equal(
    await ask(caller, '/exec/default/web/app?command=id&output=1', { method: 'POST', upgrade: 'SPDY/3.1' }),
    404,
  )
  for (const path of ['/logs/', '/logs/syslog', '/logs/..%2f..%2fetc/shadow']) {
    touched = []
    assert.ok([404, 405].includes(await ask(caller, path)), path)
    assert.deepEqual(touched, [])
  }
})

test('a new serving certificate is shown to new connections, while those that are there go on', async () => {
  const ca = pki.clusterAuthority.certificatePem
  const dial = () =>
    new Promise<TLSSocket>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: server.port, ca }, () => resolve(socket)).once('error', reject)
    })
  const answer = async (socket: TLSSocket): Promise<string> => {
    socket.write('GET /healthz HTTP/1.1\r\nHost: n1\r\n\r\n')
    const [bytes] = (await once(socket, 'data')) as [Buffer]
    return bytes.toString().split('\r\n', 1)[0]!
  }
  const old = await dial()
  assert.equal(await answer(old), 'HTTP/1.1 401 Unauthorized')
  renew(pki.kubeletServing('n1', ['127.0.0.1', 'renewed']))
  const fresh = await dial()
  assert.match(fresh.getPeerCertificate().subjectaltname ?? '', /DNS:renewed/)
  assert.doesNotMatch(old.getPeerCertificate().subjectaltname ?? '', /renewed/)
  assert.deepEqual([await answer(old), await answer(fresh)], Array(2).fill('HTTP/1.1 401 Unauthorized'))
  old.destroy()
  fresh.destroy()
})
