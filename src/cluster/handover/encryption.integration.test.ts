import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startKmsPlugin, type KmsPlugin } from '../../apiserver/encryption/kms/kms-plugin.fixture.ts'
import { createPki, type Pki } from '../../apiserver/pki/pki.ts'
import { httpTransport } from '../../client/http/http-transport.ts'
import type { Transport } from '../../client/transport.ts'
import { systemClock } from '../../machinery/clock.ts'
import { freePort } from '../../machinery/free-port.ts'
import { silentLogger } from '../../machinery/log.ts'
import { systemRandom } from '../../machinery/random.ts'
import { etcdBinary, type EtcdServer, startEtcd } from '../../store/etcd/etcd-server.ts'
import { openEtcdStore } from '../../store/etcd/store.ts'
import { startApiServer } from '../api-server.ts'
import { etcdValue } from './etcd-content.fixture.ts'
import { kubeApiserverBinary, startKubeApiserver } from './kube-apiserver.fixture.ts'
import { upstreamSkip } from './lone-kube-apiserver.fixture.ts'

/** One etcd and one encryption file for Skiff and upstream's kube-apiserver: each reads what the other encrypted. */
const etcd = etcdBinary()
const upstream = kubeApiserverBinary()
const skip = upstreamSkip

const folder = mkdtempSync(join(tmpdir(), 'skiff-sealed-'))
const serviceRange = '10.96.0.0/16'
let pki: Pki
let store: EtcdServer
let kms: KmsPlugin

before(async () => {
  if (skip) return
  pki = createPki({ folder: join(folder, 'pki'), clock: systemClock })
  store = await startEtcd(etcd!)
  kms = await startKmsPlugin(join(folder, 'kms.sock'))
})
after(async () => {
  kms?.stop()
  await store?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const keyOf = (name: string) => ({ keys: [{ name, secret: randomBytes(32).toString('base64') }] })
const providers = (): Readonly<Record<string, object>> => ({
  'k8s:enc:aescbc:v1:cbc:': { aescbc: keyOf('cbc') },
  'k8s:enc:aesgcm:v1:gcm:': { aesgcm: keyOf('gcm') },
  'k8s:enc:secretbox:v1:box:': { secretbox: keyOf('box') },
  'k8s:enc:kms:v1:old:': { kms: { name: 'old', endpoint: kms.endpoint, timeout: '3s' } },
  'k8s:enc:kms:v2:hsm:': { kms: { apiVersion: 'v2', name: 'hsm', endpoint: kms.endpoint, timeout: '3s' } },
})

/** The one provider writes, all of them read. */
function configuration(all: Readonly<Record<string, object>>, first: string): object {
  const others = Object.keys(all).filter((prefix) => prefix !== first)
  return {
    kind: 'EncryptionConfiguration',
    apiVersion: 'apiserver.config.k8s.io/v1',
    resources: [{ resources: ['secrets'], providers: [first, ...others].map((prefix) => all[prefix]!) }],
  }
}

async function serving<T>(name: 'skiff' | 'upstream', encryption: object, use: (server: Transport) => Promise<T>) {
  const port = await freePort()
  const file = join(folder, 'encryption.json')
  writeFileSync(file, JSON.stringify(encryption))
  const stop =
    name === 'upstream'
      ? await startKubeApiserver({
          ...{ binary: upstream!, pki, folder, etcd: store.endpoint, port, serviceRange, encryption },
          issuer: 'https://kubernetes.default.svc.cluster.local',
          flags: ['--feature-gates=KMSv1=true'],
        })
      : await startApiServer({
          store: await openEtcdStore({ endpoints: [store.endpoint] }),
          pki,
          listen: { addresses: ['127.0.0.1'], port, hosts: ['127.0.0.1'] },
          serviceCidrs: [serviceRange],
          advertise: { address: '192.0.2.1', port },
          serverOptions: { 'encryption-provider-config': file, 'feature-gates': ['KMSv1=true'] },
          clock: systemClock,
          random: systemRandom,
          log: silentLogger,
        }).then((server) => () => server.stop())
  const { certificatePem: cert, privateKeyPem: key } = pki.admin()
  const ca = pki.clusterAuthority.certificatePem
  const transport = httpTransport({
    ...{ server: `https://127.0.0.1:${port}`, ca, cert, key, userAgent: 'sealed/1', clock: systemClock },
  })
  try {
    return await use(transport)
  } finally {
    await transport.close()
    await stop()
  }
}

test('what one server encrypts, by each provider, the other reads', { skip, timeout: 300_000 }, async () => {
  const all = providers()
  const secrets = '/api/v1/namespaces/default/secrets'
  const written: string[] = []
  const names = ['skiff', 'upstream'] as const
  for (const [turn, prefix] of Object.keys(all).entries()) {
    for (const name of names) {
      await serving(name, configuration(all, prefix), async (server) => {
        if (turn === 0 && name === 'skiff') {
          const metadata = { name: 'default' }
          await server.request({ method: 'POST', path: '/api/v1/namespaces', body: { metadata } }).catch(() => {})
        }
        for (const known of written) {
          const { body } = await server.request({ method: 'GET', path: `${secrets}/${known}` })
          assert.deepEqual((body as { data: object }).data, { of: Buffer.from(known).toString('base64') }, known)
        }
        const own = `${name}-${turn}`
        const body = { metadata: { name: own }, stringData: { of: own } }
        await server.request({ method: 'POST', path: secrets, body })
        written.push(own)
      })
      const { value } = await etcdValue(store.endpoint, `/registry/secrets/default/${written.at(-1)!}`)
      assert.ok(value.toString('latin1').startsWith(prefix), `${name} wrote ${value.toString('latin1', 0, 30)}`)
    }
  }
  assert.equal(written.length, 10)
})
