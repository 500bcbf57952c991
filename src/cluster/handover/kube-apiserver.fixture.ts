import { spawn } from 'node:child_process'
import { createWriteStream, existsSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { get } from 'node:https'
import type { Pki } from '../../apiserver/pki/pki.ts'
import { sleep, systemClock } from '../../machinery/clock.ts'

/** The conformance kit's kube-apiserver v1.37.1, where it was built (`npm run conformance` builds it). */
export function kubeApiserverBinary(): string | undefined {
  const file = join(process.env['KIT_DIR'] ?? join(homedir(), '.cache/k8s-conformance-kit'), 'bin/kube-apiserver')
  return existsSync(file) ? file : undefined
}

export interface KubeApiserverOptions {
  readonly binary: string
  /** Authorities, keys and certificates are shared with Skiff, so that each takes the other's tokens and certificates. */
  readonly pki: Pki
  readonly folder: string
  readonly etcd: string
  readonly port: number
  readonly serviceRange: string
  readonly issuer: string
  /** An EncryptionConfiguration; absent: all lies in clear. */
  readonly encryption?: object
  readonly flags?: readonly string[]
}

/** Starts upstream's API server, which stores JSON; resolves when it is ready. The result ends it. */
export async function startKubeApiserver(options: KubeApiserverOptions): Promise<() => Promise<void>> {
  const { pki, folder, port } = options
  await pki.serviceAccountKeys
  const serving = pki.apiServer(['127.0.0.1', 'localhost', 'kubernetes.default.svc'])
  const proxyClient = pki.frontProxyClient()
  const encryptionFile = join(folder, 'encryption.json')
  if (options.encryption) writeFileSync(encryptionFile, JSON.stringify(options.encryption))
  const flags = [
    `--etcd-servers=${options.etcd}`,
    '--storage-media-type=application/json',
    `--secure-port=${port}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=192.0.2.1',
    '--endpoint-reconciler-type=lease',
    `--client-ca-file=${pki.folder}/ca.crt`,
    `--tls-cert-file=${serving.certificateFile}`,
    `--tls-private-key-file=${serving.privateKeyFile}`,
    `--service-account-issuer=${options.issuer}`,
    `--service-account-key-file=${pki.folder}/sa.pub`,
    `--service-account-signing-key-file=${pki.folder}/sa.key`,
    `--service-cluster-ip-range=${options.serviceRange}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged',
    `--requestheader-client-ca-file=${pki.folder}/front-proxy-ca.crt`,
    '--requestheader-username-headers=X-Remote-User',
    `--proxy-client-cert-file=${proxyClient.certificateFile}`,
    `--proxy-client-key-file=${proxyClient.privateKeyFile}`,
    ...(options.encryption ? [`--encryption-provider-config=${encryptionFile}`] : []),
    ...(options.flags ?? []),
  ]
  const child = spawn(options.binary, flags, { stdio: ['ignore', 'pipe', 'pipe'] })
  const log = createWriteStream(join(folder, 'kube-apiserver.log'), { flags: 'a' })
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const stop = async () => {
    child.kill('SIGTERM')
    // It waits for watches to end; ours have ended before, so this is for the clumsy test only.
    const patience = systemClock.after(20_000, () => child.kill('SIGKILL'))
    await ended
    patience()
  }
  for (let attempt = 0; !(await isReady(port, pki)); attempt++) {
    if (attempt > 600 || child.exitCode !== null) {
      await stop()
      throw new Error(`kube-apiserver does not start: see ${join(folder, 'kube-apiserver.log')}`)
    }
    await sleep(systemClock, 100)
  }
  return stop
}

function isReady(port: number, pki: Pki): Promise<boolean> {
  const { certificatePem: cert, privateKeyPem: key } = pki.admin()
  const ca = pki.clusterAuthority.certificatePem
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path: '/readyz', ca, cert, key, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    }).on('error', () => resolve(false))
  })
}
