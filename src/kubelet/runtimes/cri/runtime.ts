import { isRuntimeError, type Runtime, RuntimeError } from '../runtime.ts'
import type { ContainerFilter, PodSandboxFilter, RuntimeEvent } from '../types.ts'
import { openChannel } from './channel.ts'
import {
  containerConfigIn,
  containerOut,
  containerStateNumber,
  containerStatsOut,
  containerStatusOut,
  filesystemOut,
  imageOut,
  sandboxConfigIn,
  sandboxOut,
  sandboxStatsOut,
  sandboxStatusOut,
} from './convert.ts'
import { methods } from './messages.ts'

export interface CriRuntimeOptions {
  /** Path of the runtime's unix socket: `/run/containerd/containerd.sock`. */
  readonly socketPath: string
}

/** Seconds that most calls may take (upstream's runtimeRequestTimeout); sandboxes twice that. */
const timeout = { deadlineSeconds: 120 }
const sandboxTimeout = { deadlineSeconds: 240 }

/** A runtime behind the CRI's socket. Needs `runtime.v1`: containerd 1.6 and later, CRI-O 1.23 and later. */
export function createCriRuntime({ socketPath }: CriRuntimeOptions): Runtime {
  const channel = openChannel(socketPath)
  const call: typeof channel.call = (method, request, options = timeout) => channel.call(method, request, options)
  const gone = async (work: Promise<unknown>) => {
    try {
      await work
    } catch (error) {
      if (!isRuntimeError(error, 'notFound')) throw error
    }
  }
  const sandboxFilter = (filter: PodSandboxFilter = {}) => ({
    ...filter,
    state: filter.state && { state: filter.state === 'ready' ? 0 : 1 },
  })
  const containerFilter = (filter: ContainerFilter = {}) => ({
    ...filter,
    state: filter.state && { state: containerStateNumber(filter.state) },
  })

  return {
    name: 'containerd',
    version: () => call(methods.version, { version: '0.1.0' }),
    async status() {
      const { status, handlers, features } = await call(methods.status, {})
      return {
        conditions: status?.conditions ?? [],
        handlers: handlers.map(({ name, features: can }) => ({
          name,
          recursiveReadOnlyMounts: can?.recursiveReadOnlyMounts ?? false,
          userNamespaces: can?.userNamespaces ?? false,
        })),
        features,
      }
    },
    async cgroupDriver() {
      try {
        const { linux } = await call(methods.runtimeConfig, {})
        return linux === undefined ? undefined : linux.cgroupDriver === 0 ? 'systemd' : 'cgroupfs'
      } catch (error) {
        if (isRuntimeError(error, 'unimplemented')) return undefined
        throw error
      }
    },

    setPodCidr: async (podCidr) => void (await call(methods.updateRuntimeConfig, { config: { network: { podCidr } } })),

    async runPodSandbox(config, runtimeHandler) {
      const request = { config: sandboxConfigIn(config), runtimeHandler }
      return (await call(methods.runPodSandbox, request, sandboxTimeout)).id
    },
    stopPodSandbox: (id) => gone(call(methods.stopPodSandbox, { id })),
    removePodSandbox: (id) => gone(call(methods.removePodSandbox, { id })),
    async podSandboxStatus(id) {
      const { status } = await call(methods.podSandboxStatus, { id })
      if (status === undefined) throw new RuntimeError('unknown', 'pod sandbox status is nil')
      return sandboxStatusOut(status)
    },
    async listPodSandboxes(filter) {
      return (await call(methods.listPodSandbox, { filter: sandboxFilter(filter) })).items.map(sandboxOut)
    },

    async createContainer(sandboxId, config, sandbox) {
      const request = { sandboxId, config: containerConfigIn(config), sandboxConfig: sandboxConfigIn(sandbox) }
      return (await call(methods.createContainer, request)).id
    },
    startContainer: async (id) => void (await call(methods.startContainer, { id })),
    stopContainer: (id, seconds) =>
      gone(
        call(methods.stopContainer, { id, timeout: seconds }, { deadlineSeconds: timeout.deadlineSeconds + seconds }),
      ),
    removeContainer: (id) => gone(call(methods.removeContainer, { id })),
    async containerStatus(id) {
      const { status } = await call(methods.containerStatus, { id })
      if (status === undefined) throw new RuntimeError('unknown', 'container status is nil')
      return containerStatusOut(status)
    },
    async listContainers(filter) {
      return (await call(methods.listContainers, { filter: containerFilter(filter) })).containers.map(containerOut)
    },
    updateContainerResources: async (id, linux) => void (await call(methods.updateContainerResources, { id, linux })),
    reopenContainerLog: async (id) => void (await call(methods.reopenContainerLog, { id })),

    execSync(id, command, timeoutSeconds) {
      // The runtime itself ends the command at the time limit; the call waits a little longer for its answer.
      const options = timeoutSeconds > 0 ? { deadlineSeconds: timeoutSeconds + timeout.deadlineSeconds } : {}
      return call(methods.execSync, { id, command, timeout: timeoutSeconds }, options)
    },
    async exec({ containerId: id, ...request }) {
      return { kind: 'url', url: (await call(methods.exec, { id, ...request })).url }
    },
    async attach({ containerId: id, ...request }) {
      return { kind: 'url', url: (await call(methods.attach, { id, ...request })).url }
    },
    async portForward(sandboxId, ports) {
      return { kind: 'url', url: (await call(methods.portForward, { sandboxId, ports })).url }
    },

    async listContainerStats(filter = {}) {
      const { id, sandboxId, labels } = filter
      const { stats } = await call(methods.listContainerStats, { filter: { id, sandboxId, labels } })
      return stats.map(containerStatsOut)
    },
    async listPodSandboxStats(filter = {}) {
      try {
        const { stats } = await call(methods.listPodSandboxStats, { filter: { id: filter.id, labels: filter.labels } })
        return stats.map(sandboxStatsOut)
      } catch (error) {
        if (isRuntimeError(error, 'unimplemented')) return []
        throw error
      }
    },

    async listImages() {
      return (await call(methods.listImages, {})).images.map(imageOut)
    },
    async imageStatus(image) {
      const answer = await call(methods.imageStatus, { image })
      return answer.image && imageOut(answer.image)
    },
    async pullImage(image, auth, sandbox) {
      // A pull has no time limit of its own: the runtime gives up when nothing arrives any more.
      return (await call(methods.pullImage, { image, auth, sandboxConfig: sandboxConfigIn(sandbox) }, {})).imageRef
    },
    removeImage: (image) => gone(call(methods.removeImage, { image })),
    async imageFilesystems() {
      const { images, containers } = await call(methods.imageFsInfo, {})
      return { images: images.map(filesystemOut), containers: containers.map(filesystemOut) }
    },

    async *events(signal) {
      const types = ['created', 'started', 'stopped', 'deleted'] as const
      for await (const event of channel.stream(methods.containerEvents, {}, signal)) {
        const type = types[event.type]
        if (type === undefined) continue
        yield {
          type,
          containerId: event.containerId,
          podUid: event.sandbox?.metadata?.uid ?? '',
        } satisfies RuntimeEvent
      }
    },
    close: async () => channel.close(),
  }
}
