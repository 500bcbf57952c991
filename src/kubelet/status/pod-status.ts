import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../../api/types.generated.ts'
import type { WaitingReason } from '../execution/execute.ts'
import { anyActiveRegularStarted, type PodRuntime } from '../lifecycle/pod-runtime.ts'
import { restartingAll } from '../lifecycle/restart-rules.ts'
import { ephemeralContainers, initContainers, isHostNetwork, isSidecar, isTerminalPhase } from '../pods/containers.ts'
import { podAmounts, qosClass } from '../resources/pod-resources.ts'
import { bytesQuantity, cpuQuantity } from '../resources/quantity.ts'
import { podConditions } from './conditions.ts'
import { containerStatuses } from './container-statuses.ts'
import { podPhase } from './phase.ts'

/** What probes know of a container. */
export interface ProbeView {
  /** By container id and name: whether it has started; undefined: probes do not decide. */
  started(status: ContainerStatus): boolean | undefined
  /** Whether it is ready; undefined: it has no readiness probe. */
  ready(status: ContainerStatus): boolean | undefined
}

export interface PodStatusInput {
  readonly pod: Pod
  readonly runtime: PodRuntime
  /** What was last worked out, else what the API has. */
  readonly old: PodStatus
  /** No container of it is started again. */
  readonly terminal: boolean
  readonly isStatic: boolean
  readonly reasons: ReadonlyMap<string, WaitingReason>
  readonly probes: ProbeView
  readonly hostIPs: readonly string[]
  readonly runtimeName: string
  readonly recursiveReadOnly: boolean
  /** Why the pod has to go, when the node says so. */
  readonly eviction?: { readonly reason: string; readonly message: string }
  readonly resizeConditions: readonly PodCondition[]
}

type Draft = { -readonly [Field in keyof PodStatus]: PodStatus[Field] }

/** The pod's status, from what the runtime has (upstream: generateAPIPodStatus). Transition times are the caller's. */
export function podStatus(input: PodStatusInput): PodStatus {
  const { pod, runtime, old } = input
  const restarting = restartingAll(pod, runtime, old)
  const of = (kind: 'init' | 'app' | 'ephemeral', containers: Parameters<typeof containerStatuses>[0]['containers']) =>
    containerStatuses({
      ...input,
      kind,
      containers,
      old:
        (kind === 'init'
          ? old.initContainerStatuses
          : kind === 'app'
            ? old.containerStatuses
            : old.ephemeralContainerStatuses) ?? [],
      restartingAll: restarting,
    })
  const regular = of('app', pod.spec.containers).map((status) => probed(status, input.probes, false))
  const init = of('init', initContainers(pod)).map((status) => {
    const container = initContainers(pod).find(({ name }) => name === status.name)!
    return probed(status, input.probes, !isSidecar(container))
  })
  const ephemeral = of('ephemeral', ephemeralContainers(pod))

  const status: Draft = { ...addresses(input), qosClass: qosClass(pod) }
  const initialized = anyActiveRegularStarted(pod, runtime)
  status.phase = phaseOf(input, podPhase(pod, [...regular, ...init], input.terminal, initialized, input.isStatic))
  if (status.phase === old.phase) {
    status.reason = old.reason || pod.status?.reason
    status.message = old.message || pod.status?.message
  }
  if (input.eviction !== undefined) {
    status.phase = 'Failed'
    status.reason = input.eviction.reason
    status.message = input.eviction.message
  }
  const given = pod.status?.phase
  // A phase that the API shows as final cannot be left.
  if (given !== undefined && isTerminalPhase(given)) status.phase = given
  status.conditions = podConditions({
    pod,
    runtime,
    phase: status.phase,
    containers: regular,
    initContainers: init,
    old: old.conditions ?? [],
    restartingAll: restarting,
    resize: isTerminalPhase(status.phase) ? [] : input.resizeConditions,
  })
  if (init.length > 0) status.initContainerStatuses = init
  status.containerStatuses = regular
  if (ephemeral.length > 0) status.ephemeralContainerStatuses = ephemeral
  Object.assign(status, podLevelResources(pod))
  if (pod.metadata.generation !== undefined) status.observedGeneration = pod.metadata.generation
  return status
}

function phaseOf(
  { pod, old }: PodStatusInput,
  phase: NonNullable<PodStatus['phase']>,
): NonNullable<PodStatus['phase']> {
  if (isTerminalPhase(phase)) return phase
  if (old.phase !== undefined && isTerminalPhase(old.phase)) return old.phase
  return pod.status?.phase !== undefined && isTerminalPhase(pod.status.phase) ? pod.status.phase : phase
}

function probed(status: ContainerStatus, probes: ProbeView, isInit: boolean): ContainerStatus {
  const running = status.state?.running !== undefined
  const started = running && (probes.started(status) ?? true)
  if (isInit) return { ...status, started, ready: status.ready || status.state?.terminated?.exitCode === 0 }
  const ready = started && (probes.ready(status) ?? true)
  return { ...status, started, ready }
}

function addresses({ pod, runtime, hostIPs, old }: PodStatusInput): Draft {
  const ips = isHostNetwork(pod)
    ? old.podIPs?.length
      ? old.podIPs.map(({ ip }) => ip)
      : hostIPs
    : sortIPs(runtime.ips, hostIPs)
  const status: Draft = {}
  if (hostIPs[0] !== undefined) {
    status.hostIP = hostIPs[0]
    status.hostIPs = hostIPs.map((ip) => ({ ip }))
  }
  if (ips[0] !== undefined) {
    status.podIP = ips[0]
    status.podIPs = ips.map((ip) => ({ ip }))
  }
  return status
}

/** One address of each family, that of the node's first address first. */
export function sortIPs(ips: readonly string[], hostIPs: readonly string[]): readonly string[] {
  const six = (ip: string) => ip.includes(':')
  const first = hostIPs[0] !== undefined && six(hostIPs[0])
  return [ips.find((ip) => six(ip) === first), ips.find((ip) => six(ip) !== first)].filter((ip) => ip !== undefined)
}

/** What the pod as a whole was given (KEP-5419). */
function podLevelResources(pod: Pod): Pick<PodStatus, 'allocatedResources' | 'resources'> {
  const list = (section: 'requests' | 'limits') =>
    Object.fromEntries(
      Object.entries(podAmounts(pod, section)).map(([name, amount]) => [
        name,
        name === 'cpu' ? cpuQuantity(amount) : bytesQuantity(amount),
      ]),
    )
  const requests = list('requests')
  const limits = list('limits')
  const any = (section: object) => Object.keys(section).length > 0
  return {
    ...(any(requests) && { allocatedResources: requests }),
    resources: { ...(any(limits) && { limits }), ...(any(requests) && { requests }) },
  }
}
