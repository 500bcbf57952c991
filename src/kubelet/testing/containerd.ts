import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sleep, systemClock } from '../../machinery/clock.ts'
import { busyboxImage } from '../images/archive/busybox.ts'
import { dockerArchive, hostArchitecture, type ImageContent } from '../images/archive/docker-archive.ts'
import { pauseImage } from '../images/archive/pause.ts'
import { createCriRuntime } from '../runtimes/cri/runtime.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import { makeCgroup } from './inside-namespaces.ts'

const run = promisify(execFile)
const kit = join(homedir(), '.cache/k8s-conformance-kit/bin')
const cniFolders = ['/opt/cni/bin', '/usr/lib/cni']

/**
 * Folders with a containerd on this machine, newest first: Debian's is 1.6, the conformance kit's 2.x.
 * SKIFF_TEST_CONTAINERD: only that folder.
 */
export function containerdFolders(): readonly string[] {
  const chosen = process.env['SKIFF_TEST_CONTAINERD']
  return (chosen === undefined ? [kit, '/usr/bin'] : [chosen]).filter((folder) =>
    existsSync(join(folder, 'containerd')),
  )
}

export interface TestContainerd {
  readonly folder: string
  readonly version: string
  readonly socketPath: string
  readonly runtime: Runtime
  /** A cgroup that exists in each hierarchy, as the kubelet wants its root. */
  readonly cgroupRoot: string
  importImages(images: readonly ImageContent[]): Promise<void>
  log(): string
  stop(): Promise<void>
}

export const testImages = { pause: 'skiff.local/pause:1', busybox: 'skiff.local/busybox:1' } as const

/** Starts a containerd with its own state, network and images. Only inside namespaces made for the test. */
export async function startContainerd(programs: string): Promise<TestContainerd> {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-containerd-'))
  // Sandboxes need an open /run and shared propagation; both are this test's own.
  execFileSync('mount', ['--make-rshared', '/'])
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run'])
  execFileSync('ip', ['link', 'set', 'lo', 'up'])
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1')
  const socketPath = join(folder, 'containerd.sock')
  writeFileSync(join(folder, 'config.toml'), config(folder, socketPath, await majorVersion(programs)))
  mkdirSync(join(folder, 'cni'))
  writeFileSync(join(folder, 'cni/10-test.conflist'), network(folder))
  const logFile = join(folder, 'containerd.log')
  const log = openSync(logFile, 'w')
  const daemon = spawn(join(programs, 'containerd'), ['--config', join(folder, 'config.toml')], {
    stdio: ['ignore', log, log],
    env: { ...process.env, PATH: `${programs}:${process.env['PATH']}` },
  })
  const runtime = createCriRuntime({ socketPath })
  const version = await ready(runtime, daemon, () => readFileSync(logFile, 'utf8'))
  const ctr = (...words: string[]) => run(join(programs, 'ctr'), ['-a', socketPath, '-n', 'k8s.io', ...words])
  const importImages = async (images: readonly ImageContent[]) => {
    const archive = join(folder, 'images.tar')
    writeFileSync(archive, dockerArchive(images, hostArchitecture()))
    const local = version.startsWith('v1') || version.startsWith('1') ? [] : ['--local']
    await ctr('images', 'import', ...local, archive)
  }
  const busybox = busyboxImage(testImages.busybox)
  if (busybox === undefined) throw new Error('busybox-static is missing')
  await importImages([pauseImage(testImages.pause, hostArchitecture()), busybox])
  const cgroupRoot = process.env['SKIFF_TEST_CGROUP'] ?? '/skiff-test'
  makeCgroup(cgroupRoot)
  return {
    folder,
    version,
    socketPath,
    runtime,
    cgroupRoot,
    importImages,
    log: () => readFileSync(logFile, 'utf8'),
    async stop() {
      for (const sandbox of await runtime.listPodSandboxes()) {
        await runtime.stopPodSandbox(sandbox.id)
        await runtime.removePodSandbox(sandbox.id)
      }
      await runtime.close()
      const exited = new Promise((resolve) => daemon.once('exit', resolve))
      daemon.kill('SIGTERM')
      await exited
    },
  }
}

async function majorVersion(programs: string): Promise<number> {
  const { stdout } = await run(join(programs, 'containerd'), ['--version'])
  return Number(/ v?(\d+)\./.exec(stdout)?.[1] ?? 2)
}

async function ready(runtime: Runtime, daemon: ChildProcess, log: () => string): Promise<string> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (daemon.exitCode !== null) throw new Error(`containerd ended:\n${log()}`)
    try {
      return (await runtime.version()).runtimeVersion
    } catch {
      await sleep(systemClock, 50)
    }
  }
  throw new Error(`containerd did not answer:\n${log()}`)
}

function config(folder: string, socketPath: string, major: number): string {
  const head = `
root = '${folder}/root'
state = '${folder}/state'
[grpc]
  address = '${socketPath}'
`
  const binaries = JSON.stringify(cniFolders.filter((place) => existsSync(place))[0] ?? '/opt/cni/bin')
  if (major < 2) {
    return `version = 2${head}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = '${testImages.pause}'
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${binaries}
    conf_dir = '${folder}/cni'
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = 'io.containerd.runc.v2'
`
  }
  return `version = 3${head}
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '${testImages.pause}'
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = [${binaries}]
  conf_dir = '${folder}/cni'
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'
`
}

function network(folder: string): string {
  const ipam = {
    type: 'host-local',
    dataDir: `${folder}/ipam`,
    ranges: [[{ subnet: '10.85.0.0/24' }]],
    routes: [{ dst: '0.0.0.0/0' }],
  }
  const plugins = [
    { type: 'ptp', ipam },
    { type: 'portmap', capabilities: { portMappings: true } },
  ]
  return JSON.stringify({ cniVersion: '1.0.0', name: 'test', plugins })
}
