import type { Node, NodeCondition, NodeStatus } from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'
import { aggregate } from '../../machinery/errors.ts'
import type { Image, RuntimeHandler, RuntimeStatus } from '../runtimes/types.ts'
import type { Machine } from './machine.ts'
import { nodeAddresses } from './node-addresses.ts'

export const kubeletVersion = 'v1.37.1'

export interface Pressure {
  readonly memory: boolean
  readonly disk: boolean
  readonly pid: boolean
}

export interface NodeStatusInput {
  readonly nodeName: string
  readonly nodeIPs: readonly string[]
  readonly machine: Machine
  readonly capacity: Readonly<Record<string, string>>
  readonly allocatable: Readonly<Record<string, string>>
  readonly port: number
  readonly runtimeName: string
  readonly runtimeVersion: string
  readonly handlers: readonly RuntimeHandler[]
  readonly features: RuntimeStatus['features']
  readonly images: readonly Image[]
  readonly pressure: Pressure
  /** Why the node is not ready; none: it is. */
  readonly errors: readonly string[]
  /** What the API has, for transition times and what others wrote. */
  readonly old: NodeStatus | undefined
  /** Epoch milliseconds. */
  readonly now: number
}

const maxImages = 50
const maxNames = 5
/** What the scheduler asks for by name, of pods that need it (KEP 5328, component-helpers nodedeclaredfeatures). */
const declaredFeatures: readonly string[] = ['RestartAllContainersOnContainerExits']

/** What the node tells of itself (upstream: pkg/kubelet/nodestatus/setters.go). */
export function nodeStatus(input: NodeStatusInput): NodeStatus {
  const { machine, nodeIPs, old } = input
  return {
    ...old,
    addresses: nodeAddresses(input.nodeName, nodeIPs),
    // Resources that others announce, such as extended ones, stay.
    capacity: { ...old?.capacity, ...input.capacity },
    allocatable: { ...extended(old?.capacity), ...old?.allocatable, ...input.allocatable },
    conditions: conditions(input),
    daemonEndpoints: { kubeletEndpoint: { Port: input.port } },
    nodeInfo: {
      machineID: machine.machineId,
      systemUUID: machine.systemUuid,
      bootID: machine.bootId,
      kernelVersion: machine.kernelVersion,
      osImage: machine.osImage,
      containerRuntimeVersion: `${input.runtimeName}://${input.runtimeVersion}`,
      kubeletVersion,
      kubeProxyVersion: '',
      operatingSystem: machine.operatingSystem,
      architecture: machine.architecture,
      ...(machine.swapBytes > 0 && { swap: { capacity: machine.swapBytes } }),
    },
    images: images(input.images),
    declaredFeatures,
    ...(input.handlers.length > 0 && {
      runtimeHandlers: input.handlers.map(({ name, recursiveReadOnlyMounts, userNamespaces }) => ({
        name,
        features: { recursiveReadOnlyMounts, userNamespaces },
      })),
    }),
    ...(input.features && { features: { supplementalGroupsPolicy: input.features.supplementalGroupsPolicy } }),
  }
}

/** A resource of which only the capacity was patched in is all there for pods. */
function extended(capacity: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(capacity ?? {}).filter(([name]) => name.includes('/')))
}

function conditions({ pressure, errors, old, now }: NodeStatusInput): NodeCondition[] {
  const time = formatTime(now)
  const condition = (type: string, status: boolean, reason: string, message: string): NodeCondition => {
    const before = old?.conditions?.find((one) => one.type === type)
    const value = status ? 'True' : 'False'
    const since = before?.status === value ? before.lastTransitionTime : undefined
    return { type, status: value, lastHeartbeatTime: time, lastTransitionTime: since ?? time, reason, message }
  }
  const own = [
    pressure.memory
      ? condition('MemoryPressure', true, 'KubeletHasInsufficientMemory', 'kubelet has insufficient memory available')
      : condition('MemoryPressure', false, 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    pressure.disk
      ? condition('DiskPressure', true, 'KubeletHasDiskPressure', 'kubelet has disk pressure')
      : condition('DiskPressure', false, 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    pressure.pid
      ? condition('PIDPressure', true, 'KubeletHasInsufficientPID', 'kubelet has insufficient PID available')
      : condition('PIDPressure', false, 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    errors.length > 0
      ? condition('Ready', false, 'KubeletNotReady', aggregate(errors))
      : condition('Ready', true, 'KubeletReady', 'kubelet is posting ready status'),
  ]
  const names = new Set(own.map(({ type }) => type))
  return [...(old?.conditions ?? []).filter(({ type }) => !names.has(type)), ...own]
}

function images(list: readonly Image[]): NonNullable<NodeStatus['images']> {
  return [...list]
    .sort((a, b) => b.sizeBytes - a.sizeBytes)
    .slice(0, maxImages)
    .map(({ repoDigests, repoTags, sizeBytes }) => ({
      names: [...repoDigests, ...repoTags].slice(0, maxNames),
      sizeBytes,
    }))
}

/** The node as it is registered. */
export function newNode(options: {
  readonly nodeName: string
  readonly machine: Machine
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  readonly status: NodeStatus
}): Node {
  const { nodeName, machine, labels, taints, status } = options
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: nodeName,
      labels: { ...defaultLabels(nodeName, machine), ...labels },
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    },
    spec: { ...(taints.length > 0 && { taints }) },
    status,
  } as Node
}

export function defaultLabels(nodeName: string, { architecture, operatingSystem }: Machine): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': operatingSystem,
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': operatingSystem,
  }
}
