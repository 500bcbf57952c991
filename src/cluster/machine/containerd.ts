import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { type Clock, pause } from '../../machinery/clock.ts'
import { missingTool, type RunCommand } from '../../machinery/command.ts'
import { missingCapabilities } from './capabilities.ts'
import {
  type ContainerdSettings,
  containerdConfig,
  parseContainerdVersion,
  registryHosts,
} from './containerd-config.ts'
import { type Daemon, lastWords, type Machine, MachineError } from './machine.ts'

/** Where a node's containerd listens, as seen in its machine; `machine.path(...)` is the host's path. */
export const containerdSocket = '/run/containerd/containerd.sock'

export interface ContainerdOptions {
  /** The program; default: `containerd` on PATH. Its shim is looked for beside it first. */
  readonly binary?: string
  readonly sandboxImage: string
  /** Registry → where its images are really pulled from: `{'registry.k8s.io': 'http://10.89.0.1:5000'}`. */
  readonly mirrors?: Readonly<Record<string, string>>
  readonly runtimeHandlers?: readonly string[]
  readonly snapshotter?: string
  /** Default 20,000. */
  readonly readyTimeoutMs?: number
}

export interface InstalledContainerd {
  readonly path: string
  readonly major: number
  readonly minor: number
}

/** The containerd that a node would use. Throws an Error that says what to install. */
export async function findContainerd(run: RunCommand, binary = 'containerd'): Promise<InstalledContainerd> {
  const path = isAbsolute(binary) ? binary : onPath(binary)
  if (path === undefined || !existsSync(path)) throw new Error(missingTool(binary))
  const { stdout } = await run(path, ['--version'])
  const version = parseContainerdVersion(stdout)
  if (version === undefined || version.major < 1 || (version.major === 1 && version.minor < 6)) {
    throw new Error(`${path} is too old or unknown (${stdout.trim()}): version 1.6 or newer is needed`)
  }
  return { path, ...version }
}

/** The first file of this name on PATH, or where Debian keeps what only root runs. */
export function onPath(tool: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, tool))
    .find(existsSync)
}

/** Folders that hold CNI plugins on this host: Debian's first, then upstream's. Throws an Error that says what to install. */
export function findCniFolders(): string[] {
  const folders = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'].filter((folder) =>
    ['ptp', 'host-local', 'portmap', 'loopback'].every((plugin) => existsSync(join(folder, plugin))),
  )
  if (folders.length > 0) return folders
  throw new Error(
    'the CNI plugins are not installed: install the package containernetworking-plugins (Debian, Ubuntu: apt-get install containernetworking-plugins)',
  )
}

/** Overlays cannot be stacked on each other, nor on some network disks; there each container gets a copy of its image. */
async function chooseSnapshotter(machine: Machine): Promise<string> {
  const probe = [
    'probe=$(mktemp -d -p /var/lib/containerd) && cd "$probe" && mkdir lower upper work merged',
    'mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay merged && umount merged && echo works',
    'cd / && rm -rf "$probe"',
  ].join('\n')
  const { stdout } = await machine.run('sh', ['-c', probe])
  return stdout.includes('works') ? 'overlayfs' : 'native'
}

/**
 * Starts the node's containerd, or adopts the one that runs, and resolves when it answers. Throws an Error with the end
 * of its log otherwise.
 */
export async function startContainerd(
  machine: Machine,
  run: RunCommand,
  clock: Clock,
  options: ContainerdOptions,
): Promise<Daemon & { readonly installed: InstalledContainerd }> {
  const installed = await findContainerd(run, options.binary)
  const registryFolder = join(machine.folder, 'certs.d')
  const settings: ContainerdSettings = {
    major: installed.major,
    sandboxImage: options.sandboxImage,
    cniBinFolders: findCniFolders(),
    registryFolder,
    restrictOomScore: missingCapabilities(['CAP_SYS_RESOURCE']).length > 0,
    snapshotter: options.snapshotter ?? (await chooseSnapshotter(machine)),
    runtimeHandlers: options.runtimeHandlers ?? [],
  }
  rmSync(registryFolder, { recursive: true, force: true })
  mkdirSync(registryFolder, { recursive: true })
  for (const [registry, mirror] of Object.entries(options.mirrors ?? {})) {
    mkdirSync(join(registryFolder, registry), { recursive: true })
    writeFileSync(join(registryFolder, registry, 'hosts.toml'), registryHosts(mirror))
  }
  const config = join(machine.folder, 'containerd.toml')
  writeFileSync(config, containerdConfig(settings))
  const path = [dirname(installed.path), process.env.PATH ?? '', '/usr/sbin', '/sbin'].join(delimiter)
  const daemon = await machine.startDaemon({
    name: 'containerd',
    command: installed.path,
    args: ['--config', config],
    env: { PATH: path },
  })
  const deadline = clock.monotonic() + (options.readyTimeoutMs ?? 20_000)
  while (!(await answers(machine.path(containerdSocket)))) {
    if (!daemon.isRunning())
      throw new MachineError(`containerd of ${machine.name} ended at once: ${lastWords(daemon.logFile)}`)
    if (clock.monotonic() > deadline)
      throw new MachineError(`containerd of ${machine.name} does not answer: ${lastWords(daemon.logFile)}`)
    await pause(clock, 20)
  }
  return { ...daemon, installed }
}

/** Whether somebody listens on a socket. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
