import { once } from 'node:events'
import { createReadStream, existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { Readable as ReadableStream } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { dockerArchive, hostArchitecture, type ImageContent } from '../kubelet/images/archive/docker-archive.ts'
import type { TarEntry } from '../kubelet/images/archive/tar.ts'
import { containerdSocket } from './machine/containerd.ts'
import { daemonProgram, type Machine } from './machine/machine.ts'
import { step, type Progress } from './progress.ts'
import { readSettings } from './state/cluster-state.ts'
import type { ClusterPaths } from './state/paths.ts'
import { machineHostOf } from './teardown.ts'

/** The namespace of containerd in which the CRI looks for images. */
const criNamespace = 'k8s.io'

/** The machines of a running cluster. Throws an Error that says what to do when there are none. */
function runningMachines(paths: ClusterPaths): Machine[] {
  const settings = readSettings(paths)
  if (settings === undefined) throw new Error(`there is no cluster in ${paths.root}: start one with skiff up`)
  if (settings.runtime === 'simulated')
    throw new Error('the simulated runtime needs no images: it has every image that a pod names')
  const host = machineHostOf(settings.network, paths)
  const machines = (existsSync(paths.nodes) ? readdirSync(paths.nodes) : [])
    .toSorted()
    .flatMap((name) => host.find(paths.node(name)) ?? [])
  if (machines.length === 0) throw new Error('no node runs: start the cluster with skiff up')
  return machines
}

/** The client that came with the node's containerd: another version's may not speak with it. */
function ctrOf(machine: Machine): string {
  const containerd = daemonProgram(machine, 'containerd')
  const beside = containerd && join(dirname(containerd), 'ctr')
  return beside !== undefined && existsSync(beside) ? beside : 'ctr'
}

/** Puts an image archive (docker or OCI) into one node's containerd. Throws an Error with what containerd said. */
export async function importImages(machine: Machine, archive: Readable): Promise<void> {
  const child = machine.spawn(
    ctrOf(machine),
    ['--address', containerdSocket, '--namespace', criNamespace, 'images', 'import', '--all-platforms', '-'],
    { stdio: 'pipe' },
  )
  let errors = ''
  child.stdout?.resume()
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const exit = once(child, 'exit') as Promise<[number | null]>
  // ctr closes its input when it finds the archive broken; its own words then say why.
  await pipeline(archive, child.stdin!).catch(() => {})
  const [code] = await exit
  if (code !== 0)
    throw new Error(
      `node ${machine.name} does not take the images: ${errors.trim().split('\n').at(-1) ?? `ctr exited with ${code}`}`,
    )
}

/** Puts the images of archive files into every node. */
export async function loadImages(paths: ClusterPaths, files: readonly string[], progress: Progress): Promise<void> {
  const machines = runningMachines(paths)
  for (const file of files) {
    await step(progress, `${file} loaded into ${machines.length} node${machines.length === 1 ? '' : 's'}`, () =>
      Promise.all(machines.map((machine) => importImages(machine, createReadStream(file)))),
    )
  }
}

/** Makes an image of `folder` (`rootfs/` and, if there, `image.json`) and puts it into every node. */
export async function buildImage(paths: ClusterPaths, folder: string, name: string, progress: Progress): Promise<void> {
  const machines = runningMachines(paths)
  const archive = await step(progress, `${name} built`, () =>
    dockerArchive([imageOf(folder, name)], hostArchitecture()),
  )
  await step(progress, `${name} loaded into ${machines.length} node${machines.length === 1 ? '' : 's'}`, () =>
    Promise.all(machines.map((machine) => importImages(machine, ReadableStream.from([archive])))),
  )
}

/** Throws an Error in a user's words when the folder is none that can be an image. */
export function imageOf(folder: string, name: string): ImageContent {
  const root = join(folder, 'rootfs')
  if (!existsSync(root)) throw new Error(`${root} is not there: put the files of the image into a folder rootfs/`)
  const configFile = join(folder, 'image.json')
  const config = existsSync(configFile) ? readConfig(configFile) : {}
  return {
    name,
    files: entriesBelow(root, ''),
    entrypoint: config.Entrypoint,
    command: config.Cmd,
    env: config.Env,
    user: config.User,
    workingDir: config.WorkingDir,
  }
}

/** The parts of an OCI image configuration that say how the image runs. */
interface ImageConfig {
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Env?: readonly string[]
  readonly User?: string
  readonly WorkingDir?: string
}

function readConfig(file: string): ImageConfig {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ImageConfig
  } catch (error) {
    throw new Error(`${file} is no valid JSON: ${(error as Error).message}`, { cause: error })
  }
}

function entriesBelow(root: string, at: string): TarEntry[] {
  return readdirSync(join(root, at))
    .toSorted()
    .flatMap((name): TarEntry[] => {
      const path = at === '' ? name : `${at}/${name}`
      const info = lstatSync(join(root, path))
      const mode = info.mode & 0o7777
      if (info.isDirectory()) return [{ path, mode, folder: true }, ...entriesBelow(root, path)]
      if (info.isSymbolicLink()) return [{ path, linkTo: readlinkSync(join(root, path)) }]
      return info.isFile() ? [{ path, mode, content: readFileSync(join(root, path)) }] : []
    })
}
