import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { kubeconfig } from '../../apiserver/pki/kubeconfig.ts'
import { createPki } from '../../apiserver/pki/pki.ts'
import { decodeJwt } from '../../apiserver/tokens/jwt.ts'
import { kubeconfigClients } from '../../cluster/alone/kubeconfig-clients.ts'
import { sleep, systemClock } from '../../machinery/clock.ts'
import { freePort } from '../../machinery/free-port.ts'
import { UsageError } from '../command/flags.ts'
import { kubeApiserverFlags, upstreamChoices } from './kube-apiserver-flags.ts'
import { writeEnvtestAssets } from './write-assets.ts'

/** As envtest does it (controller-runtime pkg/internal/testing/controlplane, v0.25): its flags, its certificates, its waiting. */
test('envtest starts what skiff envtest wrote, with certificates and keys of its own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-envtest-'))
  const started: ChildProcess[] = []
  const start = (program: string, ...flags: string[]) => {
    const child = spawn(join(folder, 'bin', program), flags, { stdio: ['ignore', 'ignore', 'pipe'] })
    started.push(child)
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text))
  }
  let said = ''
  try {
    writeEnvtestAssets(join(folder, 'bin'), '')
    const help = execFileSync(join(folder, 'bin/kube-apiserver'), ['--help'], { encoding: 'utf8' })
    assert.match(help, /^\s*--secure-port\b/m)
    assert.doesNotMatch(help, /^\s*--insecure-port\b/m)

    assert.match(
      execFileSync(join(folder, 'bin/etcd'), ['--help'], { encoding: 'utf8', timeout: 20_000 }),
      /^\s*--listen-client-urls\b/m,
    )
    const etcd = await freePort()
    start(
      'etcd',
      `--listen-client-urls=http://127.0.0.1:${etcd}`,
      `--data-dir=${folder}/etcd`,
      '--unsafe-no-fsync=true',
    )
    await until(async () => (await fetch(`http://127.0.0.1:${etcd}/health`)).status === 200)

    const port = await freePort()
    const certificates = join(folder, 'certificates')
    const pki = createPki({ folder: join(folder, 'ca'), clock: systemClock })
    const serving = pki.apiServer(['localhost', '127.0.0.1'])
    mkdirSync(certificates)
    writeFileSync(join(certificates, 'apiserver.crt'), serving.certificatePem)
    writeFileSync(join(certificates, 'apiserver.key'), serving.privateKeyPem)
    start(
      'kube-apiserver',
      '--allow-privileged=true',
      '--authorization-mode=RBAC',
      '--bind-address=127.0.0.1',
      `--cert-dir=${certificates}`,
      `--client-ca-file=${folder}/ca/ca.crt`,
      '--disable-admission-plugins=ServiceAccount',
      `--etcd-servers=http://127.0.0.1:${etcd}`,
      `--secure-port=${port}`,
      `--service-account-issuer=https://127.0.0.1:${port}/`,
      `--service-account-key-file=${folder}/ca/ca.crt`,
      `--service-account-signing-key-file=${folder}/ca/ca.key`,
      '--service-cluster-ip-range=10.0.0.0/24',
    )
    const admin = pki.admin()
    const file = join(folder, 'kubeconfig')
    writeFileSync(
      file,
      kubeconfig({
        cluster: 'envtest',
        user: 'admin',
        server: `https://127.0.0.1:${port}`,
        authorityPem: pki.clusterAuthority.certificatePem,
        clientCertificatePem: admin.certificatePem,
        clientKeyPem: admin.privateKeyPem,
      }),
    )
    const clients = kubeconfigClients(file, systemClock)
    const { transport } = clients.client('test')
    await until(async () => (await transport.request({ method: 'GET', path: '/healthz' })) !== undefined)
    const post = (path: string, body: object) => transport.request({ method: 'POST', path, body: body as never })
    const namespaced = '/api/v1/namespaces/default'
    await post('/api/v1/namespaces', { metadata: { name: 'default' } }).catch(() => {})
    const pod = { metadata: { name: 'web' }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    await post(`${namespaced}/pods`, pod)
    await post(`${namespaced}/serviceaccounts`, { metadata: { name: 'robot' } })
    const { body } = await post(`${namespaced}/serviceaccounts/robot/token`, { spec: { audiences: [] } })
    const { token } = (body as { readonly status: { readonly token: string } }).status
    assert.equal(decodeJwt(token)?.header['alg'], 'ES256')
    assert.equal(decodeJwt(token)?.claims['iss'], `https://127.0.0.1:${port}/`)
    const robot = clients.tokenClient('robot', { tokenSource: async () => token })
    const review = await robot.transport.request({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    })
    assert.match(JSON.stringify(review), /system:serviceaccount:default:robot/)
    await clients.close()
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${said}`, { cause: error })
  } finally {
    for (const child of started) child.kill('SIGTERM')
    await Promise.all(started.map((child) => child.exitCode ?? new Promise((resolve) => child.once('close', resolve))))
    rmSync(folder, { recursive: true, force: true })
  }
})

async function until(wanted: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      if (await wanted()) return
    } catch (error) {
      if (attempt > 600) throw error
    }
    await sleep(systemClock, 50)
  }
}

test('what contradicts itself is refused', () => {
  const defaults = Object.fromEntries(Object.entries(kubeApiserverFlags).map(([name, flag]) => [name, flag.default]))
  const choices = (flags: object) =>
    upstreamChoices({ ...defaults, ...flags } as Parameters<typeof upstreamChoices>[0], new Set(Object.keys(flags)))
  const refused = (flags: object, message: RegExp) =>
    assert.throws(
      () => choices(flags),
      (error) => error instanceof UsageError && message.test(error.message),
    )
  refused({ 'allow-privileged': false }, /Pod Security/)
  refused({ 'tls-cert-file': 'a.crt' }, /go together/)
  refused({ 'service-account-key-file': ['a.pub'] }, /needs --service-account-signing-key-file/)
  const { store, port, given } = choices({ 'etcd-servers': ['http://a:1', 'http://b:1'], 'secure-port': 7 })
  assert.deepEqual([store, port, given.serving], ['etcd=http://a:1,http://b:1', 7, undefined])
})
