import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { createPki, type Pki } from '../../apiserver/pki/pki.ts'
import { httpTransport } from '../../client/http/http-transport.ts'
import type { ApiRequest, Transport, WatchEvent } from '../../client/transport.ts'
import { sleep, systemClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { systemRandom } from '../../machinery/random.ts'
import { etcdBinary, type EtcdServer, startEtcd } from '../../store/etcd/etcd-server.ts'
import { openEtcdStore } from '../../store/etcd/store.ts'
import { startControlPlane } from '../control-plane.ts'
import { freePort } from '../../machinery/free-port.ts'
import { etcdKeys, etcdValue } from './etcd-content.fixture.ts'
import { kubeApiserverBinary, startKubeApiserver } from './kube-apiserver.fixture.ts'
import { upstreamSkip } from './lone-kube-apiserver.fixture.ts'
import { storedObjects, type StoredObjectFact } from './stored-objects.fixture.ts'

/**
 * One etcd, handed back and forth between Skiff and upstream's kube-apiserver: what one wrote, the other reads, changes
 * and deletes, as if it had been its own.
 */
const etcd = etcdBinary()
const upstream = kubeApiserverBinary()
const skip = upstreamSkip

type Name = 'skiff' | 'upstream'
interface Server {
  readonly transport: Transport
  stop(): Promise<void>
}

const folder = mkdtempSync(join(tmpdir(), 'skiff-handover-'))
const serviceRange = '10.96.0.0/16'
const issuer = 'https://kubernetes.default.svc.cluster.local'
let pki: Pki
let store: EtcdServer

before(async () => {
  if (skip) return
  pki = createPki({ folder: join(folder, 'pki'), clock: systemClock })
  store = await startEtcd(etcd!)
})
after(async () => {
  await store?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const starts: Record<Name, (port: number) => Promise<() => Promise<void>>> = {
  async skiff(port) {
    const plane = await startControlPlane({
      store: await openEtcdStore({ endpoints: [store.endpoint] }),
      pki,
      listen: { addresses: ['127.0.0.1'], port, hosts: ['127.0.0.1', 'localhost', 'kubernetes.default.svc'] },
      podCidrs: ['10.244.0.0/16'],
      serviceCidrs: [serviceRange],
      advertise: { address: '192.0.2.1', port },
      clock: systemClock,
      random: systemRandom,
      log: silentLogger,
    })
    return () => plane.stop()
  },
  upstream: (port) =>
    startKubeApiserver({
      binary: upstream!,
      pki,
      folder,
      etcd: store.endpoint,
      port,
      serviceRange,
      issuer,
      encryption: {
        kind: 'EncryptionConfiguration',
        apiVersion: 'apiserver.config.k8s.io/v1',
        resources: [
          {
            resources: ['secrets'],
            providers: [
              { aesgcm: { keys: [{ name: 'key1', secret: pki.encryptionKey.toString('base64') }] } },
              { identity: {} },
            ],
          },
        ],
      },
    }),
}

async function startServer(name: Name): Promise<Server> {
  const port = await freePort()
  const stop = await starts[name](port)
  const { certificatePem: cert, privateKeyPem: key } = pki.admin()
  const ca = pki.clusterAuthority.certificatePem
  const transport = httpTransport({
    server: `https://127.0.0.1:${port}`,
    ca,
    cert,
    key,
    userAgent: 'handover/1',
    clock: systemClock,
  })
  return {
    transport,
    async stop() {
      await transport.close()
      await stop()
    },
  }
}

const call = async (server: Server, request: ApiRequest) => (await server.transport.request(request)).body as KubeObject
const get = (server: Server, path: string) => call(server, { method: 'GET', path })
const post = (server: Server, path: string, body: unknown) => call(server, { method: 'POST', path, body })
const merge = (server: Server, path: string, body: unknown) =>
  call(server, { method: 'PATCH', path, body, contentType: 'application/merge-patch+json' })

function collectionOf({ group, version, resource, key }: StoredObjectFact): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  return key.includes('/handover/') ? `${root}/namespaces/handover/${resource}` : `${root}/${resource}`
}
async function servedBy(server: Server): Promise<(fact: StoredObjectFact) => boolean> {
  const served = new Set<string>()
  const groups = (await get(server, '/apis')) as unknown as {
    groups: { versions: { groupVersion: string }[] }[]
  }
  const roots = ['/api/v1', ...groups.groups.flatMap(({ versions }) => versions.map((v) => `/apis/${v.groupVersion}`))]
  for (const root of roots) {
    const list = (await get(server, root)) as unknown as { groupVersion: string; resources: { name: string }[] }
    for (const { name } of list.resources) served.add(`${list.groupVersion}/${name}`)
  }
  return ({ group, version, resource }) => served.has(`${group === '' ? version : `${group}/${version}`}/${resource}`)
}

interface Written {
  readonly fact: StoredObjectFact
  readonly path: string
  readonly object: KubeObject
}

/** Each server writes the status of these by itself. */
const living = new Set(['flowschemas', 'customresourcedefinitions'])
function compared(fact: StoredObjectFact, object: KubeObject): unknown {
  return living.has(fact.resource) ? [object.metadata.uid, (object as KubeObject & { spec: object }).spec] : object
}

/** Names that say what the object is, so that there is one of them. */
const single = new Set(['customresourcedefinitions', 'apiservices'])

/** What is written in this turn; the names of one turn are not those of another. */
function factsOf(facts: readonly StoredObjectFact[], turn: number): StoredObjectFact[] {
  if (turn === 0) return [...facts]
  return facts
    .filter(({ resource }) => !single.has(resource))
    .map((fact) => {
      const { name } = fact.object.metadata
      const own = fact.resource === 'ipaddresses' ? name.replace(/\d+$/, `${100 + turn}`) : `${name}-${turn}`
      const key = fact.key.slice(0, -name.length) + own
      return { ...fact, key, object: { ...fact.object, metadata: { ...fact.object.metadata, name: own } } }
    })
}

async function writeAll(server: Server, facts: readonly StoredObjectFact[]): Promise<Written[]> {
  const written: Written[] = []
  const failures: string[] = []
  for (const fact of facts) {
    const collection = collectionOf(fact)
    const path = `${collection}/${fact.object.metadata.name}`
    try {
      await post(server, collection, fact.object)
      written.push({ fact, path, object: await get(server, path) })
    } catch (error) {
      failures.push(`${fact.resource} ${String(error)}`)
    }
  }
  assert.deepEqual(failures, [])
  return written
}

const customKind = {
  kind: 'CustomResourceDefinition',
  apiVersion: 'apiextensions.k8s.io/v1',
  metadata: { name: 'boats.handover.example.com' },
  spec: {
    group: 'handover.example.com',
    scope: 'Namespaced',
    names: { plural: 'boats', kind: 'Boat' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', properties: { crew: { type: 'integer', default: 3 } } } },
          },
        },
      },
    ],
  },
}
const boats = '/apis/handover.example.com/v1/namespaces/handover/boats'

async function eventually<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask()
    } catch (error) {
      if (attempt === 100) throw error
      await sleep(systemClock, 100)
    }
  }
}

async function firstEvents(
  server: Server,
  path: string,
  resourceVersion: string,
  count: number,
): Promise<WatchEvent[]> {
  const stop = new AbortController()
  const events: WatchEvent[] = []
  const watch = await server.transport.watch({ method: 'GET', path, query: { resourceVersion }, signal: stop.signal })
  for await (const event of watch) {
    if (events.push(event) === count) break
  }
  stop.abort()
  return events
}

test('Skiff and kube-apiserver hand the same data back and forth, twice', { skip, timeout: 300_000 }, async (t) => {
  const turns: readonly Name[] = ['skiff', 'upstream', 'skiff', 'upstream', 'skiff']
  let facts: readonly StoredObjectFact[] | undefined
  let standing: Written[] = []
  let lastRevision = ''
  let token = ''
  for (const [turn, name] of turns.entries()) {
    const server = await startServer(name)
    try {
      if (facts === undefined) {
        const isServed = await servedBy(server)
        facts = storedObjects.filter(isServed)
        await post(server, '/api/v1/namespaces', { metadata: { name: 'handover' } })
        await post(server, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', customKind)
        for (const account of ['default', 'traveller']) {
          await post(server, '/api/v1/namespaces/handover/serviceaccounts', { metadata: { name: account } })
        }
      }

      await t.test(`turn ${turn + 1}: ${name} reads what was there, byte for byte`, async () => {
        const differing: string[] = []
        for (const { fact, path, object } of standing) {
          const now = await get(server, path)
          if (!isDeepStrictEqual(compared(fact, now), compared(fact, object)))
            differing.push(`${path}: ${JSON.stringify(object)} is ${JSON.stringify(now)}`)
        }
        assert.deepEqual(differing, [])
      })
      await t.test(`turn ${turn + 1}: ${name} goes on with watches where the other ended`, async () => {
        if (lastRevision === '') return
        const path = '/api/v1/namespaces/handover/configmaps'
        await post(server, path, { metadata: { name: `seen-${turn}` } })
        const [event] = await firstEvents(server, path, lastRevision, 1)
        if (name === 'upstream') {
          // Its watch cache begins at its start: client-go lists again.
          assert.equal((event!.object as { reason?: string }).reason, 'Expired')
          return
        }
        assert.equal(event!.type, 'ADDED')
        assert.equal((event!.object as KubeObject).metadata.name, `seen-${turn}`)
      })
      await t.test(`turn ${turn + 1}: ${name} changes what the other wrote, then deletes it`, async () => {
        for (const { path, object } of standing) {
          const changed = await merge(server, path, { metadata: { annotations: { 'handed-over': name } } })
          assert.equal(changed.metadata.annotations?.['handed-over'], name, path)
          assert.equal(changed.metadata.uid, object.metadata.uid, path)
          assert.notEqual(changed.metadata.resourceVersion, object.metadata.resourceVersion, path)
          await call(server, {
            method: 'DELETE',
            path,
            query: { gracePeriodSeconds: '0', propagationPolicy: 'Background' },
          })
        }
      })
      await t.test(`turn ${turn + 1}: ${name} writes every kind under upstream's keys`, async () => {
        standing = await writeAll(server, factsOf(facts!, turn))
        const keys = new Set(await etcdKeys(store.endpoint))
        for (const { fact, object } of standing) {
          const { key } = fact
          assert.ok(keys.has(key), `${key} is not there`)
          if (fact.resource === 'secrets') continue
          const value = JSON.parse((await etcdValue(store.endpoint, key)).value.toString()) as KubeObject
          const own = fact.group === '' ? fact.version : `${fact.group}/${fact.version}`
          assert.equal(value.apiVersion, fact.storedAs ?? own, key)
          assert.equal(value.metadata.uid, object.metadata.uid)
          assert.equal(value.metadata.resourceVersion, undefined, key)
        }
      })
      await t.test(`turn ${turn + 1}: ${name} serves and writes the custom kind`, async () => {
        if (turn > 0) {
          const before = (await eventually(() => get(server, `${boats}/boat-${turn - 1}`))) as KubeObject & {
            spec: object
          }
          assert.deepEqual(before.spec, { crew: 3 })
        }
        await eventually(() => post(server, boats, { ...boat, metadata: { name: `boat-${turn}` } }))
        const { value } = await etcdValue(store.endpoint, `/registry/handover.example.com/boats/handover/boat-${turn}`)
        assert.deepEqual((JSON.parse(value.toString()) as { spec: object }).spec, { crew: 3 })
      })
      await t.test(`turn ${turn + 1}: ${name} keeps secrets encrypted, and opens the other's`, async () => {
        const secrets = '/api/v1/namespaces/handover/secrets'
        if (turn > 0) {
          const found = (await get(server, `${secrets}/hidden-${turn - 1}`)) as KubeObject & { data: object }
          assert.deepEqual(found.data, { key: 'dGVh' })
        }
        await post(server, secrets, { metadata: { name: `hidden-${turn}` }, stringData: { key: 'tea' } })
        const { value } = await etcdValue(store.endpoint, `/registry/secrets/handover/hidden-${turn}`)
        assert.equal(value.subarray(0, 23).toString(), 'k8s:enc:aesgcm:v1:key1:')
      })
      await t.test(`turn ${turn + 1}: ${name} gives no address or node port twice`, async () => {
        const services = '/api/v1/namespaces/handover/services'
        const ports = [{ port: 80, nodePort: 30100 }]
        const wish = { metadata: { name: `port-${turn}` }, spec: { type: 'NodePort', ports } }
        if (turn === 0) {
          await post(server, services, { ...wish, spec: { ...wish.spec, clusterIP: '10.96.1.1' } })
        } else {
          const taken = {
            code: 422,
            message: /spec\.ports\[0\]\.nodePort: Invalid value: 30100: provided port is already/,
          }
          await assert.rejects(post(server, services, wish), taken)
          const address = {
            metadata: { name: `address-${turn}` },
            spec: { clusterIP: '10.96.1.1', ports: [{ port: 80 }] },
          }
          await assert.rejects(post(server, services, address), {
            code: 422,
            message: /spec\.clusterIPs: Invalid value: \["10\.96\.1\.1"\]: failed to allocate IP 10\.96\.1\.1/,
          })
        }
        const address = await get(server, '/apis/networking.k8s.io/v1/ipaddresses/10.96.1.1')
        assert.equal(address.metadata.labels?.['ipaddress.kubernetes.io/managed-by'], 'ipallocator.k8s.io')
      })
      await t.test(`turn ${turn + 1}: ${name} gives node ports again that the other took back`, async () => {
        const services = '/api/v1/namespaces/handover/services'
        const spec = { type: 'NodePort', ports: [{ port: 80, nodePort: 30200 }] }
        if (name === 'skiff' && turn > 0) await call(server, { method: 'DELETE', path: `${services}/passing` })
        await post(server, services, { metadata: { name: 'passing' }, spec })
        // Upstream leaves it to Skiff to delete, so that its own count of ports is behind.
        if (name === 'skiff') await call(server, { method: 'DELETE', path: `${services}/passing` })
      })
      await t.test(`turn ${turn + 1}: ${name} gives events an hour, and leases to API servers`, async () => {
        const key = `/registry/events/handover/event-${turn}`
        await post(server, '/api/v1/namespaces/handover/events', {
          metadata: { name: `event-${turn}` },
          involvedObject: { namespace: 'handover', kind: 'Pod', name: 'x' },
        })
        const { ttlSeconds } = await etcdValue(store.endpoint, key)
        assert.ok(ttlSeconds !== undefined && ttlSeconds > 3500 && ttlSeconds <= 3660, `${ttlSeconds}`)
        const lease = await eventually(() => etcdValue(store.endpoint, '/registry/masterleases/192.0.2.1'))
        assert.ok(lease.ttlSeconds !== undefined && lease.ttlSeconds <= 16, `${lease.ttlSeconds}`)
        const { subsets } = JSON.parse(lease.value.toString()) as { subsets: object }
        assert.deepEqual(subsets, [{ addresses: [{ ip: '192.0.2.1' }] }])
      })
      await t.test(`turn ${turn + 1}: ${name} takes the other's tokens`, async () => {
        if (token !== '') {
          const review = (await post(server, '/apis/authentication.k8s.io/v1/tokenreviews', {
            spec: { token },
          })) as KubeObject & { status: { user: { username: string } } }
          assert.equal(review.status.user.username, 'system:serviceaccount:handover:traveller')
        }
        const made = (await post(server, '/api/v1/namespaces/handover/serviceaccounts/traveller/token', {
          spec: {},
        })) as KubeObject & { status: { token: string } }
        token = made.status.token
      })
      lastRevision = (await get(server, '/api/v1/namespaces/handover/configmaps')).metadata.resourceVersion ?? 'none'
    } finally {
      await server.stop()
    }
  }
})

const boat = { kind: 'Boat', apiVersion: 'handover.example.com/v1', spec: {} }
