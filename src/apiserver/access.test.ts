import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { configMaps } from '../api/core/v1/config-map.ts'
import { namespaces } from '../api/core/v1/namespace.ts'
import { nodes } from '../api/core/v1/node.ts'
import { pods } from '../api/core/v1/pod.ts'
import { resourceQuotas } from '../api/core/v1/resource-quota.ts'
import { secrets } from '../api/core/v1/secret.ts'
import { serviceAccounts } from '../api/core/v1/service-account.ts'
import { services } from '../api/core/v1/service.ts'
import { kinds } from '../api/kinds.ts'
import { flowSchemas } from '../api/flowcontrol/v1/flow-schema.ts'
import { serviceCidrs } from '../api/networking/v1/service-cidr.ts'
import { clusterRoleBindings } from '../api/rbac/v1/cluster-role-binding.ts'
import type { Pod } from '../api/types.generated.ts'
import type { UserInfo } from '../api/user.ts'
import type { Client } from '../client/client.ts'
import { createClient } from '../client/create-client.ts'
import { sleep, systemClock } from '../machinery/clock.ts'
import { silentLogger } from '../machinery/log.ts'
import { systemRandom } from '../machinery/random.ts'
import { createMemoryStore } from '../store/memory/store.ts'
import type { Store } from '../store/store.ts'
import { type Access, createAccess, serverUser } from './access.ts'
import { createPki } from './pki/pki.ts'
import { type ApiServer, createApiServer } from './server.ts'

const folder = mkdtempSync(join(tmpdir(), 'skiff-access-'))
const common = { clock: systemClock, random: systemRandom, log: silentLogger }
let access: Access
let server: ApiServer
let store: Store
let admin: Client

before(async () => {
  const pki = createPki({ folder, clock: systemClock })
  access = createAccess({ pki, ...common })
  store = createMemoryStore({ clock: systemClock })
  server = createApiServer({ ...access.serverOptions, store, kinds, ...common })
  access.addPaths(server.paths, () => 'https://192.0.2.1:6443')
  await server.start()
  admin = createClient(server.inProcess(serverUser))
  await access.connect(server.resources, admin)
  await access.bootstrap({ server: 'https://127.0.0.1:6443' })
  const range = { metadata: { name: 'kubernetes' }, spec: { cidrs: ['10.96.0.0/16'] } }
  await admin.create(serviceCidrs, { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', ...range } as never)
  await admin.create(serviceAccounts, account('default'))
  await pki.serviceAccountKeys
})
after(async () => {
  access.stop()
  await server.stop()
  await store.close()
  rmSync(folder, { recursive: true })
})

const account = (name: string) => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace: 'default' },
})
const as = (name: string, ...groups: string[]): Client => {
  const user: UserInfo = { name, groups: [...groups, 'system:authenticated'] }
  return createClient(server.inProcess(user))
}
const configMap = (name: string, namespace = 'default') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
})
const pod = (name: string, spec: object = {}) =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'main', image: 'busybox' }], ...spec },
  }) as unknown as Pod

test('a user may do what a role gives, and hears in upstream’s words what he may not', async () => {
  await assert.rejects(as('ann').list(pods, { namespace: 'default' }), {
    code: 403,
    message: 'pods is forbidden: User "ann" cannot list resource "pods" in API group "" in the namespace "default"',
  })
  await admin.create(clusterRoleBindings, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'ann-admin' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ann' }],
  })
  assert.deepEqual((await as('ann').list(pods, { namespace: 'default' })).items, [])
  await assert.rejects(
    as('bob').create(clusterRoleBindings, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'bob-admin' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    }),
    { code: 403 },
  )
})

test('a pod gets its account, its token, its priority and its tolerations', async () => {
  const made = await admin.create(pods, pod('plain'))
  assert.equal(made.spec.serviceAccountName, 'default')
  assert.equal(made.spec.priority, 0)
  assert.equal(made.spec.preemptionPolicy, 'PreemptLowerPriority')
  assert.deepEqual(
    made.spec.tolerations?.map(({ key }) => key),
    ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'],
  )
  const [volume] = made.spec.volumes!
  assert.match(volume!.name, /^kube-api-access-[a-z0-9]{5}$/)
  assert.equal(volume!.projected?.sources?.[0]?.serviceAccountToken?.expirationSeconds, 3607)
  assert.deepEqual(made.spec.containers[0]!.volumeMounts, [
    { name: volume!.name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
  ])
  await assert.rejects(admin.create(pods, pod('other', { serviceAccountName: 'none' })), {
    message:
      'pods "other" is forbidden: error looking up service account default/none: serviceaccount "none" not found',
  })
})

test('nothing is created in a namespace that is not there, and system namespaces stay', async () => {
  await assert.rejects(admin.create(configMaps, configMap('a', 'nowhere')), {
    code: 404,
    message: 'namespaces "nowhere" not found',
  })
  await assert.rejects(admin.delete(namespaces, { name: 'kube-system' }), {
    message: 'namespaces "kube-system" is forbidden: this namespace may not be deleted',
  })
})

test('a kubelet registers its node tainted, and no other', async () => {
  const kubelet = as('system:node:n1', 'system:nodes')
  const node = (name: string, labels = {}) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels } }) as never
  const made = (await kubelet.create(nodes, node('n1'))) as { spec: { taints: object[] } }
  assert.deepEqual(made.spec.taints, [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }])
  await assert.rejects(kubelet.create(nodes, node('n2')), {
    message: 'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"',
  })
  await assert.rejects(
    as('system:node:n3', 'system:nodes').create(nodes, node('n3', { 'node-restriction.kubernetes.io/a': 'b' })),
    {
      message:
        'nodes "n3" is forbidden: node "n3" is not allowed to set the following labels: node-restriction.kubernetes.io/a',
    },
  )
})

test('security.md, traffic capture: external IPs are refused by default (CVE-2020-8554)', async () => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'thief', namespace: 'default' },
    spec: { ports: [{ port: 80 }], externalIPs: ['203.0.113.7'] },
  }
  await assert.rejects(admin.create(services, service as never), {
    code: 403,
    message: 'services "thief" is forbidden: Use of external IPs is denied by admission control',
  })
})

test('secrets lie encrypted in the store, and are read in clear', async () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'password', namespace: 'default' },
    stringData: { word: 'hunter2' },
  }
  await admin.create(secrets, secret as never)
  const { entry } = await store.get('/registry/secrets/default/password')
  const stored = Buffer.from(entry!.value).toString('latin1')
  assert.ok(stored.startsWith('k8s:enc:aesgcm:v1:key1:'))
  assert.ok(!stored.includes(Buffer.from('hunter2').toString('base64')) && !stored.includes('password'))
  const read = await admin.get(secrets, { namespace: 'default', name: 'password' })
  assert.equal(Buffer.from(read.data!.word!, 'base64').toString(), 'hunter2')
})

test('a quota holds under a rush of creates: never one more than it allows', async () => {
  await admin.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'small' } } as never)
  const made = await admin.create(resourceQuotas, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'few', namespace: 'small' },
    spec: { hard: { 'count/configmaps': '5' } },
  } as never)
  const status = { hard: { 'count/configmaps': '5' }, used: { 'count/configmaps': '0' } }
  await admin.update(resourceQuotas, { ...(made as object), status } as never, { subresource: 'status' })
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) => admin.create(configMaps, configMap(`c${index}`, 'small'))),
  )
  assert.equal(results.filter(({ status: end }) => end === 'fulfilled').length, 5)
  const refused = results.find((result) => result.status === 'rejected') as PromiseRejectedResult
  assert.match(
    refused.reason.message,
    /^configmaps "c\d+" is forbidden: exceeded quota: few, requested: count\/configmaps=1, used: count\/configmaps=5, limited: count\/configmaps=5$/,
  )
  const quota = await admin.get(resourceQuotas, { namespace: 'small', name: 'few' })
  assert.equal(quota.status?.used?.['count/configmaps'], '5')
})

test('a token is issued to who may ask for it, and reviewed', async () => {
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: { name: 'default', namespace: 'default' },
    spec: {},
  }
  const { status } = await admin.create<never, { status: { token: string } }>(
    serviceAccounts as never,
    request as never,
    { subresource: 'token' },
  )
  const { body } = await admin.transport.request({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/tokenreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {}, spec: { token: status.token } },
  })
  const review = body as { status: { authenticated: boolean; user: { username: string } } }
  assert.equal(review.status.authenticated, true)
  assert.equal(review.status.user.username, 'system:serviceaccount:default:default')
})

test('the built-in roles let a component do its work and no more', async () => {
  const scheduler = as('system:kube-scheduler')
  assert.ok((await scheduler.list(pods)).items.length > 0)
  await assert.rejects(scheduler.list(secrets), { code: 403 })
  await assert.rejects(scheduler.create(configMaps, configMap('mine')), { code: 403 })
})

test('security.md, parser bombs: an object with nothing in it, or with null, is refused or made, never a fault', async () => {
  const odd = [
    {},
    { spec: {} },
    { spec: null },
    { spec: { containers: null, limits: null, request: null, template: { spec: {} } } },
    { spec: { containers: [{}], volumes: [{}], initContainers: [{ env: null }], limits: [{}], tolerations: [{}] } },
    { rules: [{}], subjects: [{}], webhooks: [{}] },
    { rules: [{ verbs: null }], subjects: null, roleRef: null, webhooks: [{ rules: [{}] }] },
  ]
  const faults: string[] = []
  for (const definition of kinds) {
    if (!definition.verbs.includes('create')) continue
    const { group, version, kind, namespaced } = definition
    for (const [index, more] of odd.entries()) {
      const metadata = { name: `odd-${index}`, namespace: namespaced ? 'default' : undefined }
      const object = { apiVersion: group === '' ? version : `${group}/${version}`, kind, metadata, ...more }
      for (const client of [admin, as('ann'), as('system:node:odd', 'system:nodes')])
        await client.create(definition, object as never).catch((error: Error) => {
          if (/Cannot|is not|undefined/.test(error.message))
            faults.push(`${kind} ${JSON.stringify(more)}: ${error.message}`)
        })
    }
  }
  assert.deepEqual(
    faults.filter((text) => !/forbidden|invalid/.test(text)),
    [],
  )
})

test('anyone in a pod finds by which keys tokens are verified; a stranger does not', async () => {
  const path = '/.well-known/openid-configuration'
  const robot = as('system:serviceaccount:default:default', 'system:serviceaccounts')
  const configuration = (await robot.transport.request({ method: 'GET', path })).body as Record<string, string>
  assert.equal(configuration.jwks_uri, 'https://192.0.2.1:6443/openid/v1/jwks')
  await robot.transport.request({ method: 'GET', path: '/openid/v1/jwks' })
  await assert.rejects(as('stranger').transport.request({ method: 'GET', path }), {
    message: 'forbidden: User "stranger" cannot get path "/.well-known/openid-configuration"',
  })
})

test('flow schemas say that their priority levels exist', async () => {
  const condition = async () =>
    (await admin.get(flowSchemas, { name: 'system-nodes' })).status?.conditions?.map(({ reason }) => reason)
  for (let attempt = 0; attempt < 100 && (await condition()) === undefined; attempt++) await sleep(systemClock, 50)
  assert.deepEqual(await condition(), ['Found'])
})
