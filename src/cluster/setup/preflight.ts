import { createServer } from 'node:net'
import { existsSync, statfsSync } from 'node:fs'
import type { RunCommand } from '../../machinery/command.ts'
import { step, type Progress } from '../progress.ts'
import { hostCgroupProblem, hostProblem, otherwise } from './kernel.ts'
import { canInstall, installPackages, missingPackages } from './system-packages.ts'

const minFreeBytes = 300 * 1024 * 1024

/** Throws an Error that says what to do when the folder's disk is nearly full. */
export function checkDisk(folder: string, free = freeBytes(folder)): void {
  if (free < minFreeBytes)
    throw new Error(
      `the disk of ${folder} has ${Math.floor(free / 1024 / 1024)} MiB free, a cluster needs ${minFreeBytes / 1024 / 1024}: make room, or choose another folder with --data-dir`,
    )
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/** Throws an Error that says what to do when somebody listens on the port already. */
export async function checkPort(address: string, port: number): Promise<void> {
  const probe = createServer()
  try {
    await new Promise<void>((resolve, reject) =>
      probe.once('error', reject).listen({ host: address, port, exclusive: true }, resolve),
    )
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'EADDRINUSE')
      throw new Error(`port ${port} on ${address} is in use: end what listens there, or choose another with --port`, {
        cause: error,
      })
    if (code === 'EACCES')
      throw new Error(`port ${port} needs root: choose one above 1023 with --port`, { cause: error })
    throw error
  } finally {
    probe.close()
  }
}

/**
 * Which runtime this host can have. Real containers need root, Linux and a few packages, which are installed where that
 * is possible, after saying so. `wanted`: what the user asked for; not being able to is then an Error.
 */
export async function chooseRuntime(
  wanted: 'containerd' | 'simulated' | undefined,
  containerd: string | undefined,
  run: RunCommand,
  progress: Progress,
): Promise<'containerd' | 'simulated'> {
  if (wanted === 'simulated') return 'simulated'
  const refuse = (why: string, remedy: string): 'simulated' => {
    if (wanted === 'containerd') throw new Error(`real containers are not possible: ${why}; ${remedy}`)
    progress({ type: 'note', text: `Pods are only simulated: ${why}; for real containers ${remedy}.` })
    return 'simulated'
  }
  if (process.platform !== 'linux') return refuse(`this is ${process.platform}`, 'use Linux')
  if (process.getuid?.() !== 0) return refuse('this is not root', 'run skiff up as root (sudo)')
  const problem = hostProblem()
  if (problem !== undefined) return refuse(problem.why, problem.remedy)
  const groups = hostCgroupProblem()
  if (groups !== undefined) throw new Error(`${groups}; ${otherwise}`)
  if (containerd !== undefined && !existsSync(containerd))
    throw new Error(`${containerd} is not there: --containerd names the program containerd`)
  const missing = missingPackages().filter((name) => name !== 'containerd' || containerd === undefined)
  if (missing.length === 0) return 'containerd'
  if (!canInstall()) return refuse(`these are missing: ${missing.join(', ')}`, 'install them with your package manager')
  progress({ type: 'note', text: `Installing packages that real nodes need: ${missing.join(', ')}` })
  try {
    await step(progress, 'packages installed', () => installPackages(run, missing))
    return 'containerd'
  } catch (error) {
    return refuse(
      `apt-get could not install ${missing.join(', ')} (${(error as Error).message.split('\n')[0]})`,
      'install them by hand',
    )
  }
}
