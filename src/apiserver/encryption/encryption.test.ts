import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { configMaps } from '../../api/core/v1/config-map.ts'
import { secrets } from '../../api/core/v1/secret.ts'
import type { Secret } from '../../api/types.generated.ts'
import { type Clock, systemClock } from '../../machinery/clock.ts'
import { type Logger, silentLogger } from '../../machinery/log.ts'
import { MetricsRegistry } from '../../machinery/metrics.ts'
import { systemRandom } from '../../machinery/random.ts'
import { createMemoryStore } from '../../store/memory/store.ts'
import type { Store } from '../../store/store.ts'
import { openServer } from '../open-server.fixture.ts'
import { configureEncryption } from './configure-encryption.ts'
import { startKmsPlugin } from './kms/kms-plugin.fixture.ts'
import { usualEncryption } from './usual-encryption.ts'

const folder = mkdtempSync(join(tmpdir(), 'skiff-encryption-'))
after(() => rmSync(folder, { recursive: true }))
const ownKey = randomBytes(32)
const key = (name: string, bytes = 32) => ({ keys: [{ name, secret: Buffer.alloc(bytes, name).toString('base64') }] })

let laterMs = 0
const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + laterMs }
let told: (text: string) => void = () => {}
const log: Logger = {
  ...silentLogger,
  child: () => log,
  info: (message) => told(message),
  error: (_message, fields) => told(String(fields?.['why'])),
}
const services = (feature = '') => ({
  clock,
  random: systemRandom,
  log,
  metrics: new MetricsRegistry(),
  ownKey,
  enabled: (name: string) => name === feature,
})

let files = 0
function write(resources: unknown, path = join(folder, `${++files}.json`)): string {
  const kind = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'EncryptionConfiguration' }
  writeFileSync(path, JSON.stringify({ ...kind, resources }))
  return path
}
const configure = (resources: unknown, feature?: string, metrics = new MetricsRegistry()) =>
  configureEncryption(write(resources), { ...services(feature), metrics, reload: false })
const forSecrets = (...providers: object[]) => [{ resources: ['secrets'], providers }]

const secret = (name: string): Secret =>
  ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'default' },
    data: { password: 'aHVudGVyMg==' },
  }) as Secret
const raw = async (store: Store, name: string, resource = 'secrets') =>
  Buffer.from((await store.get(`/registry/${resource}/default/${name}`)).entry!.value).toString('latin1')
const inDefault = (name: string) => ({ namespace: 'default', name })

test('secrets are encrypted where nobody asked for anything, and what lies in clear is read', async () => {
  const again = createMemoryStore({ clock: systemClock })
  await using sealed = await openServer({ store: again, encryption: usualEncryption(ownKey) })
  await sealed.call('POST', '/api/v1/namespaces', { metadata: { name: 'default' } })
  await sealed.client.create(secrets, secret('one'))
  const lies = await raw(again, 'one')
  assert.ok(lies.startsWith('k8s:enc:aesgcm:v1:key1:'))
  assert.doesNotMatch(lies, /hunter2|aHVudGVyMg|Secret/)
  assert.equal((await sealed.client.get(secrets, inDefault('one'))).data!.password, 'aHVudGVyMg==')
  // Written in clear by somebody else.
  const clear = Buffer.from(JSON.stringify({ ...secret('clear'), metadata: { ...secret('clear').metadata, uid: 'u' } }))
  await again.transact({
    compares: [],
    operations: [{ type: 'put', key: '/registry/secrets/default/clear', value: clear }],
  })
  assert.equal((await sealed.client.get(secrets, inDefault('clear'))).data!.password, 'aHVudGVyMg==')
})

test('a changed file changes keys while the server runs: read by all, written by the first, rewritten when nothing changed', async () => {
  const store = createMemoryStore({ clock: systemClock })
  const path = write(forSecrets({ aescbc: key('old') }))
  const watched = services()
  const encryption = await configureEncryption(path, { ...watched, reload: true })
  await using open = await openServer({ store, encryption })
  await open.call('POST', '/api/v1/namespaces', { metadata: { name: 'default' } })
  const created = await open.client.create(secrets, secret('one'))
  assert.ok((await raw(store, 'one')).startsWith('k8s:enc:aescbc:v1:old:'))
  const next = new Promise<string>((resolve) => (told = resolve))
  write(forSecrets({ secretbox: key('new') }, { aescbc: key('old') }), path)
  assert.equal(await next, 'reloaded encryption config')
  const read = await open.client.get(secrets, inDefault('one'))
  assert.equal(read.metadata.resourceVersion, created.metadata.resourceVersion)
  const written = await open.client.update(secrets, read)
  assert.notEqual(written.metadata.resourceVersion, read.metadata.resourceVersion)
  assert.ok((await raw(store, 'one')).startsWith('k8s:enc:secretbox:v1:new:'))
  assert.equal((await open.client.update(secrets, written)).metadata.resourceVersion, written.metadata.resourceVersion)
  const wrong = new Promise<string>((resolve) => (told = resolve))
  write([], path)
  assert.match(await wrong, /resources: Required value: at least one resources is required/)
  await open.client.create(secrets, secret('two'))
  assert.ok((await raw(store, 'two')).startsWith('k8s:enc:secretbox:v1:new:'))
  for (const status of ['success', 'failure'])
    assert.match(
      watched.metrics.text(),
      new RegExp(`encryption_config_controller_automatic_reloads_total\\{.*status="${status}"\\} 1`),
    )
  encryption.stop()
})

test('wildcards and custom resources; what the file does not name stays as usual', async () => {
  const store = createMemoryStore({ clock: systemClock })
  const encryption = await configure([
    { resources: ['configmaps', '*.example.com'], providers: [{ aesgcm: key('k', 16) }, { identity: {} }] },
  ])
  assert.equal(encryption.of('widgets'), undefined)
  assert.notEqual(encryption.of('example.com/widgets'), undefined)
  assert.notEqual(encryption.of('secrets'), undefined)
  await using open = await openServer({ store, encryption })
  await open.call('POST', '/api/v1/namespaces', { metadata: { name: 'default' } })
  await open.client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: inDefault('c') })
  assert.ok((await raw(store, 'c', 'configmaps')).startsWith('k8s:enc:aesgcm:v1:k:'))
  const all = await configure([{ resources: ['*.*'], providers: [{ identity: {} }] }])
  assert.notEqual(all.of('minions'), undefined)
  const core = await configure([{ resources: ['*.'], providers: [{ identity: {} }] }])
  assert.notEqual(core.of('services/specs'), undefined)
  assert.equal(core.of('deployments'), undefined)
})

test('a value that nobody can decrypt spoils only the lists that hold it', async () => {
  const store = createMemoryStore({ clock: systemClock })
  await using open = await openServer({ store, encryption: usualEncryption(ownKey) })
  await open.call('POST', '/api/v1/namespaces', { metadata: { name: 'default' } })
  await open.client.create(secrets, secret('good'))
  const value = Buffer.from('k8s:enc:aescbc:v1:lost:xxxx')
  await store.transact({ compares: [], operations: [{ type: 'put', key: '/registry/secrets/default/bad', value }] })
  assert.equal((await open.client.get(secrets, inDefault('good'))).metadata.name, 'good')
  await assert.rejects(open.client.get(secrets, inDefault('bad')), { code: 500 })
  await assert.rejects(open.client.list(secrets, { namespace: 'default' }), { code: 500 })
})

test('a KMS plugin encrypts the seed, and is asked again only for seeds that are not known', async (t) => {
  const socket = join(folder, 'kms.sock')
  const plugin = await startKmsPlugin(socket)
  t.after(() => plugin.stop())
  const kms = { kms: { apiVersion: 'v2', name: 'hsm', endpoint: plugin.endpoint, timeout: '3s' } }
  const store = createMemoryStore({ clock: systemClock })
  const first = await configure(forSecrets(kms))
  let content: readonly Content[]
  {
    await using open = await openServer({ store, encryption: first })
    await open.call('POST', '/api/v1/namespaces', { metadata: { name: 'default' } })
    await open.client.create(secrets, secret('one'))
    await open.client.create(secrets, secret('two'))
    assert.ok((await raw(store, 'one')).startsWith('k8s:enc:kms:v2:hsm:'))
    assert.equal(plugin.decrypted, 0)
    assert.equal(first.healthChecks[0]!.name, 'kms-providers')
    await first.healthChecks[0]!.check()
    first.stop()
    content = await contentOf(store)
  }
  plugin.keyId = 'key-2'
  const metrics = new MetricsRegistry()
  const again = await configure(forSecrets(kms), undefined, metrics)
  await using open = await openServer({ store: copyOf(content), encryption: again })
  const listed = await open.client.list(secrets, { namespace: 'default' })
  assert.deepEqual(
    listed.items.map(({ data }) => data!.password),
    ['aHVudGVyMg==', 'aHVudGVyMg=='],
  )
  assert.equal(plugin.decrypted, 1)
  // The plugin's key changed: a write that changes nothing is a write all the same.
  const one = await open.client.get(secrets, inDefault('one'))
  const written = await open.client.update(secrets, one)
  assert.notEqual(written.metadata.resourceVersion, one.metadata.resourceVersion)
  const told = metrics.text()
  const call = (method: string) =>
    `apiserver_envelope_encryption_kms_operations_latency_seconds_count{grpc_status_code="OK",method_name="/v2.KeyManagementService/${method}",provider_name="hsm"} 1\n`
  for (const method of ['Status', 'Encrypt', 'Decrypt']) assert.ok(told.includes(call(method)), method)
  assert.match(told, /^apiserver_envelope_encryption_dek_source_cache_size\{provider_name="hsm"\} 2$/m)
  assert.match(told, /^apiserver_storage_envelope_transformation_cache_misses_total 1$/m)
  assert.match(told, /^apiserver_storage_data_key_generation_duration_seconds_count 1$/m)
  again.stop()
})

test('version 1 of a plugin, where its feature is on, encrypts a key for each value', async () => {
  const plugin = await startKmsPlugin(join(folder, 'v1.sock'))
  const kms = { kms: { name: 'old', endpoint: plugin.endpoint, timeout: '1s', cachesize: 1 } }
  await assert.rejects(
    configure(forSecrets(kms)),
    /^Error: KMSv1 is deprecated .* Set --feature-gates=KMSv1=true to use/,
  )
  const first = await configure(forSecrets(kms), 'KMSv1')
  await using open = await openServer({ store: createMemoryStore({ clock: systemClock }), encryption: first })
  await open.call('POST', '/api/v1/namespaces', { metadata: { name: 'default' } })
  for (const name of ['one', 'two']) await open.client.create(secrets, secret(name))
  assert.equal(plugin.decrypted, 0)
  await first.healthChecks[0]!.check()
  assert.equal(plugin.decrypted, 1)
  plugin.healthz = 'out of coffee'
  await assert.rejects(open.client.create(secrets, secret('three')), /unable to transform key .*out of coffee/)
  laterMs += 20_001
  await assert.rejects(
    async () => first.healthChecks[0]!.check(),
    /failed to perform encrypt section of the healthz check for KMS Provider old, error: .*out of coffee/,
  )
  first.stop()
  plugin.stop()
})

test('without its plugin nothing new is encrypted, and the server says that it is not ready', async () => {
  const plugin = await startKmsPlugin(join(folder, 'ill.sock'))
  const kms = { kms: { apiVersion: 'v2', name: 'hsm', endpoint: plugin.endpoint, timeout: '1s' } }
  plugin.healthz = 'out of coffee'
  const ill = await configure(forSecrets(kms))
  const store = createMemoryStore({ clock: systemClock })
  await using open = await openServer({ store, encryption: ill })
  await open.call('POST', '/api/v1/namespaces', { metadata: { name: 'default' } })
  await assert.rejects(open.client.create(secrets, secret('one')), /got unexpected healthz status: out of coffee/)
  await assert.rejects(
    async () => ill.healthChecks[0]!.check(),
    /kmsv2 Provider hsm is not healthy, error: got unexpected healthz status: out of coffee/,
  )
  ill.stop()
  plugin.stop()
  // A seed is used for three minutes after the last good word.
  const plugin2 = await startKmsPlugin(join(folder, 'gone.sock'))
  const gone = await configure(forSecrets({ kms: { ...kms.kms, endpoint: plugin2.endpoint } }))
  plugin2.stop()
  gone.of('secrets')!.seal('/k', Buffer.from('x'))
  laterMs += 180_001
  assert.throws(() => gone.of('secrets')!.seal('/k', Buffer.from('x')), /expired/)
  gone.stop()
})

test('a configuration that cannot hold is refused in upstream’s words, and no key is shown', async () => {
  const refused = (resources: unknown, why: RegExp) => assert.rejects(configure(resources), why)
  const identity = [{ identity: {} }]
  await refused([], /error while parsing file: resources: Required value: at least one resources is required/)
  await refused([{ resources: ['Secrets'], providers: identity }], /resource name should not contain capital letters/)
  await refused(
    [{ resources: ['*'], providers: identity }],
    /use '\*\.' to encrypt all the resources from core API group/,
  )
  await refused(
    [{ resources: ['*.', 'secrets'], providers: identity }],
    /using overlapping resources such as 'secrets'/,
  )
  await refused([{ resources: ['secrets', 'secrets'], providers: identity }], /the same resource cannot be specified/)
  await refused(
    [{ resources: ['secrets'], providers: [{}] }],
    /provider does not contain any of the expected providers/,
  )
  await refused(
    [{ resources: ['secrets'], providers: [{ identity: {}, aescbc: key('k') }] }],
    /more than one provider specified in a single element/,
  )
  const short = { keys: [{ name: 'k', secret: Buffer.from('hunter2').toString('base64') }] }
  await assert.rejects(configure(forSecrets({ aescbc: short })), (error: Error) => {
    assert.match(
      error.message,
      /secret: Invalid value: "REDACTED": secret is not of the expected length, got 7, expected one of \[16 24 32\]/,
    )
    assert.doesNotMatch(error.message, /aHVudGVyMg/)
    return true
  })
  await refused(
    forSecrets({ kms: { apiVersion: 'v3', name: 'a:b', endpoint: 'tcp://x' } }),
    /must not contain ':'.*unsupported scheme "tcp".*only v1 and v2 are supported/,
  )
  await refused(
    [
      { resources: ['*.*'], providers: identity },
      { resources: ['secrets'], providers: identity },
    ],
    /resource "secrets" is masked by earlier rule "\*\.\*"/,
  )
})

interface Content {
  readonly key: string
  readonly value: Uint8Array
}
async function contentOf(store: Store): Promise<readonly Content[]> {
  return (await store.list('/registry/')).entries.map(({ key: name, value }) => ({ key: name, value }))
}
/** What a restart finds: the values alone. */
function copyOf(content: readonly Content[]): Store {
  const store = createMemoryStore({ clock: systemClock })
  void store.transact({ compares: [], operations: content.map((entry) => ({ type: 'put', ...entry })) })
  return store
}
