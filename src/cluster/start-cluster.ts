import { createWriteStream, existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { kubeconfig } from '../apiserver/pki/kubeconfig.ts'
import { createPki } from '../apiserver/pki/pki.ts'
import type { Clock } from '../machinery/clock.ts'
import { formatTime, systemClock } from '../machinery/clock.ts'
import { CommandError, runCommand } from '../machinery/command.ts'
import { createLogger, type Logger, type LogLevel } from '../machinery/log.ts'
import { identify } from '../machinery/process-identity.ts'
import { systemRandom } from '../machinery/random.ts'
import type { ControlPlane } from './control-plane.ts'
import { beginOpenStore } from './open-store.ts'
import { MachineError } from './machine/machine.ts'
import { step, type Progress } from './progress.ts'
import { chooseSettings, type SettingsWish, usualPort } from './setup/choose-settings.ts'
import { hostMtu } from './setup/default-route.ts'
import { freeNetworkIndex } from './setup/free-network.ts'
import { checkDisk, checkPort, chooseRuntime } from './setup/preflight.ts'
import { apiServiceAddress, clusterDomain, hostAddress, type ClusterSettings } from './settings.ts'
import { listeningPorts } from './setup/listening-ports.ts'
import { kernelProblem } from './setup/kernel.ts'
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

/**
 * What was started, in order, to be ended in reverse when the start fails or the cluster ends. With `keep` containers and
 * what they need stay.
 */
type Undo = (progress: Progress, options: { keep: boolean }) => Promise<void>

/** The start was given up on the user's wish. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  constructor() {
    super('interrupted before the cluster was ready')
  }
}

/**
 * Starts the cluster of a folder, or brings it back. When it throws, nothing that it made is left but the data; containers
 * that ran before, after a crash, then still run.
 */
export async function startCluster(options: StartClusterOptions): Promise<RunningCluster> {
  const { paths, progress } = options
  const clock = systemClock
  const lock = takeLock(paths)
  if ('holder' in lock)
    throw new Error(
      `a cluster runs in ${paths.root} already (process ${lock.holder.pid}): see skiff status, or end it with skiff down`,
    )
  const undo: Undo[] = [async () => lock.release()]
  const stop: Undo = async (show, how) => {
    const errors: unknown[] = []
    // What cannot be undone must not keep the rest.
    for (const one of undo.splice(0).toReversed()) await one(show, how).catch((error: unknown) => errors.push(error))
    if (errors.length > 0) throw new AggregateError(errors, 'not all of the cluster could be ended')
  }
  const isNew = !existsSync(paths.settings)
  let alive = false
  try {
    alive = nodesAlive(paths)
    return await start(options, clock, undo, (show) => stop(show, { keep: false }), alive)
  } catch (error) {
    const interrupted = options.signal.aborted
    const keep = alive && !interrupted
    const problem = interrupted ? undefined : await kernelProblemBehind(error, paths)
    await stop(() => {}, { keep }).catch(() => {})
    const stuck = keep
      ? undefined
      : await removeLeftovers(paths, () => {}, { data: false }).then(
          () => undefined,
          (also: Error) => also.message,
        )
    if (isNew) removeIfEmpty(paths.root)
    const left = stuck
      ? `Not all of the failed start could be removed (${stuck}): once that is mended, skiff down does it.`
      : keep
        ? 'The containers of before still run: skiff up brings the cluster back, skiff down ends them.'
        : isNew && !existsSync(paths.root)
          ? 'Nothing was started.'
          : 'Nothing of the failed start is left but its data and logs.'
    progress({ type: 'note', text: left })
    if (interrupted) throw new Interrupted()
    throw problem === undefined ? error : new Error(problem, { cause: error })
  }
}

/** Whether a machine of this cluster runs, after a Skiff that was killed. */
function nodesAlive(paths: ClusterPaths): boolean {
  const settings = readSettings(paths)
  if (settings?.runtime !== 'containerd' || !existsSync(paths.nodes)) return false
  const host = machineHostOf(settings.network, paths)
  return readdirSync(paths.nodes).some((name) => host.find(paths.node(name)) !== undefined)
}

/** What the kernel lacks, when a tool of the system or a node's own programs failed for want of it. */
async function kernelProblemBehind(error: unknown, paths: ClusterPaths): Promise<string | undefined> {
  const madeByUs = !(error instanceof CommandError) && !(error instanceof MachineError)
  return madeByUs || readSettings(paths)?.runtime !== 'containerd' ? undefined : await kernelProblem(runCommand)
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // Something lies in it.
  }
}

async function start(
  options: StartClusterOptions,
  clock: Clock,
  undo: Undo[],
  stop: RunningCluster['stop'],
  alive: boolean,
): Promise<RunningCluster> {
  const { paths, wish, signal } = options
  const progress: Progress = (event) => {
    if (event.type === 'step' && signal.aborted) throw new Interrupted()
    options.progress(event)
  }
  checkDisk(paths.root)
  const before = readSettings(paths)
  const runtime = await chooseRuntime(wish.runtime ?? before?.runtime, options.containerd, runCommand, progress)
  const ports = before === undefined ? listeningPorts() : new Set<number>()
  const settings = chooseSettings(wish, before, {
    runtime,
    freeIndex: () =>
      freeNetworkIndex(
        (network) =>
          (wish.port !== undefined || !ports.has(usualPort(network.index))) &&
          (runtime === 'simulated' || machineHostOf(network, paths).claim()),
      ),
  })
  if (settings.runtime === 'containerd' && !alive) {
    const unopened = machineHostOf(settings.network, paths)
    undo.push(() => unopened.close())
  }
  await checkPort('127.0.0.1', settings.port)
  writeSettings(paths, settings)
  for (const folder of [paths.logs, paths.nodes]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  const log = fileLogger(paths, options.logLevel, clock)
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})

  // A thread reads what is stored while the modules of the server are loaded here, which takes the longest.
  const opening = await beginOpenStore(settings.store, paths.store, clock, log)
  undo.push(() => opening.close())
  const { startControlPlane } = await import('./control-plane.ts')
  const { localVolumeFolder, localVolumeObjects } = await import('./local-volumes.ts')
  const { offerObjects } = await import('./offered-objects.ts')
  const { machineHosts, servingApproverObjects } = await import('./serving-approver.ts')

  const real = settings.runtime === 'containerd'
  const host = real ? machineHostOf(settings.network, paths, { log, mtu: hostMtu() }) : undefined
  if (host) {
    undo.push((_show, { keep }) => (keep ? Promise.resolve() : host.close()))
    await step(progress, 'network', () => host.open())
  }
  const bridge = hostAddress(settings.network)
  const server = `https://127.0.0.1:${settings.port}`
  const pki = createPki({ folder: paths.pki, clock })
  const localKubelets = new Map<string, () => Duplex>()
  const controlPlane = await step(progress, 'API server', async () => {
    return startControlPlane({
      store: await opening.store,
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
      servingHosts: real ? machineHosts(settings) : undefined,
      localKubelets,
      clock,
      random: systemRandom,
      log,
    })
  })
  undo.push(() => controlPlane.stop())
  await offerObjects(controlPlane.client, [...localVolumeObjects, ...(real ? servingApproverObjects : [])])
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
  const workers = step(progress, 'controllers and scheduler', () => controlPlane.startWorkers())
  workers.catch(() => {})
  if (!host) await workers

  const shared = { settings, paths, pki, controlPlane, clock, log, progress, signal }
  const nodes = host
    ? await (await import('./node/machine-nodes.ts')).startMachineNodes({
        ...shared,
        host,
        containerd: options.containerd,
        mirrors: options.mirrors,
        logLevel: options.logLevel,
        keepOnFailure: alive,
      })
    : await (await import('./node/simulated-nodes.ts')).startSimulatedNodes({ ...shared, localKubelets })
  undo.push((show, how) => nodes.stop(show, how))
  await workers
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
