import { existsSync, readFileSync } from 'node:fs'
import { runningProcess } from '../cluster/state/cluster-state.ts'
import type { ClusterPaths } from '../cluster/state/paths.ts'
import { removeLeftovers } from '../cluster/teardown.ts'
import { step } from '../cluster/progress.ts'
import { pause, systemClock } from '../machinery/clock.ts'
import { isRunning, signalProcess, type ProcessIdentity } from '../machinery/process-identity.ts'
import type { Invocation } from './command/command.ts'
import { parseKubeconfig, removeFromUserKubeconfig, userKubeconfigPath } from './kubeconfig/user-kubeconfig.ts'
import { showProgress } from './show-progress.ts'

/** How long the cluster's process may take to end by itself. */
const graceMs = 60_000

/** Ends a cluster whether its process runs, was killed or is stuck. False: there was none. */
export async function endCluster(
  paths: ClusterPaths,
  invocation: Invocation,
  options: { data: boolean },
): Promise<boolean> {
  const holder = runningProcess(paths)
  if (holder === undefined && !existsSync(paths.settings)) return false
  const progress = showProgress({ write: invocation.stdout, interactive: invocation.interactive })
  if (holder) await step(progress, `process ${holder.pid} ended`, () => end(holder))
  forgetContext(paths, invocation)
  await removeLeftovers(paths, progress, options)
  return true
}

async function end(holder: ProcessIdentity): Promise<void> {
  signalProcess(holder, 'SIGTERM')
  const deadline = systemClock.monotonic() + graceMs
  while (isRunning(holder)) {
    if (systemClock.monotonic() > deadline) signalProcess(holder, 'SIGKILL')
    await pause(systemClock, 50)
  }
}

/** Takes the context out of the user's kubeconfig; a file that is broken is left to its owner. */
export function forgetContext(paths: ClusterPaths, invocation: Invocation): void {
  if (!existsSync(paths.kubeconfig)) return
  try {
    removeFromUserKubeconfig(
      userKubeconfigPath(invocation.env),
      parseKubeconfig(readFileSync(paths.kubeconfig, 'utf8')),
    )
  } catch (error) {
    invocation.stderr(`skiff: the context was not taken out of your kubeconfig: ${(error as Error).message}\n`)
  }
}
