import { writeFileSync } from 'node:fs'
import { clusterPaths, dataFolder } from '../../cluster/state/paths.ts'
import { makeDataFolder, runningProcess } from '../../cluster/state/cluster-state.ts'
import type { SettingsWish } from '../../cluster/setup/choose-settings.ts'
import type { RunningCluster } from '../../cluster/start-cluster.ts'
import { CommandError, type Invocation } from '../command/command.ts'
import { addToUserKubeconfig, parseKubeconfig, userKubeconfigPath } from '../kubeconfig/user-kubeconfig.ts'
import type { Progress } from '../../cluster/progress.ts'
import { showProgress } from '../show-progress.ts'
import { forgetContext } from '../end-cluster.ts'
import { collectStart } from '../collect-start.ts'
import { runDetached } from './detach.ts'
import { whatToTry } from './what-to-try.ts'

export interface UpOptions {
  readonly dataDir: string
  readonly kubeconfig: string
  readonly detach: boolean
  readonly verbose: boolean
  readonly containerd: string
  readonly mirrors: Readonly<Record<string, string>>
  readonly wish: SettingsWish
}

/** `skiff up`: in the foreground until the signal aborts, or handed to a process in the background. */
export async function runUp(options: UpOptions, invocation: Invocation): Promise<number> {
  const paths = clusterPaths(dataFolder(options.dataDir, invocation.env))
  const holder = runningProcess(paths)
  if (holder !== undefined) {
    throw new CommandError(
      `a cluster runs in ${paths.root} already (process ${holder.pid}): see skiff status, end it with skiff down, or choose another folder with --data-dir`,
    )
  }
  makeDataFolder(paths)
  if (options.detach) return runDetached(paths, invocation)

  const report = process.send ? (event: unknown) => void process.send?.(event) : undefined
  const show = showProgress({ write: invocation.stdout, interactive: invocation.interactive })
  const progress: typeof show = (event) => {
    if (report) report({ progress: event })
    else show(event)
  }
  const { startCluster, Interrupted } = await import('../../cluster/start-cluster.ts')
  const started = performance.now()
  const cluster: RunningCluster = await startCluster({
    paths,
    wish: options.wish,
    containerd: options.containerd || undefined,
    mirrors: options.mirrors,
    logLevel: options.verbose ? 'debug' : 'info',
    progress,
    signal: invocation.signal,
  }).catch((error: unknown) => {
    throw error instanceof Interrupted ? new CommandError(error.message, { exitCode: 130, cause: error }) : error
  })
  const over = new AbortController()
  try {
    const text = publishKubeconfig(options, cluster, paths.root, invocation.env, progress)
    const summary = `\nThe cluster is ready after ${((performance.now() - started) / 1000).toFixed(1)} s. ${text}\n${whatToTry}`
    if (report) report({ ready: summary })
    else invocation.stdout(`${summary}\nCtrl-C ends it.\n`)
    void collectStart(over.signal)
    await Promise.race([
      cluster.failed,
      new Promise<void>((resolve) =>
        invocation.signal.aborted
          ? resolve()
          : invocation.signal.addEventListener('abort', () => resolve(), { once: true }),
      ),
    ])
  } finally {
    over.abort()
    if (!report) invocation.stdout('\nEnding the cluster.\n')
    await cluster.stop(progress)
    if (options.kubeconfig === '') forgetContext(paths, invocation)
  }
  return 0
}

/** Tells where the kubeconfig is. A user's file that is broken is left alone, and said so. */
function publishKubeconfig(
  options: UpOptions,
  cluster: RunningCluster,
  root: string,
  env: Invocation['env'],
  progress: Progress,
): string {
  if (options.kubeconfig !== '') {
    writeFileSync(options.kubeconfig, cluster.kubeconfig, { mode: 0o600 })
    return `Its kubeconfig is ${options.kubeconfig}.`
  }
  const path = userKubeconfigPath(env)
  try {
    const { currentContext } = addToUserKubeconfig(path, parseKubeconfig(cluster.kubeconfig))
    const name = cluster.settings.name
    return currentContext === name
      ? `kubectl uses it (context ${name} in ${path}).`
      : `Your current context stays ${currentContext}: use kubectl --context ${name} (in ${path}).`
  } catch (error) {
    const text = `${(error as Error).message}; it was left as it is: mend it, or use export KUBECONFIG=${root}/kubeconfig`
    progress({ type: 'note', text })
    return `Its kubeconfig is ${root}/kubeconfig.`
  }
}
