import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
export const kitFolder = process.env['KIT_DIR'] ?? join(homedir(), '.cache/k8s-conformance-kit')
const registryPort = 5000

/**
 * Builds what the kit lacks: the suite, upstream's programs and the test images. Takes about 20 minutes the first time,
 * and seconds when all is there; the images are always put together anew, for their recipe may have changed.
 */
export function buildKit(): void {
  console.log(`building what the conformance kit in ${kitFolder} lacks`)
  for (const [command, ...args] of [
    ['bash', 'build.sh'],
    ['python3', 'images.py'],
  ] as const) {
    const { status } = spawnSync(command, args, {
      cwd: join(root, 'conformance/kit'),
      stdio: 'inherit',
      env: { ...process.env, KIT_DIR: kitFolder },
    })
    if (status !== 0) throw new Error(`${args.join(' ')} failed`)
  }
}

export interface SuiteCluster {
  readonly kubeconfig: string
  stop(): void
}

// The kit brings containerd and runc; what it lacks is the machine's.
const env = { ...process.env, PATH: `${kitFolder}/bin:${process.env['PATH']}` }

function skiff(...args: string[]): void {
  const { status } = spawnSync(join(root, 'skiff'), args, { stdio: ['ignore', 'inherit', 'inherit'], env })
  if (status !== 0) throw new Error(`skiff ${args.join(' ')} failed`)
}

/** A cluster of two real nodes on the kit's containerd, with the test images, in a folder of its own. */
export function startSuiteCluster(): SuiteCluster {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-conformance-'))
  const kubeconfig = join(folder, 'kubeconfig')
  const dataDir = join(folder, 'data')
  const mirror = `registry.k8s.io=http://{host}:${registryPort}`
  let registry: ChildProcess | undefined
  const stop = () => {
    registry?.kill()
    skiff('reset', '--data-dir', dataDir)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    skiff(
      'up',
      '--detach',
      '--nodes',
      '2',
      '--data-dir',
      dataDir,
      '--kubeconfig',
      kubeconfig,
      '--containerd',
      join(kitFolder, 'bin/containerd'),
      '--mirror',
      mirror,
    )
    registry = spawn(
      'python3',
      [join(root, 'conformance/kit/registry.py'), join(kitFolder, 'images.tar'), String(registryPort)],
      { stdio: 'ignore' },
    )
    skiff('image', 'load', join(kitFolder, 'images.tar'), '--data-dir', dataDir)
    return { kubeconfig, stop }
  } catch (error) {
    stop()
    throw error
  }
}
