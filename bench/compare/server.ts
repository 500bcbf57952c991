import { spawnSync, type SpawnSyncOptions } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
export const kitFolder = process.env['KIT_DIR'] ?? join(homedir(), '.cache/k8s-conformance-kit')

/** A control plane under measurement: how it starts, what it is, how it ends. */
export interface Server {
  readonly name: 'skiff' | 'upstream'
  /** Starts on an empty folder; answers milliseconds from the start of the process to /readyz. */
  start(): number
  readonly kubeconfig: string
  readonly pids: readonly number[]
  /** Ends it in order and starts it again on the same data; answers as start does. */
  restart(): number
  stop(): void
}

function run(command: string, args: readonly string[], options: SpawnSyncOptions = {}): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${String(stderr).trim()}`)
  return String(stdout)
}

/** Ports of this process, so that two runs do not meet. */
const ports = { skiff: 27_000 + (process.pid % 900), upstream: 28_000 + (process.pid % 900) }

/** Skiff's control plane, objects in SQLite: durable as upstream's etcd is. One simulated node is no node that matters. */
export function skiffServer({ nodes = 1, port = ports.skiff } = {}): Server {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-bench-'))
  const dataDir = join(folder, 'data')
  const kubeconfig = join(folder, 'kubeconfig')
  const up = (): number => {
    run(join(root, 'skiff'), [
      'up',
      '--detach',
      '--runtime',
      'simulated',
      '--nodes',
      String(nodes),
      '--data-dir',
      dataDir,
      '--kubeconfig',
      kubeconfig,
      '--port',
      String(port),
    ])
    return (JSON.parse(readFileSync(join(dataDir, 'state.json'), 'utf8')) as { readyzMs: number }).readyzMs
  }
  return {
    name: 'skiff',
    kubeconfig,
    get pids() {
      return [(JSON.parse(readFileSync(join(dataDir, 'lock'), 'utf8')) as { pid: number }).pid]
    },
    start: up,
    restart() {
      run(join(root, 'skiff'), ['down', '--data-dir', dataDir])
      return up()
    },
    stop() {
      spawnSync(join(root, 'skiff'), ['reset', '--data-dir', dataDir], { stdio: 'ignore' })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Upstream's v1.37.1 with etcd, on loopback; undefined where its binaries were not built (npm run conformance builds them). */
export function upstreamServer(port = ports.upstream): Server | undefined {
  if (!existsSync(join(kitFolder, 'bin/kube-apiserver')) || !existsSync(join(kitFolder, 'bin/etcd'))) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'upstream-bench-'))
  const script = join(root, 'bench/upstream-up.sh')
  const env = { ...process.env, PORT: String(port), KIT_DIR: kitFolder }
  const up = (): number => Number(/readyz_ms (\d+)/.exec(run(script, ['up', folder], { env }))![1])
  return {
    name: 'upstream',
    kubeconfig: join(folder, 'admin.conf'),
    get pids() {
      return ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) =>
        Number(readFileSync(join(folder, `${name}.pid`), 'utf8')),
      )
    },
    start: up,
    restart() {
      run(script, ['down', folder], { env })
      return up()
    },
    stop() {
      spawnSync(script, ['down', folder], { env, stdio: 'ignore' })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Memory that is a process's own and its share of what it shares, MiB. */
export function pssMiB(pids: readonly number[]): number {
  return pids.reduce(
    (sum, pid) => sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))![1]) / 1024,
    0,
  )
}

/** The most memory that the processes have held since the last call of forgetPeak, MiB; what is shared counts each time. */
export function peakMiB(pids: readonly number[]): number {
  return pids.reduce(
    (sum, pid) => sum + Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024,
    0,
  )
}

/** Sets the peak to what is held now (proc(5), clear_refs). */
export function forgetPeak(pids: readonly number[]): void {
  for (const pid of pids) writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

/** What a script of this folder prints. */
export function script(name: string, args: readonly string[], wrap: readonly string[] = []): string {
  const [command, ...rest] = [...wrap, join(root, 'scripts/with-node'), `bench/${name}`, ...args]
  return run(command!, rest)
}

/** Processor seconds used so far. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return sum + (Number(fields[11]) + Number(fields[12])) / 100
  }, 0)
}

/** Bytes written to disk so far. */
export function writtenBytes(pids: readonly number[]): number {
  return pids.reduce(
    (sum, pid) => sum + Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))![1]),
    0,
  )
}

/** The load generator, built once; needs Go. */
export function kload(): (server: Server, ...args: string[]) => Record<string, number> {
  const binary = join(kitFolder, 'bin/kload')
  run('go', ['build', '-o', binary, '.'], { cwd: join(root, 'bench/kload') })
  return (server, verb, ...args) =>
    JSON.parse(
      run(binary, [verb!, '-kubeconfig', server.kubeconfig, '-pids', server.pids.join(','), ...args]),
    ) as Record<string, number>
}
