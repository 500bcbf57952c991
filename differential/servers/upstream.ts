import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { runtimeConfig, type Server } from './server.ts'

const script = join(import.meta.dirname, '../../bench/upstream-up.sh')
const kit = process.env['KIT_DIR'] ?? join(homedir(), '.cache/k8s-conformance-kit')

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: { readonly 'certificate-authority-data': string } }]
  readonly users: readonly [
    { readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string } },
  ]
}

/** Upstream's etcd and kube-apiserver on loopback, with Skiff's additions to the default admission; ports from `port` on. */
export function startUpstream(folder: string, port: number, gates: readonly string[]): Server {
  if (!existsSync(join(kit, 'bin/kube-apiserver'))) {
    throw new Error(`there is no ${kit}/bin/kube-apiserver: conformance/kit/build.sh makes it`)
  }
  const env = {
    ...process.env,
    KIT_DIR: kit,
    PORT: String(port),
    WORKERS: 'none',
    API_FLAGS: [
      '--enable-admission-plugins=NodeRestriction,DenyServiceExternalIPs',
      `--runtime-config=${runtimeConfig.join(',')}`,
      `--feature-gates=${gates.join(',')}`,
    ].join(' '),
  }
  const stop = async () => {
    spawnSync(script, ['down', folder], { env, stdio: 'ignore' })
  }
  const { status, stderr } = spawnSync(script, ['up', folder], { env, encoding: 'utf8' })
  if (status !== 0) {
    void stop()
    throw new Error(`upstream did not start: ${stderr}`)
  }
  const config = load(readFileSync(join(folder, 'super-admin.conf'), 'utf8')) as Kubeconfig
  const decoded = (base64: string) => Buffer.from(base64, 'base64').toString()
  const { user } = config.users[0]
  return {
    name: 'upstream',
    port,
    authorityPem: decoded(config.clusters[0].cluster['certificate-authority-data']),
    clientCertificatePem: decoded(user['client-certificate-data']),
    clientKeyPem: decoded(user['client-key-data']),
    stop,
  }
}
