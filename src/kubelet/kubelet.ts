import { join } from 'node:path'
import { nodes } from '../api/core/v1/node.ts'
import { pods } from '../api/core/v1/pod.ts'
import { services } from '../api/core/v1/service.ts'
import type { Node, Pod, Service } from '../api/types.generated.ts'
import { createEventRecorder } from '../client/events/core-event-recorder.ts'
import type { Informer } from '../client/informer.ts'
import { createInformerFactory } from '../client/informer-factory.ts'
import { sleep } from '../machinery/clock.ts'
import { runCommand } from '../machinery/command.ts'
import type { Component } from '../machinery/component.ts'
import { refusePod } from './admission/admit-pod.ts'
import { createCgroupfs } from './cgroups/cgroupfs.ts'
import { createContainerCollector } from './collection/container-collector.ts'
import { orphanedPods } from './collection/orphaned-pods.ts'
import { claimMetrics } from './devices/claim-metrics.ts'
import { createClaimCheckpoint } from './devices/claim-checkpoint.ts'
import { DraDrivers } from './devices/dra-drivers.ts'
import { watchPlugins } from './devices/plugin-watcher.ts'
import { PreparedClaims } from './devices/prepared-claims.ts'
import { createEvictor } from './eviction/evictor.ts'
import { pressureNames } from './eviction/pressure.ts'
import { createLinuxHost } from './host/linux-host.ts'
import type { PodHost } from './host/pod-host.ts'
import { type Chore, keepHouse } from './housekeeping.ts'
import { createImageCollector } from './images/image-collector.ts'
import { createImagePuller } from './images/image-puller.ts'
import { createPullRecords } from './images/pull-records.ts'
import { rotateLog } from './logs/log-rotation.ts'
import { BackOff } from './lifecycle/back-off.ts'
import { nodeResources } from './node/capacity.ts'
import { keepLease } from './node/lease.ts'
import { availableMemory, diskSpace, thisMachine } from './node/machine.ts'
import { createNodeReporter } from './node/node-reporter.ts'
import { nodeStatus } from './node/node-status.ts'
import { StartupMetrics } from './node/startup-metrics.ts'
import { createRuntimeState } from './node/runtime-state.ts'
import { createWatchedObjects } from './objects/referenced-objects.ts'
import { createPodCertificates } from './certificates/pod-certificates.ts'
import { createTokenManager } from './objects/token-manager.ts'
import { createVolumeSources, trustsBundles } from './objects/volume-sources.ts'
import { createRuntimeClasses } from './objects/runtime-classes.ts'
import { createChangeWatcher } from './observation/change-watcher.ts'
import { createPodObserver } from './observation/pod-observer.ts'
import { defaultPaths, type KubeletOptions } from './options.ts'
import { createPodIntake } from './pod-intake.ts'
import { ProbeMetrics } from './probes/probe-metrics.ts'
import { createProbeManager } from './probes/probe-manager.ts'
import { createPodResizes } from './resizes/pod-resizes.ts'
import { followManifests } from './static-pods/manifest-folder.ts'
import { createStaticPods } from './static-pods/static-pods.ts'
import { createStatusManager } from './status/status-manager.ts'
import type { WorkerPhase } from './workers/pod-worker.ts'
import { createPodWorkers } from './workers/pod-workers.ts'
import { isMirrorPod } from './pods/static-pods.ts'
import { VolumeMetrics } from './volumes/volume-metrics.ts'
import { measuredCgroups } from './cgroups/measured-cgroups.ts'
import { measuredImages } from './images/image-metrics.ts'
import { RelistMetrics } from './observation/relist-metrics.ts'
import type { GroupsOfPods } from './stats/container-uses.ts'
import { PodWorkMetrics } from './stats/pod-work-metrics.ts'
import { statusSyncSeconds } from './status/status-metrics.ts'
import type { WorkerContext } from './workers/worker-context.ts'

/** A node's agent: runs the pods that are bound to the node and tells how they and the node fare. */
export interface Kubelet extends Component {
  readonly nodeName: string
  /** The pods of the node, with the status last worked out. */
  pods(): readonly Pod[]
  pod(uid: string): Pod | undefined
  /** The node's object as last known. */
  node(): Node | undefined
  /** How many pods there are by how far their workers are; static ones by themselves. */
  workers(): readonly { readonly pod: Pod; readonly phase: WorkerPhase; readonly wanted: boolean }[]
  mirrorPods(): number
  /** Where a volume of a pod is; undefined: it is not mounted. */
  volumePath(uid: string, name: string): string | undefined
  /** Below which the pod's logs are. */
  logDirectory(pod: Pod): string
  /** Where the control groups of pods are; undefined: on a simulated machine. */
  readonly groups: GroupsOfPods | undefined
}

const runtimeCheckMs = 5000
const startingCheckMs = 100

/** Makes a kubelet. `stop` leaves containers running: the next kubelet adopts them. */
export function createKubelet(options: KubeletOptions): Kubelet {
  const { nodeName, client, runtime, clock, random, log, nodeIPs } = options
  const paths = { ...defaultPaths, ...options.paths }
  const events =
    options.events ?? createEventRecorder({ client, component: 'kubelet', host: nodeName, clock, random, log })
  const informers = options.informers ?? createInformerFactory({ client, clock, log, random })
  const machine = thisMachine()
  const evictionMemoryBytes = options.evictionHard?.memoryAvailableBytes ?? 100 * 2 ** 20
  const logLimits = options.containerLogs ?? { maxBytes: 10 * 2 ** 20, maxFiles: 5 }
  const stopped = new AbortController()
  const tasks: Promise<unknown>[] = []

  const ownPods: Informer<Pod> = informers.for(pods, { fieldSelector: `spec.nodeName=${nodeName}` })
  const ownNode: Informer<Node> = informers.for(nodes, { fieldSelector: `metadata.name=${nodeName}` })

  const { metrics } = options
  const work = metrics && new PodWorkMetrics(metrics, clock)
  const statusSync = metrics && statusSyncSeconds(metrics)
  const evictions = metrics?.counter('kubelet_evictions', 'Pods that the node drove off.', ['eviction_signal'])
  const observer = createPodObserver({ runtime, clock })
  const runtimeState = createRuntimeState({ runtime, clock })
  const runtimeClasses = createRuntimeClasses(informers)
  const tokens = createTokenManager({ client, clock })
  const objects = createWatchedObjects({ informers, onChange: (uids) => uids.forEach((uid) => workers.notice(uid)) })
  const certificates = createPodCertificates({
    client,
    informers,
    events,
    clock,
    random,
    log,
    nodeName,
    nodeUid: () => reporter.node?.metadata.uid,
    onAnswer: (uid) => workers.notice(uid),
  })
  const onTrustChange = () => {
    for (const worker of workers.all()) if (trustsBundles(worker.pod)) worker.notice()
  }
  const cgroupfs = () => createCgroupfs({ root: options.cgroupRoot ?? '/', clock })
  const host: PodHost =
    options.host ??
    createLinuxHost({
      ...paths,
      cgroups: metrics === undefined ? cgroupfs() : measuredCgroups(cgroupfs(), metrics, clock),
      volumeMetrics: metrics && new VolumeMetrics(metrics, clock),
      memoryBytes: machine.memoryBytes,
      sources: createVolumeSources({ client, informers, objects, tokens, certificates, onTrustChange }),
      run: options.run ?? runCommand,
      maxPods: options.maxPods ?? 110,
      clock,
      random,
    })
  const allServices: Informer<Service> | undefined = host.fillsContainers ? informers.for(services) : undefined
  const resources = nodeResources({
    machine: { ...machine, memoryBytes: host.resources.memoryBytes },
    diskBytes: options.host === undefined ? diskSpace(join(paths.rootDir, '/..')).capacityBytes : 2 ** 40,
    hugepageSizes: host.resources.hugepageSizes,
    maxPods: options.maxPods ?? 110,
    reserved: options.reserved ?? {},
    evictionMemoryBytes,
    override: options.capacity ?? {},
  })
  const statuses = createStatusManager({
    client,
    clock,
    log,
    current: (uid) => intake.get(uid),
    mirrorOf: (uid) => staticPods.mirrorOf(uid),
    told: statusSync && ((seconds) => statusSync.observe(seconds)),
  })
  const withStatus = (pod: Pod): Pod => {
    const status = statuses.get(pod.metadata.uid ?? '')
    return status === undefined ? pod : { ...pod, status }
  }
  const probes = createProbeManager({
    runtime,
    metrics: options.probeMetrics && new ProbeMetrics(options.probeMetrics),
    clock,
    events,
    current: (uid) => {
      const pod = workers.get(uid)?.pod
      return pod && withStatus(pod)
    },
    onResult: (uid) => workers.notice(uid),
  })

  const othersThan = (uid: string) =>
    workers
      .all()
      .filter(({ phase, pod }) => phase === 'running' && pod.metadata.uid !== uid)
      .map(({ pod }) => resizes.allocated(pod))
  const refusalOf = (pod: Pod) => {
    const { node } = reporter
    if (node === undefined) return undefined
    const others = othersThan(pod.metadata.uid ?? '')
    const allowedUnsafeSysctls = options.allowedUnsafeSysctls ?? []
    return refusePod({ pod, others, node, allowedUnsafeSysctls, pressure: pressureNames(evictor.pressure()) })
  }
  const resizes = createPodResizes({
    runtime,
    host,
    events,
    refuse: (pod) => refusalOf(pod)?.message,
    onFreed: () => retryResizes(),
  })
  const retryResizes = () => {
    for (const uid of resizes.pending()) workers.notice(uid)
  }

  const drivers = host.fillsContainers
    ? new DraDrivers({
        client,
        nodeName,
        isNodeKnown: () => reporter.node !== undefined,
        clock,
        log,
        signal: stopped.signal,
      })
    : undefined
  const took = metrics && claimMetrics(metrics)
  const devices =
    drivers &&
    new PreparedClaims({
      client,
      driver: (name) => drivers.get(name),
      checkpoint: createClaimCheckpoint(join(paths.rootDir, 'dra_manager_state')),
      clock,
      took,
    })
  const handlerNamed = (name: string) => runtimeState.handlers().find((handler) => handler.name === name)
  const pullRecords = createPullRecords(host.imageRecords)
  const imageMetrics = metrics && work && measuredImages(metrics, work, pullRecords)
  const context: WorkerContext = {
    runtime,
    host,
    observer,
    images: createImagePuller({ runtime, clock, records: pullRecords, metrics: imageMetrics }),
    metrics: work,
    objects,
    crashBackOff: new BackOff({ clock, initialMs: 10_000, maxMs: 300_000, forgetAfterMs: 600_000 }),
    clock,
    log,
    events,
    clusterDNS: options.clusterDNS,
    clusterDomain: options.clusterDomain,
    statuses: {
      ...statuses,
      set(pod, status, running) {
        const kept = statuses.set(pod, status, running)
        probes.notice(pod.metadata.uid ?? '')
        return kept
      },
    },
    probes,
    resizes,
    runtimeName: runtime.name,
    hostIPs: () => nodeIPs,
    networkError: () => runtimeState.networkError(),
    services() {
      if (allServices?.synced !== true) {
        throw new Error('services have not yet been read at least once, cannot construct envvars')
      }
      return allServices.list()
    },
    facts: (pod, podIPs) => ({ pod, podIPs, hostIPs: nodeIPs, allocatable: resources.allocatable }),
    async pullSecrets(pod) {
      const names = host.fillsContainers ? (pod.spec.imagePullSecrets ?? []) : []
      const found = await Promise.allSettled(
        names.map(({ name = '' }) => objects.secret(pod.metadata.namespace ?? '', name)),
      )
      return found.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    },
    runtimeHandler: (pod) => runtimeClasses.handler(pod),
    async userMappings(pod) {
      if (pod.spec.hostUsers !== false) return undefined
      const name = await runtimeClasses.handler(pod)
      if (handlerNamed(name)?.userNamespaces !== true) throw new Error(noUserNamespaces(name))
      return host.userMappings(pod.metadata.uid ?? '')
    },
    recursiveReadOnly: (name) => handlerNamed(name)?.recursiveReadOnlyMounts ?? false,
    devices,
  }

  const collector = createContainerCollector({ runtime, host, log })
  const workers = createPodWorkers(context, {
    onGone(pod) {
      const uid = pod.metadata.uid ?? ''
      probes.remove(uid)
      work?.forget(uid)
      objects.remove(uid)
      tokens.forget(uid)
      certificates.forget(uid)
      statuses.forget(uid)
      observer.forget(uid)
      retryResizes()
      staticPods.ended(uid)
      collector.removePod(uid).catch((error: unknown) => log.warn('pod could not be removed', { uid, error }))
    },
  })
  const diskOf = (folder: string) => {
    try {
      return diskSpace(folder)
    } catch {
      return undefined
    }
  }
  const images = createImageCollector({
    runtime,
    clock,
    log,
    events,
    nodeName,
    disk: diskOf,
    highPercent: options.imageGc?.highPercent ?? 85,
    lowPercent: options.imageGc?.lowPercent ?? 80,
    onCollected: (left) => pullRecords.keepOnly(left),
  })
  const evictor = createEvictor({
    runtime,
    host,
    clock,
    log,
    events,
    thresholds: {
      memoryAvailableBytes: evictionMemoryBytes,
      nodefsAvailablePercent: options.evictionHard?.nodefsAvailablePercent ?? 0,
    },
    observe() {
      const disk = diskOf(paths.rootDir)
      return {
        memoryAvailableBytes: availableMemory(),
        diskAvailableBytes: disk?.availableBytes ?? 0,
        diskCapacityBytes: disk?.capacityBytes ?? 0,
        inodesFree: disk?.inodesFree ?? 0,
        inodes: disk?.inodes ?? 0,
      }
    },
    pods: () =>
      workers
        .all()
        .filter(({ phase }) => phase === 'running')
        .map(({ pod }) => pod),
    evict: (uid, eviction) => workers.evict(uid, eviction),
    async reclaimDisk() {
      await collector.collect(isKnown)
      return images.removeUnused()
    },
    onPressure: () => reporter.notice(),
    evicted: evictions && ((signal) => evictions.labels(signal).inc()),
  })
  const changes = createChangeWatcher({
    runtime,
    clock,
    log,
    onChange: (uid) => workers.runtimeChanged(uid),
    metrics: metrics && new RelistMetrics(metrics, clock),
  })

  const reporter = createNodeReporter({
    client,
    clock,
    log,
    events,
    nodeName,
    machine,
    labels: options.labels ?? {},
    taints: options.taints ?? [],
    watched: () => ownNode.get(nodeName),
    startup: metrics && new StartupMetrics(metrics, clock),
    status: async (old) =>
      nodeStatus({
        nodeName,
        nodeIPs,
        machine,
        ...resources,
        port: options.port ?? 10250,
        runtimeName: runtime.name,
        runtimeVersion: runtimeState.version(),
        handlers: runtimeState.handlers(),
        features: runtimeState.features(),
        images: await runtime.listImages().catch(() => []),
        pressure: evictor.pressure(),
        errors: [runtimeState.runtimeError(), runtimeState.networkError()].filter((error) => error !== undefined),
        old,
        now: clock.now(),
      }),
  })

  const staticPods = createStaticPods({
    client,
    log,
    node: () => reporter.node,
    onAdd: (pod) => intake.takeStatic(pod),
    onRemove: (uid) => workers.remove(uid),
    onMirror: (uid) => statuses.tellAgain(uid),
    isActive: (uid) => workers.get(uid) !== undefined,
  })
  const intake = createPodIntake({
    workers,
    statuses,
    staticPods,
    events,
    refuse: refusalOf,
    refer: (pod) => host.fillsContainers && objects.add(pod),
    unrefer: (uid) => objects.remove(uid),
  })
  const isKnown = (uid: string) =>
    intake.get(uid) !== undefined || staticPods.get(uid) !== undefined || workers.get(uid) !== undefined

  let podCidr: string | undefined
  const takeCidr = ({ spec }: Node) => {
    if (!spec.podCIDR || spec.podCIDR === podCidr) return
    podCidr = spec.podCIDR
    runtime
      .setPodCidr(podCidr)
      .catch((error: unknown) => log.warn('the runtime did not take the range of pods', { error }))
  }
  /** Whatever runs and is no pod of this node any more is ended; what its like left behind is removed. */
  const endOrphans = async () => {
    for (const pod of await orphanedPods(runtime, isKnown)) {
      work?.orphaned()
      workers.endOrphan(pod)
    }
    for (const uid of await host.knownPods()) if (!isKnown(uid)) await host.cleanUp(uid)
  }
  const rotateLogs = async () => {
    for (const worker of workers.all()) {
      for (const { id, state, logPath } of worker.runtime.containers) {
        if (state === 'running') await rotateLog(runtime, id, logPath, logLimits, clock.now())
      }
    }
  }
  const chores: Chore[] = [
    { name: 'collect containers', everyMs: 60_000, work: () => collector.collect(isKnown) },
    { name: 'end orphans', everyMs: 60_000, work: endOrphans },
    ...(devices ? [{ name: 'take back devices', everyMs: 60_000, work: () => devices.reconcile(isKnown) }] : []),
    ...(host.fillsContainers
      ? [
          { name: 'rotate logs', everyMs: 10_000, work: rotateLogs },
          { name: 'collect images', everyMs: 300_000, work: () => images.collect() },
          { name: 'watch for pressure', everyMs: 10_000, work: () => evictor.check() },
          { name: 'mirror static pods', everyMs: 60_000, work: () => staticPods.reconcile() },
        ]
      : []),
  ]
  const askRuntime = async () => {
    while (!stopped.signal.aborted) {
      const before = [runtimeState.runtimeError(), runtimeState.networkError()].join()
      await runtimeState.ask()
      const after = [runtimeState.runtimeError(), runtimeState.networkError()].join()
      if (before !== after) {
        reporter.notice()
        for (const worker of workers.all()) worker.notice()
      }
      await sleep(clock, after === ',' ? runtimeCheckMs : startingCheckMs, stopped.signal).catch(() => {})
    }
  }

  const takeUpPods = async () => {
    await ownPods.whenSynced(stopped.signal)
    intake.takeAll(ownPods.list())
    ownPods.subscribe(intake)
    changes.start()
    ownNode.subscribe({ added: takeCidr, updated: takeCidr })
    await endOrphans()
  }

  return {
    name: `kubelet ${nodeName}`,
    nodeName,
    pods: () => intake.list().map(withStatus),
    pod(uid) {
      const pod = intake.get(uid) ?? staticPods.get(uid)
      return pod && withStatus(pod)
    },
    node: () => reporter.node,
    workers: () =>
      workers.all().map(({ pod, phase, uid }) => ({
        pod: withStatus(pod),
        phase,
        wanted: intake.get(uid) !== undefined || staticPods.get(uid) !== undefined,
      })),
    mirrorPods: () => ownPods.list().filter(isMirrorPod).length,
    volumePath: (uid, name) => host.volumePath(uid, name),
    logDirectory: (pod) => host.logDirectory(pod),
    groups: host.fillsContainers
      ? {
          version: host.resources.cgroupVersion,
          parentOf(uid) {
            const pod = workers.get(uid)?.pod
            return pod && host.cgroupParent(pod)
          },
        }
      : undefined,
    async start() {
      await host.start()
      await runtimeState.ask()
      const { signal } = stopped
      log.info('kubelet started', { node: nodeName })
      tasks.push(askRuntime(), reporter.run(signal))
      tasks.push(
        keepLease({ client, clock, log, nodeName, durationSeconds: options.leaseDurationSeconds ?? 40, signal }),
      )
      tasks.push(
        takeUpPods().catch((error: unknown) => signal.aborted || log.error('pods could not be taken up', { error })),
      )
      tasks.push(keepHouse({ chores, clock, log, signal }))
      if (drivers !== undefined) {
        const folder = join(paths.rootDir, 'plugins_registry')
        tasks.push(
          drivers.start(),
          watchPlugins({ folder, handlers: { DRAPlugin: drivers }, clock, log, signal }).catch((error: unknown) =>
            log.error('plugins cannot be followed', { error }),
          ),
        )
      }
      if (paths.staticPodsDir !== undefined) {
        const { staticPodsDir: folder } = paths
        const onPods = (found: readonly Pod[]) => staticPods.set(found)
        tasks.push(
          followManifests({ folder, nodeName, clock, log, onPods, signal }).catch((error: unknown) =>
            log.error('manifests cannot be followed', { error }),
          ),
        )
      }
    },
    async stop() {
      stopped.abort()
      probes.stop()
      await changes.stop()
      await workers.stop()
      await statuses.stop()
      await Promise.allSettled(tasks)
      if (options.informers === undefined) await informers.stop()
      if (options.events === undefined) events.stop()
      await host.stop()
    },
  }
}

function noUserNamespaces(handler: string): string {
  const what = handler === '' ? 'runtime' : `RuntimeClass handler ${JSON.stringify(handler)}`
  return `can't set \`spec.hostUsers: false\`, ${what} does not support user namespaces`
}
