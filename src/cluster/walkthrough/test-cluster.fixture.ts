import { execFile, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { enterCommand, type MachineRecord } from '../machine/machine.ts'
import { webImage } from './web-image.fixture.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')
const kit = join(process.env['KIT_DIR'] ?? join(homedir(), '.cache/k8s-conformance-kit'), 'bin')

/** kubectl: the conformance kit's if it was built, else that on PATH, else Debian's package. */
export function findKubectl(): string {
  if (existsSync(join(kit, 'kubectl'))) return join(kit, 'kubectl')
  try {
    execFileSync('kubectl', ['version', '--client=true'], { stdio: 'ignore' })
  } catch {
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore' })
    execFileSync('apt-get', ['install', '-y', '-qq', 'kubernetes-client'], { stdio: 'ignore' })
  }
  return 'kubectl'
}

/** Whether real nodes can be had here; where CI asks, they must be. */
export const realNodes = process.platform === 'linux' && process.getuid?.() === 0
if (!realNodes && process.env['CI'] === 'true') throw new Error('CI must be able to run real containers')
/** For tests that need real nodes. */
export const withRealNodes = realNodes ? {} : { skip: 'real containers need root on Linux' }

export interface TestCluster {
  readonly folder: string
  readonly dataDir: string
  readonly kubeconfig: string
  skiff(...args: string[]): Promise<string>
  kubectl(...args: string[]): Promise<string>
  /** Starts a kubectl that goes on; the caller ends it. */
  kubectlProcess(...args: string[]): ReturnType<typeof spawn>
  apply(manifest: string): Promise<string>
  /** Runs a tool in a node's machine. */
  inNode(node: string, command: string, ...args: string[]): Promise<string>
  /** Builds `skiff.local/web` in these versions into every node. */
  buildWebImages(...versions: string[]): Promise<void>
  remove(): Promise<void>
}

/** A folder for one cluster of a test, with the tools to drive it. Nothing is started yet. */
export function testCluster(): TestCluster {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-walkthrough-'))
  const dataDir = join(folder, 'data')
  const kubeconfig = join(folder, 'kubeconfig')
  const kubectlPath = findKubectl()
  const env = { ...process.env, SKIFF_DATA_DIR: dataDir, KUBECONFIG: kubeconfig, HOME: folder }
  const limits = { env, timeout: 180_000, maxBuffer: 64 * 1024 * 1024 }
  const skiff = async (...args: string[]) => {
    const { stdout, stderr } = await run(join(root, 'skiff'), args, limits)
    return stdout + stderr
  }
  return {
    folder,
    dataDir,
    kubeconfig,
    skiff,
    kubectl: async (...args) => (await run(kubectlPath, args, limits)).stdout,
    kubectlProcess: (...args) => spawn(kubectlPath, args, { env, stdio: ['pipe', 'pipe', 'pipe'] }),
    apply: (manifest) =>
      new Promise((resolve, reject) => {
        const child = execFile(kubectlPath, ['apply', '-f', '-'], limits, (error, stdout) =>
          error ? reject(error) : resolve(stdout),
        )
        child.stdin?.end(manifest)
      }),
    async inNode(node, command, ...args) {
      const record = JSON.parse(readFileSync(join(dataDir, 'nodes', node, 'machine.json'), 'utf8')) as MachineRecord
      const [enter = '', ...entered] = enterCommand(record.first.pid)
      return (await run(enter, [...entered, command, ...args], limits)).stdout
    },
    async buildWebImages(...versions) {
      if (!existsSync('/bin/busybox'))
        execFileSync('sh', ['-c', 'apt-get update -qq && apt-get install -y -qq busybox-static'], { stdio: 'ignore' })
      for (const version of versions) {
        const image = webImage(join(folder, `web${version}`), version)
        await skiff('image', 'build', '--tag', `skiff.local/web:${version}`, image)
      }
    },
    async remove() {
      if (existsSync(dataDir)) await skiff('reset').catch(() => {})
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Asks until the answer is as wanted; the last answer is told when the time is over. */
export async function eventually<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean, seconds = 60): Promise<T> {
  const deadline = performance.now() + seconds * 1000
  for (;;) {
    const answer = await ask().catch((error: unknown) => error as T)
    if (!(answer instanceof Error) && wanted(answer)) return answer
    if (performance.now() > deadline)
      throw new Error(`not in ${seconds} s; last: ${answer instanceof Error ? answer.message : JSON.stringify(answer)}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
