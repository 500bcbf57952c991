import { AsyncQueue } from '../../../client/async-queue.ts'
import { type Clock, sleep } from '../../../machinery/clock.ts'
import type { Random } from '../../../machinery/random.ts'
import { labelNames } from '../../containers/labels.ts'
import { type Runtime, RuntimeError, type StreamingTarget } from '../runtime.ts'
import type {
  ContainerConfig,
  ContainerFilter,
  Image,
  PodSandboxConfig,
  PodSandboxFilter,
  PodSandboxStatus,
  RuntimeEvent,
  StringMap,
} from '../types.ts'
import { type Addresses, addressesOf } from './addresses.ts'
import { ByPod } from './by-pod.ts'
import { SimulatedContainer } from './containers.ts'
import type { SimulatedLatencies, SimulatedProgram } from './program.ts'

export interface SimulatedRuntimeOptions {
  readonly clock: Clock
  readonly random: Random
  readonly latencies?: SimulatedLatencies
  /** What a container does; absent: it runs until it is told to end. */
  readonly program?: (config: ContainerConfig, sandbox: PodSandboxConfig) => SimulatedProgram | undefined
  /** Called before each call with its method and id or image; what it throws is the answer. */
  readonly before?: (method: string, subject: string) => void
  /** Images that are there from the start. Others are pulled at once, unless `before` refuses. */
  readonly images?: readonly string[]
  /** Of the pods, until the kubelet knows the node's own range. */
  readonly podCidr?: string
  /** Writes logs to the files where the kubelet's server looks for them. Default: they are dropped. */
  readonly keepLogs?: boolean
}

interface Sandbox {
  readonly status: PodSandboxStatus
  readonly config: PodSandboxConfig
  readonly addresses: Addresses
}

/** A runtime in memory: a thousand nodes in one process, with failures and programs that a test gives. */
export function createSimulatedRuntime(options: SimulatedRuntimeOptions): Runtime {
  const { clock, random, latencies = {} } = options
  const sandboxes = new ByPod<Sandbox>(({ config }) => config.labels[labelNames.podUid] ?? '')
  const containers = new ByPod<SimulatedContainer>((container) => uidOf(container))
  const images = new Map<string, Image>((options.images ?? []).map((name) => [name, imageOf(name)]))
  const followers = new Set<AsyncQueue<RuntimeEvent>>()
  let addresses = addressesOf(
    options.podCidr ?? `10.${128 + Math.floor(random.float() * 127)}.${Math.floor(random.float() * 255)}.0/24`,
  )

  const id = () => (random.uuid() + random.uuid()).replaceAll('-', '')
  /** The frame of each call: what the test wants to happen, and the time it takes. */
  const call = async (method: keyof SimulatedLatencies | (string & {}), subject: string) => {
    options.before?.(method, subject)
    const ms = latencies[method as keyof SimulatedLatencies] ?? 0
    if (ms > 0) await sleep(clock, ms)
  }
  const tell = (type: RuntimeEvent['type'], containerId: string, podUid: string) => {
    for (const queue of followers) queue.push({ type, containerId, podUid })
  }
  const uidOf = (container: SimulatedContainer) => container.config.labels[labelNames.podUid] ?? ''
  const container = (containerId: string): SimulatedContainer => {
    const found = containers.get(containerId)
    if (found === undefined) throw missing('container', containerId)
    return found
  }
  const sandbox = (sandboxId: string): Sandbox => {
    const found = sandboxes.get(sandboxId)
    if (found === undefined) throw missing('sandbox', sandboxId)
    return found
  }
  const podOfSandbox = (sandboxId: string | undefined) =>
    sandboxId === undefined ? undefined : sandboxes.get(sandboxId)?.config.labels[labelNames.podUid]
  const selectedContainers = (filter: ContainerFilter = {}) =>
    [...containers.of(filter.labels?.[labelNames.podUid] ?? podOfSandbox(filter.sandboxId))].filter(
      (one) =>
        (filter.id === undefined || one.id === filter.id) &&
        (filter.sandboxId === undefined || one.sandboxId === filter.sandboxId) &&
        (filter.state === undefined || one.state === filter.state) &&
        hasLabels(one.config.labels, filter.labels),
    )
  const stopSandbox = (sandboxId: string) => {
    const found = sandboxes.get(sandboxId)
    if (found === undefined || found.status.state === 'notReady') return
    for (const one of selectedContainers({ sandboxId })) one.kill()
    for (const ip of found.status.ips) found.addresses.release(ip)
    sandboxes.set(sandboxId, { ...found, status: { ...found.status, state: 'notReady', ips: [] } })
  }

  return {
    name: 'simulated',
    version: async () => ({ runtimeName: 'simulated', runtimeVersion: '1', runtimeApiVersion: 'v1' }),
    async status() {
      await call('status', '')
      return {
        conditions: ['RuntimeReady', 'NetworkReady'].map((type) => ({ type, status: true, reason: '', message: '' })),
        handlers: [{ name: '', recursiveReadOnlyMounts: true, userNamespaces: true }],
        features: { supplementalGroupsPolicy: true, userNamespacesHostNetwork: false },
      }
    },
    cgroupDriver: async () => 'cgroupfs',
    async setPodCidr(cidr) {
      addresses = addressesOf(cidr)
    },

    async runPodSandbox(config, runtimeHandler) {
      await call('runPodSandbox', config.metadata.name)
      const { metadata, labels, annotations, securityContext } = config
      const sandboxId = id()
      const namespaces = securityContext.namespaces
      const ips = namespaces.network === 'node' ? [] : [addresses.take()]
      const status: PodSandboxStatus = {
        id: sandboxId,
        metadata,
        state: 'ready',
        createdAt: clock.now(),
        labels,
        annotations,
        runtimeHandler,
        ips,
        namespaces,
      }
      sandboxes.set(sandboxId, { status, config, addresses })
      tell('started', sandboxId, metadata.uid)
      return sandboxId
    },
    async stopPodSandbox(sandboxId) {
      await call('stopPodSandbox', sandboxId)
      const uid = sandboxes.get(sandboxId)?.config.metadata.uid
      stopSandbox(sandboxId)
      if (uid !== undefined) tell('stopped', sandboxId, uid)
    },
    async removePodSandbox(sandboxId) {
      await call('removePodSandbox', sandboxId)
      const found = sandboxes.get(sandboxId)
      if (found === undefined) return
      stopSandbox(sandboxId)
      for (const one of selectedContainers({ sandboxId })) containers.delete(one.id)
      sandboxes.delete(sandboxId)
      tell('deleted', sandboxId, found.config.metadata.uid)
    },
    podSandboxStatus: async (sandboxId) => sandbox(sandboxId).status,
    async listPodSandboxes(filter: PodSandboxFilter = {}) {
      return [...sandboxes.of(filter.labels?.[labelNames.podUid])]
        .map(({ status }) => status)
        .filter(
          (one) =>
            (filter.id === undefined || one.id === filter.id) &&
            (filter.state === undefined || one.state === filter.state) &&
            hasLabels(one.labels, filter.labels),
        )
    },

    async createContainer(sandboxId, config) {
      await call('createContainer', config.metadata.name)
      const { config: sandboxConfig, status } = sandbox(sandboxId)
      if (status.state !== 'ready')
        throw new RuntimeError('unknown', `sandbox ${JSON.stringify(sandboxId)} is not running`)
      const twin = selectedContainers({ sandboxId }).find(
        ({ config: { metadata } }) =>
          metadata.name === config.metadata.name && metadata.attempt === config.metadata.attempt,
      )
      if (twin !== undefined) {
        throw new RuntimeError('alreadyExists', `failed to reserve container name: name is reserved for ${twin.id}`)
      }
      const image = images.get(config.image.image) ?? [...images.values()].find((one) => one.id === config.image.image)
      if (image === undefined)
        throw new RuntimeError('notFound', `failed to resolve image ${JSON.stringify(config.image.image)}`)
      const made = new SimulatedContainer({
        id: id(),
        sandboxId,
        config,
        sandbox: sandboxConfig,
        program: options.program?.(config, sandboxConfig) ?? {},
        imageId: image.id,
        clock,
        keepLogs: options.keepLogs ?? false,
        onExit: (one) => tell('stopped', one.id, uidOf(one)),
      })
      containers.set(made.id, made)
      tell('created', made.id, uidOf(made))
      return made.id
    },
    async startContainer(containerId) {
      await call('startContainer', containerId)
      const found = container(containerId)
      found.start()
      tell('started', containerId, uidOf(found))
    },
    async stopContainer(containerId, timeoutSeconds) {
      await call('stopContainer', containerId)
      await containers.get(containerId)?.stop(timeoutSeconds)
    },
    async removeContainer(containerId) {
      await call('removeContainer', containerId)
      const found = containers.get(containerId)
      if (found === undefined) return
      found.kill()
      containers.delete(containerId)
      tell('deleted', containerId, uidOf(found))
    },
    containerStatus: async (containerId) => container(containerId).status(),
    listContainers: async (filter) => selectedContainers(filter).map((one) => one.container()),
    async updateContainerResources(containerId, resources) {
      await call('updateContainerResources', containerId)
      container(containerId).update(resources)
    },
    reopenContainerLog: async (containerId) => void container(containerId),

    async execSync(containerId, command, timeoutSeconds) {
      await call('execSync', containerId)
      const found = running(container(containerId))
      const nothing = { stdout: new Uint8Array(), stderr: new Uint8Array(), exitCode: 0 }
      const answer = found.program.exec?.(command, found.process)
      if (answer === undefined) return nothing
      if (timeoutSeconds === 0) return { ...nothing, ...(await answer) }
      const done = new AbortController()
      const late = sleep(clock, timeoutSeconds * 1000, done.signal).then(() => {
        throw new RuntimeError('deadlineExceeded', 'command timed out')
      })
      late.catch(() => {})
      try {
        return { ...nothing, ...(await Promise.race([answer, late])) }
      } finally {
        done.abort()
      }
    },
    async exec({ containerId, command }) {
      const found = running(container(containerId))
      return {
        kind: 'exec',
        async run({ stdout, stderr }) {
          const answer = (await found.program.exec?.(command, found.process)) ?? {}
          if (answer.stdout?.length) await stdout?.(answer.stdout)
          if (answer.stderr?.length) await stderr?.(answer.stderr)
          return answer.exitCode ?? 0
        },
      } satisfies StreamingTarget
    },
    async attach({ containerId }) {
      const found = running(container(containerId))
      const ended = new Promise<number>((resolve) =>
        found.process.killed.addEventListener('abort', () => resolve(137), { once: true }),
      )
      return { kind: 'exec', run: () => ended }
    },
    async portForward() {
      return {
        kind: 'ports',
        async dial(port) {
          throw new RuntimeError('unavailable', `nothing listens on port ${port} of a simulated pod`)
        },
      }
    },

    listContainerStats: async () => [],
    listPodSandboxStats: async () => [],

    listImages: async () => [...new Map([...images.values()].map((image) => [image.id, image])).values()],
    async imageStatus({ image }) {
      await call('imageStatus', image)
      return images.get(image) ?? [...images.values()].find((one) => one.id === image)
    },
    async pullImage({ image }) {
      await call('pullImage', image)
      const pulled = imageOf(image)
      images.set(image, pulled)
      return pulled.id
    },
    removeImage: async ({ image }) => {
      for (const [name, { id: its }] of images) if (name === image || its === image) images.delete(name)
    },
    imageFilesystems: async () => ({ images: [], containers: [] }),

    async *events(signal) {
      const queue = new AsyncQueue<RuntimeEvent>()
      followers.add(queue)
      const end = () => queue.end()
      signal.addEventListener('abort', end, { once: true })
      try {
        if (!signal.aborted) yield* queue
      } finally {
        signal.removeEventListener('abort', end)
        followers.delete(queue)
      }
    },
    close: async () => {},
  }
}

const missing = (what: string, id: string) =>
  new RuntimeError('notFound', `an error occurred when try to find ${what} ${JSON.stringify(id)}: not found`)

function running(container: SimulatedContainer): SimulatedContainer {
  if (container.state === 'running') return container
  throw new RuntimeError('unknown', `container is in CONTAINER_${container.state.toUpperCase()} state`)
}

function hasLabels(labels: StringMap, wanted: StringMap | undefined): boolean {
  for (const name in wanted) if (labels[name] !== wanted[name]) return false
  return true
}

function imageOf(name: string): Image {
  let hash = 0n
  for (const byte of Buffer.from(name)) hash = (hash * 0x100000001b3n + BigInt(byte)) % 2n ** 256n
  const digest = `sha256:${hash.toString(16).padStart(64, '0')}`
  return {
    id: digest,
    repoTags: [name],
    repoDigests: [],
    sizeBytes: 1_000_000,
    uid: undefined,
    username: '',
    pinned: false,
  }
}
