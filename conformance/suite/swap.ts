import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { kitFolder, type SuiteCluster } from './cluster.ts'

const root = join(import.meta.dirname, '../..')
const program = (name: string) => join(kitFolder, 'bin', name)

/** Whose API server, and whose controllers and scheduler; the nodes are simulated by Skiff. */
export const swaps = {
  /** Skiff's API server under upstream's controller manager and scheduler. */
  apiserver: { apiServer: 'skiff', workers: 'upstream' },
  /** Skiff's controllers and scheduler on upstream's API server and etcd. */
  controllers: { apiServer: 'upstream', workers: 'skiff' },
  /** All of Skiff, each part a process. */
  all: { apiServer: 'skiff', workers: 'skiff' },
  /** All of upstream, beside which the others are judged. */
  none: { apiServer: 'upstream', workers: 'upstream' },
} as const
export type SwapName = keyof typeof swaps
export const isSwap = (name: string): name is SwapName => Object.hasOwn(swaps, name)

/** Whether a child has ended that this process has not waited for. */
function isOver(pid: number): boolean {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\)/, '').startsWith(' Z')
}

/** Parts that run, each with a log in the folder; they are ended in reverse. */
class Parts {
  readonly #running: { readonly name: string; readonly process: ChildProcess }[] = []
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    mkdirSync(join(folder, 'log'), { recursive: true })
  }
  start(name: string, command: string, ...args: string[]): void {
    const log = openSync(join(this.folder, 'log', name), 'w')
    this.#running.push({ name, process: spawn(command, args, { stdio: ['ignore', log, log] }) })
    closeSync(log)
  }
  /** The name of a part that has ended, though nobody ended it. Nothing here runs while a tool does: no exit is told. */
  get ended(): string | undefined {
    return this.#running.find(({ process: { pid } }) => pid === undefined || isOver(pid))?.name
  }
  stop(): void {
    for (const { process } of this.#running.toReversed()) {
      if (process.pid === undefined) continue
      process.kill()
      for (let attempt = 0; attempt < 200 && !isOver(process.pid); attempt++) spawnSync('sleep', ['0.1'])
      process.kill('SIGKILL')
    }
  }
}

/** A control plane that is half Skiff's and half upstream's, on this machine's loopback, with two simulated nodes. */
export function startSwapCluster(swap: SwapName, port: number): SuiteCluster {
  const folder = mkdtempSync(join(tmpdir(), `skiff-swap-${swap}-`))
  const parts = new Parts(folder)
  const { apiServer, workers } = swaps[swap]
  const stop = () => {
    parts.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const pki = join(folder, 'pki')
    if (apiServer === 'skiff') startSkiffServer(parts, port)
    else startUpstreamServer(parts, port)
    const admin = join(folder, apiServer === 'skiff' ? 'kubeconfig' : 'super-admin.conf')
    waitFor(parts, 'the API server', () => answers(admin, 'get', '--raw', '/readyz'))
    if (workers === 'skiff') startSkiffWorkers(parts, pki)
    else startUpstreamWorkers(parts, pki, port)
    parts.start('simulated-nodes', join(root, 'skiff'), 'simulated-nodes', '--kubeconfig', admin, '--nodes', '2')
    waitFor(parts, 'the nodes', () => answers(admin, 'wait', '--for=condition=Ready', 'node/node1', 'node/node2'))
    waitFor(parts, 'the default service account', () => answers(admin, 'get', 'serviceaccount', 'default'))
    console.log(`${swap}: API server of ${apiServer}, controllers and scheduler of ${workers}; logs in ${folder}/log`)
    return { kubeconfig: admin, stop }
  } catch (error) {
    // The logs stay, to be read.
    parts.stop()
    throw error
  }
}

function answers(kubeconfig: string, ...args: string[]): boolean {
  if (!existsSync(kubeconfig)) return false
  return spawnSync(program('kubectl'), ['--kubeconfig', kubeconfig, ...args], { stdio: 'ignore' }).status === 0
}

function waitFor(parts: Parts, what: string, ready: () => boolean): void {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (ready()) return
    if (parts.ended) throw new Error(`${parts.ended} has ended: see ${parts.folder}/log/${parts.ended}`)
    spawnSync('sleep', ['0.2'])
  }
  throw new Error(`${what} did not come up: see ${parts.folder}/log`)
}

function startSkiffServer(parts: Parts, port: number): void {
  const { folder } = parts
  parts.start('apiserver', join(root, 'skiff'), 'apiserver', '--data-dir', folder, '--port', String(port))
}

function startSkiffWorkers(parts: Parts, pki: string): void {
  const config = (name: string) => ['--kubeconfig', join(parts.folder, `${name}.conf`)]
  const networks = ['--cluster-cidr', '10.244.0.0/16', '--service-cluster-ip-range', '10.96.0.0/16']
  const skiff = join(root, 'skiff')
  // Several runs may share this machine.
  const quiet = ['--secure-port', '0']
  const manager = [...config('controller-manager'), '--pki', pki, ...networks, ...quiet]
  parts.start('controllers', skiff, 'controllers', ...manager)
  parts.start('scheduler', skiff, 'scheduler', ...config('scheduler'), ...quiet)
}

function startUpstreamWorkers(parts: Parts, pki: string, port: number): void {
  const identity = (name: string) =>
    ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map(
      (flag) => `--${flag}=${join(parts.folder, `${name}.conf`)}`,
    )
  const limits = ['--kube-api-qps=500', '--kube-api-burst=500']
  parts.start(
    'kube-controller-manager',
    program('kube-controller-manager'),
    ...identity('controller-manager'),
    ...limits,
    `--secure-port=${port + 3}`,
    '--use-service-account-credentials',
    '--controllers=*,bootstrapsigner,tokencleaner',
    `--root-ca-file=${pki}/ca.crt`,
    `--service-account-private-key-file=${pki}/sa.key`,
    `--cluster-signing-cert-file=${pki}/ca.crt`,
    `--cluster-signing-key-file=${pki}/ca.key`,
    '--allocate-node-cidrs',
    '--cluster-cidr=10.244.0.0/16',
    '--service-cluster-ip-range=10.96.0.0/16',
  )
  parts.start(
    'kube-scheduler',
    program('kube-scheduler'),
    ...identity('scheduler'),
    ...limits,
    `--secure-port=${port + 4}`,
  )
}

/** Keys and kubeconfigs by kubeadm, then etcd and kube-apiserver with the defaults that kubeadm gives them. */
function startUpstreamServer(parts: Parts, port: number): void {
  const { folder } = parts
  const pki = join(folder, 'pki')
  const advertise = ownAddress()
  const config = join(folder, 'kubeadm.json')
  const kubeadm = { apiVersion: 'kubeadm.k8s.io/v1beta4' }
  const init = {
    ...kubeadm,
    kind: 'InitConfiguration',
    localAPIEndpoint: { advertiseAddress: advertise, bindPort: port },
  }
  const cluster = {
    ...kubeadm,
    kind: 'ClusterConfiguration',
    kubernetesVersion: 'v1.37.1',
    certificatesDir: pki,
    controlPlaneEndpoint: `127.0.0.1:${port}`,
    apiServer: { certSANs: ['127.0.0.1', 'localhost'] },
  }
  writeFileSync(config, `${JSON.stringify(init)}\n---\n${JSON.stringify(cluster)}\n`)
  const phase = (...args: string[]) => {
    const made = spawnSync(program('kubeadm'), ['init', 'phase', ...args, '--config', config], { encoding: 'utf8' })
    if (made.status !== 0) throw new Error(`kubeadm ${args.join(' ')}: ${made.stderr}`)
  }
  phase('certs', 'all')
  for (const name of ['super-admin', 'controller-manager', 'scheduler'])
    phase('kubeconfig', name, '--kubeconfig-dir', folder)
  const etcd = `http://127.0.0.1:${port + 1}`
  parts.start(
    'etcd',
    program('etcd'),
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${etcd}`,
    `--advertise-client-urls=${etcd}`,
    `--listen-peer-urls=http://127.0.0.1:${port + 2}`,
    '--unsafe-no-fsync',
  )
  parts.start(
    'kube-apiserver',
    program('kube-apiserver'),
    `--etcd-servers=${etcd}`,
    `--secure-port=${port}`,
    `--advertise-address=${advertise}`,
    '--allow-privileged',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--service-cluster-ip-range=10.96.0.0/16',
    `--client-ca-file=${pki}/ca.crt`,
    `--tls-cert-file=${pki}/apiserver.crt`,
    `--tls-private-key-file=${pki}/apiserver.key`,
    `--kubelet-client-certificate=${pki}/apiserver-kubelet-client.crt`,
    `--kubelet-client-key=${pki}/apiserver-kubelet-client.key`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${pki}/sa.pub`,
    `--service-account-signing-key-file=${pki}/sa.key`,
    `--requestheader-client-ca-file=${pki}/front-proxy-ca.crt`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${pki}/front-proxy-client.crt`,
    `--proxy-client-key-file=${pki}/front-proxy-client.key`,
  )
}

/** kubeadm and kube-apiserver take no loopback address to advertise. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const found = all.find(({ family, internal }) => family === 'IPv4' && !internal)
  if (found === undefined) throw new Error('this machine has no address but loopback')
  return found.address
}
