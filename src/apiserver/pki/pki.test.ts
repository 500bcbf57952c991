import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { type TestContext, test } from 'node:test'
import { load } from 'js-yaml'
import { systemClock, VirtualClock } from '../../machinery/clock.ts'
import { parseCertificate } from '../../machinery/x509/certificate.ts'
import { decodePem } from '../../machinery/x509/pem.ts'
import { kubeconfig } from './kubeconfig.ts'
import { apiServerHosts, createPki } from './pki.ts'

const day = 24 * 3600 * 1000
const hosts = apiServerHosts({
  clusterDomain: 'cluster.local',
  serviceAddress: '10.96.0.1',
  hosts: ['box', '192.0.2.7'],
})

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-pki-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

test('a new folder gets all keys and certificates, each readable by its owner only, and waits for no RSA key', async (t) => {
  const folder = folderOf(t)
  const pki = createPki({ folder, clock: systemClock })
  pki.apiServer(hosts)
  pki.admin()
  pki.kubelet('n1')
  pki.kubeletServing('n1', ['n1', '10.0.0.1'])
  pki.apiServerKubeletClient()
  pki.frontProxyClient()
  let made = false
  const keys = pki.serviceAccountKeys.then(() => (made = true))
  // It is made beside everything else: what came before did not wait for it.
  await Promise.resolve()
  assert.equal(made, false)
  await keys
  for (const file of readdirSync(folder)) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file)
  assert.ok(readdirSync(folder).length >= 18)
})

test('a second start keeps what is there', async (t) => {
  const folder = folderOf(t)
  const clock = new VirtualClock()
  const first = createPki({ folder, clock })
  const made = first.apiServer(hosts)
  const keys = await first.serviceAccountKeys
  const second = createPki({ folder, clock })
  assert.equal(second.clusterAuthority.certificatePem, first.clusterAuthority.certificatePem)
  assert.deepEqual(second.apiServer(hosts), made)
  assert.deepEqual(second.encryptionKey, first.encryptionKey)
  assert.equal((await second.serviceAccountKeys).signing.keyId, keys.signing.keyId)
})

test('a certificate is renewed when its names change, when it nears its end, and when its files are damaged', async (t) => {
  const folder = folderOf(t)
  const clock = new VirtualClock()
  const pki = createPki({ folder, clock })
  const first = pki.apiServer(hosts)
  const renamed = pki.apiServer([...hosts, 'other'])
  assert.notEqual(renamed.certificatePem, first.certificatePem)
  await clock.advance(200 * day)
  assert.equal(pki.apiServer([...hosts, 'other']).certificatePem, renamed.certificatePem)
  await clock.advance(100 * day)
  const renewed = pki.apiServer([...hosts, 'other'])
  assert.equal(renewed.notAfter, clock.now() + 365 * day)
  writeFileSync(renewed.privateKeyFile, 'garbage')
  const repaired = pki.apiServer([...hosts, 'other'])
  assert.ok(new X509Certificate(repaired.certificatePem).verify(pki.clusterAuthority.certificate.publicKey))
})

test('an authority near its end is renewed with the same key, so that what it signed stays valid', async (t) => {
  const folder = folderOf(t)
  const clock = new VirtualClock()
  const first = createPki({ folder, clock })
  const admin = parseCertificate(decodePem(first.admin().certificatePem)[0]!.bytes)
  await clock.advance(3000 * day)
  const second = createPki({ folder, clock })
  assert.ok(second.clusterAuthority.certificate.notAfter > first.clusterAuthority.certificate.notAfter)
  assert.ok(admin.signedBy(second.clusterAuthority.certificate.publicKey))
})

test('an authority whose key is lost is not silently replaced', (t) => {
  const folder = folderOf(t)
  createPki({ folder, clock: systemClock })
  rmSync(join(folder, 'ca.key'))
  assert.throws(() => createPki({ folder, clock: systemClock }), /restore the key/)
})

test('server and client recognise each other over TLS', async (t) => {
  const pki = createPki({ folder: folderOf(t), clock: systemClock })
  const serving = pki.apiServer(hosts)
  const admin = pki.admin()
  const ca = pki.clusterAuthority.certificatePem
  const server = createServer(
    { key: serving.privateKeyPem, cert: serving.certificatePem, ca, requestCert: true, rejectUnauthorized: false },
    (socket: TLSSocket) => {
      const { subject } = parseCertificate(socket.getPeerX509Certificate()!.raw)
      socket.end(`${socket.authorized} ${subject.commonName} ${subject.organizations?.join()}`)
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as { port: number }
  const said = await new Promise<string>((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ca, key: admin.privateKeyPem, cert: admin.certificatePem })
    socket.on('data', (data) => resolve(data.toString()))
    socket.on('error', reject)
  })
  assert.equal(said, 'true kubernetes-admin system:masters')
})

test('a kubeconfig holds the server, its authority and the credential', (t) => {
  const pki = createPki({ folder: folderOf(t), clock: systemClock })
  const admin = pki.admin()
  const config = load(
    kubeconfig({
      cluster: 'skiff',
      user: 'skiff-admin',
      server: 'https://127.0.0.1:6443',
      authorityPem: pki.clusterAuthority.certificatePem,
      clientCertificatePem: admin.certificatePem,
      clientKeyPem: admin.privateKeyPem,
    }),
  ) as { clusters: { cluster: Record<string, string> }[]; users: { user: Record<string, string> }[] }
  const decode = (text: string | undefined) => Buffer.from(text ?? '', 'base64').toString()
  assert.equal(config.clusters[0]?.cluster.server, 'https://127.0.0.1:6443')
  assert.equal(
    decode(config.clusters[0]?.cluster['certificate-authority-data']),
    readFileSync(`${pki.folder}/ca.crt`, 'utf8'),
  )
  assert.equal(decode(config.users[0]?.user['client-key-data']), admin.privateKeyPem)
})
