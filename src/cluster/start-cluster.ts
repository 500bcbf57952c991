import { existsSync, mkdirSync, createWriteStream, writeFileSync } from 'node:fs'
import { kubeconfig } from '../apiserver/pki/kubeconfig.ts'
import { createPki } from '../apiserver/pki/pki.ts'
import type { Clock } from '../machinery/clock.ts'
import { formatTime, systemClock } from '../machinery/clock.ts'
import { runCommand } from '../machinery/command.ts'
import { createLogger, type Logger, type LogLevel } from '../machinery/log.ts'
import { identify } from '../machinery/process-identity.ts'
import { systemRandom } from '../machinery/random.ts'
import { startControlPlane, type ControlPlane } from './control-plane.ts'
import { localVolumeFolder, offerLocalVolumes } from './local-volumes.ts'
import { openStore } from './open-store.ts'
import { startMachineNodes } from './node/machine-nodes.ts'

import { step, type Progress } from './progress.ts'
import { chooseSettings, type SettingsWish } from './setup/choose-settings.ts'
import { freeNetworkIndex } from './setup/free-network.ts'
import { checkDisk, checkPort, chooseRuntime } from './setup/preflight.ts'
import { apiServiceAddress, clusterDomain, hostAddress, type ClusterSettings } from './settings.ts'
import { clearState, readSettings, takeLock, writeSettings, writeState } from './state/cluster-state.ts'
import type { ClusterPaths } from './state/paths.ts'
import { machineHostOf, removeLeftovers } from './teardown.ts'

export interface StartClusterOptions {
  readonly paths: ClusterPaths
  readonly wish: SettingsWish
  /** The containerd to use, instead of that on PATH. */
  readonly containerd?: string
  /** Registry → where its images are pulled from. */
  readonly mirrors: Readonly<Record<string, string>>
  readonly logLevel: LogLevel
  readonly progress: Progress
  readonly signal: AbortSignal
}

export interface RunningCluster {
  readonly settings: ClusterSettings
  readonly server: string
  /** The administrator's, as YAML. */
  readonly kubeconfig: string
  readonly controlPlane: ControlPlane
  /** Rejects when the cluster cannot go on. */
  readonly failed: Promise<never>
  stop(progress: Progress): Promise<void>
}

/** What was started, in order, to be ended in reverse when the start fails or the cluster ends. */
type Undo = (progress: Progress) => Promise<void>

/** Starts the cluster of a folder, or brings it back. When it throws, nothing that it made is left but the data. */
export async function startCluster(options: StartClusterOptions): Promise<RunningCluster> {
  const { paths, progress } = options
  const clock = systemClock
  const lock = takeLock(paths)
  if ('holder' in lock)
    throw new Error(
      `a cluster runs in ${paths.root} already (process ${lock.holder.pid}): see skiff status, or end it with skiff down`,
    )
  const undo: Undo[] = [async () => lock.release()]
  const stop: Undo = async (show) => {
    for (const one of undo.toReversed()) await one(show)
    undo.length = 0
  }
  try {
    return await start(options, clock, undo, stop)
  } catch (error) {
    await stop(() => {})
    await removeLeftovers(paths, () => {}, { data: false }).catch(() => {})
    progress({ type: 'note', text: 'Nothing of the failed start is left but its data and logs.' })
    throw error
  }
}

async function start(options: StartClusterOptions, clock: Clock, undo: Undo[], stop: Undo): Promise<RunningCluster> {
  const { paths, wish, progress } = options
  checkDisk(paths.root)
  const before = readSettings(paths)
  const runtime = await chooseRuntime(wish.runtime ?? before?.runtime, options.containerd, runCommand, progress)
  const settings = chooseSettings(wish, before, { runtime, freeIndex: freeNetworkIndex })
  await checkPort('127.0.0.1', settings.port)
  writeSettings(paths, settings)
  for (const folder of [paths.logs, paths.nodes]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  const log = fileLogger(paths, options.logLevel, clock)
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})

  const real = settings.runtime === 'containerd'
  const host = real ? machineHostOf(settings.network, log) : undefined
  if (host) {
    await step(progress, 'network', () => host.open())
    undo.push(() => host.close())
  }
  const bridge = hostAddress(settings.network)
  const server = `https://127.0.0.1:${settings.port}`
  const pki = createPki({ folder: paths.pki, clock })
  const controlPlane = await step(progress, 'API server', async () => {
    const store = await openStore(settings.store, paths.store, clock, log)
    return startControlPlane({
      store,
      pki,
      listen: {
        addresses: ['127.0.0.1', ...(real ? [bridge] : [])],
        port: settings.port,
        hosts: [
          'localhost',
          '127.0.0.1',
          bridge,
          apiServiceAddress(settings.network),
          'kubernetes',
          'kubernetes.default',
          'kubernetes.default.svc',
          `kubernetes.default.svc.${clusterDomain}`,
        ],
      },
      publicServer: `https://${bridge}:${settings.port}`,
      podCidrs: [settings.network.pods],
      localVolumeFolder,
      serviceCidrs: [settings.network.services],
      advertise: { address: bridge, port: settings.port },
      serverOptions: settings.apiServer,
      clock,
      random: systemRandom,
      log,
    })
  })
  undo.push(() => controlPlane.stop())
  await offerLocalVolumes(controlPlane.client)
  const admin = pki.admin()
  const text = kubeconfig({
    cluster: settings.name,
    user: `${settings.name}-admin`,
    server,
    authorityPem: pki.clusterAuthority.certificatePem,
    clientCertificatePem: admin.certificatePem,
    clientKeyPem: admin.privateKeyPem,
  })
  writeFileSync(paths.kubeconfig, text, { mode: 0o600 })
  const state = {
    process: identify(process.pid)!,
    server,
    startedAt: formatTime(clock.now()),
    readyzMs: Math.round(performance.now()),
  }
  writeState(paths, state)
  undo.push(async () => clearState(paths))
  await step(progress, 'controllers and scheduler', () => controlPlane.startWorkers())

  const shared = { settings, paths, pki, controlPlane, clock, log, progress, signal: options.signal }
  const nodes = host
    ? await startMachineNodes({
        ...shared,
        host,
        containerd: options.containerd,
        mirrors: options.mirrors,
        logLevel: options.logLevel,
      })
    : await (await import('./node/simulated-nodes.ts')).startSimulatedNodes(shared)
  undo.push((show) => nodes.stop(show))
  writeState(paths, { ...state, readyAt: formatTime(clock.now()) })
  return { settings, server, kubeconfig: text, controlPlane, failed: failure.promise, stop }
}

function fileLogger(paths: ClusterPaths, level: LogLevel, clock: Clock): Logger {
  const file = createWriteStream(paths.log('cluster'), {
    flags: existsSync(paths.log('cluster')) ? 'a' : 'w',
    mode: 0o600,
  })
  return createLogger({ level, write: (line) => void file.write(line), now: () => clock.now() })
}
