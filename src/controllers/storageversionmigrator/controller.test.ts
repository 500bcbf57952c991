import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { secrets } from '../../api/core/v1/secret.ts'
import { storageVersionMigrations } from '../../api/storagemigration/v1/storage-version-migration.ts'
import type { Secret, StorageVersionMigration } from '../../api/types.generated.ts'
import { aesGcm } from '../../apiserver/encryption/providers/aes-gcm.ts'
import { SealedResource } from '../../apiserver/encryption/sealed-resource.ts'
import { type OpenServer, openServer } from '../../apiserver/open-server.fixture.ts'
import { enabledKinds } from '../../apiserver/options/enabled-kinds.ts'
import { createInformerFactory } from '../../client/informer-factory.ts'
import { systemClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import { systemRandom } from '../../machinery/random.ts'
import { createMemoryStore } from '../../store/memory/store.ts'
import { startControllers } from '../start-controllers.ts'
import { storageVersionMigrator } from './controller.ts'
import { tellDefinition } from './custom-resources.ts'

const common = { clock: systemClock, random: systemRandom, log: silentLogger }

async function withMigrator(open: OpenServer, work: () => Promise<void>): Promise<void> {
  const informers = createInformerFactory({ client: open.client, ...common })
  const clientFor = () => open.client
  const manager = startControllers({
    ...{ clientFor, informers, options: {}, controllers: [storageVersionMigrator], ...common },
  })
  await manager.start()
  try {
    await work()
  } finally {
    await manager.stop()
    await informers.stop()
  }
}

const migrationOf = (name: string, resource: string, group = ''): StorageVersionMigration =>
  ({
    apiVersion: 'storagemigration.k8s.io/v1',
    kind: 'StorageVersionMigration',
    metadata: { name },
    spec: { resource: { group, resource } },
  }) as StorageVersionMigration

/** The migration once it is over, as a watch sees it. */
async function ended(open: OpenServer, name: string): Promise<StorageVersionMigration> {
  const { resourceVersion } = (await open.client.list(storageVersionMigrations)).metadata
  const over = ({ status }: StorageVersionMigration) =>
    (status?.conditions ?? []).some(({ type, status: state }) => type === 'Running' && state === 'False') ||
    (status?.conditions ?? []).some(({ type }) => type === 'Failed')
  const now = await open.client.get(storageVersionMigrations, { name })
  if (over(now)) return now
  for await (const event of await open.client.watch(storageVersionMigrations, { resourceVersion })) {
    const object = event.object as StorageVersionMigration
    if (object.metadata.name === name && over(object)) return object
  }
  throw new Error('the watch ended')
}

test('a migration writes every object by the new key; only then may the old one go', async () => {
  const [old, fresh] = [aesGcm('old', randomBytes(32)), aesGcm('new', randomBytes(32))]
  let sealed = new SealedResource([old])
  const store = createMemoryStore({ clock: systemClock })
  await using open = await openServer({
    store,
    encryption: { of: (prefix) => (prefix === 'secrets' ? sealed : undefined) },
  })
  await open.call('POST', '/api/v1/namespaces', { metadata: { name: 'default' } })
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: 'default' },
    data: { a: 'Yg==' },
  }
  const created = await open.client.create(secrets, secret as Secret)
  sealed = new SealedResource([fresh, old])
  await withMigrator(open, async () => {
    await open.client.create(storageVersionMigrations, migrationOf('rotate', 'secrets'))
    const { status } = await ended(open, 'rotate')
    assert.deepEqual(
      status!.conditions!.map(({ type, status: state, reason }) => `${type}=${state} ${reason}`),
      ['Running=False MigrationCompleted', 'Succeeded=True StorageVersionMigrationSucceeded'],
    )
    assert.ok(BigInt(status!.resourceVersion!) >= BigInt(created.metadata.resourceVersion!))
  })
  const { entry } = await store.get('/registry/secrets/default/s')
  assert.ok(Buffer.from(entry!.value).toString('latin1').startsWith('k8s:enc:aesgcm:v1:new:'))
  const read = await open.client.get(secrets, { namespace: 'default', name: 's' })
  assert.notEqual(read.metadata.resourceVersion, created.metadata.resourceVersion)
  assert.equal(read.metadata.generation, created.metadata.generation)
})

test('a migration writes anew what lies there in another version than that in which it is stored today', async () => {
  const store = createMemoryStore({ clock: systemClock })
  const rule = (name: string, apiVersion: string) => ({
    key: `/registry/devicetaintrules/${name}`,
    value: Buffer.from(
      JSON.stringify({
        kind: 'DeviceTaintRule',
        apiVersion: `resource.k8s.io/${apiVersion}`,
        metadata: { name, uid: name, creationTimestamp: '2026-01-02T03:04:05Z' },
        spec: { taint: { key: 'example.com/x', effect: 'NoSchedule', timeAdded: '2026-01-02T03:04:05Z' } },
        status: {},
      }),
    ),
  })
  const versions = ['v1', 'v1alpha3', 'v1beta2']
  for (const version of versions) {
    const { key, value } = rule(`in-${version}`, version)
    await store.transact({ compares: [], operations: [{ type: 'put', key, value }] })
  }
  const everything = await enabledKinds({ 'runtime-config': ['api/all=true'] })
  await using open = await openServer({ ...everything, store })
  for (const version of versions) {
    const { body } = await open.call('GET', `/apis/resource.k8s.io/${version}/devicetaintrules/in-v1alpha3`)
    assert.equal(body.apiVersion, `resource.k8s.io/${version}`)
  }
  await withMigrator(open, async () => {
    await open.client.create(storageVersionMigrations, migrationOf('rules', 'devicetaintrules', 'resource.k8s.io'))
    const { status } = await ended(open, 'rules')
    assert.equal(status!.conditions!.at(-1)?.type, 'Succeeded')
  })
  const { entries } = await store.list('/registry/devicetaintrules/')
  assert.deepEqual(
    entries.map(({ value }) => JSON.parse(Buffer.from(value).toString()).apiVersion),
    versions.map(() => 'resource.k8s.io/v1beta2'),
  )
})

test('what cannot be migrated fails with its reason', async () => {
  await using open = await openServer()
  await withMigrator(open, async () => {
    await open.client.create(storageVersionMigrations, migrationOf('reviews', 'tokenreviews', 'authentication.k8s.io'))
    const { status } = await ended(open, 'reviews')
    const failed = status!.conditions!.find(({ type }) => type === 'Failed')!
    assert.equal(
      failed.message,
      'resource "authentication.k8s.io/v1, Resource=tokenreviews" does not support discovery operations: [update patch list]',
    )
  })
})

test('a definition of custom resources forgets the versions that nothing is stored in any more', async () => {
  await using open = await openServer()
  const version = (name: string, storage: boolean) => ({
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
  })
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  await open.call('POST', path, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      versions: [version('v1', false), version('v2', true)],
    },
  })
  const status = await open.call('GET', `${path}/widgets.example.com`)
  assert.equal(status.status, 200)
  const told = { status: { storedVersions: ['v1', 'v2'] } }
  await open.call('PATCH', `${path}/widgets.example.com/status`, told, { contentType: 'application/merge-patch+json' })
  const now = '2026-01-01T00:00:00Z'
  const resource = { group: 'example.com', resource: 'widgets' }
  await tellDefinition(open.client, resource, { running: 'm' }, now)
  await tellDefinition(open.client, resource, { succeeded: true }, now)
  const { body } = await open.call('GET', `${path}/widgets.example.com`)
  const after = (
    body as unknown as { status: { storedVersions: string[]; conditions: { type: string; message: string }[] } }
  ).status
  assert.deepEqual(after.storedVersions, ['v2'])
  assert.equal(
    after.conditions.find(({ type }) => type === 'StorageMigrating')!.message,
    'The migration has succeeded and the stored versions have been updated',
  )
  await tellDefinition(open.client, { group: '', resource: 'pods' }, { running: 'm' }, now)
})
