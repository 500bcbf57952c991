import type { Container, ContainerState, ContainerStatus, Pod, VolumeMountStatus } from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'
import type { WaitingReason } from '../execution/execute.ts'
import {
  anyRegularCreated,
  newestContainer,
  type ObservedContainer,
  type PodRuntime,
} from '../lifecycle/pod-runtime.ts'
import { shouldStart } from '../lifecycle/restart-rules.ts'
import { type ContainerKind, initContainers, isSidecar } from '../pods/containers.ts'
import { reportedResources } from './container-resources.ts'

/** How upstream calls what happens to a pod whose containers all start anew. */
export const restartingAllReason = 'RestartingAllContainers'
const unknownReason = 'ContainerStatusUnknown'

export interface ContainerStatusesInput {
  readonly pod: Pod
  readonly runtime: PodRuntime
  readonly kind: ContainerKind
  readonly containers: readonly Container[]
  readonly old: readonly ContainerStatus[]
  /** All containers are being removed to start anew. */
  readonly restartingAll: boolean
  /** Why a container could not be started, by name. */
  readonly reasons: ReadonlyMap<string, WaitingReason>
  /** `containerd`: what ids begin with. */
  readonly runtimeName: string
  readonly recursiveReadOnly: boolean
}

type Draft = { -readonly [Field in keyof ContainerStatus]: ContainerStatus[Field] }

/** What the API says of containers, from what the runtime has and what was said before (upstream: convertToAPIContainerStatuses). */
export function containerStatuses(input: ContainerStatusesInput): readonly ContainerStatus[] {
  const { runtime, containers } = input
  const olds = new Map(input.old.map((status) => [status.name, status]))
  const statuses = new Map<string, Draft>()
  for (const container of containers) statuses.set(container.name, initial(input, container, olds.get(container.name)))
  for (const container of containers) {
    if (newestContainer(runtime, container.name) === undefined) {
      vanished(input, statuses.get(container.name)!, olds.get(container.name))
    }
  }
  const seen = new Set<string>()
  for (const observed of runtime.containers) {
    const container = containers.find(({ name }) => name === observed.name)
    if (container === undefined) continue
    const status = converted(input, container, observed, olds.get(container.name))
    if (!seen.has(container.name)) statuses.set(container.name, status)
    // The second newest run is the one before.
    else if (!seen.has(`${container.name}/`)) {
      statuses.get(container.name)!.lastState = status.state
      seen.add(`${container.name}/`)
    }
    seen.add(container.name)
  }
  for (const container of containers) waiting(input, container, statuses.get(container.name)!)
  const inOrder = containers.map(({ name }) => statuses.get(name)!)
  return input.kind === 'init' ? inOrder : inOrder.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** Before anything is known of it: waiting; or what was said of its end. */
function initial(input: ContainerStatusesInput, container: Container, old: ContainerStatus | undefined): Draft {
  if (old?.state?.terminated !== undefined) return { ...old }
  const reason = initContainers(input.pod).length > 0 ? 'PodInitializing' : 'ContainerCreating'
  const mounts = volumeMounts(container, input.recursiveReadOnly)
  return {
    name: container.name,
    state: { waiting: { reason } },
    lastState: old?.lastState ?? {},
    ready: false,
    restartCount: old?.restartCount ?? 0,
    image: container.image ?? '',
    imageID: '',
    ...(mounts.length > 0 && { volumeMounts: mounts }),
  }
}

function volumeMounts(container: Container, recursiveReadOnly: boolean): VolumeMountStatus[] {
  return (container.volumeMounts ?? []).map(({ name, mountPath, readOnly, recursiveReadOnly: asked = 'Disabled' }) => {
    if (readOnly !== true) return { name, mountPath }
    const enabled = asked === 'Enabled' || (asked === 'IfPossible' && recursiveReadOnly)
    return { name, mountPath, readOnly, recursiveReadOnly: enabled ? 'Enabled' : 'Disabled' }
  })
}

/** The runtime has nothing of it, though it may have run: then it has ended, nobody knows how. */
function vanished(input: ContainerStatusesInput, status: Draft, old: ContainerStatus | undefined): void {
  if (old === undefined) return
  if (input.restartingAll && old.state?.waiting === undefined) {
    const message = 'The container is removed because RestartAllContainers in place'
    status.state = { waiting: { reason: restartingAllReason, message } }
    status.lastState = { terminated: { reason: restartingAllReason, message, exitCode: 137 } }
    status.restartCount = old.restartCount + 1
    return
  }
  if (old.state?.running === undefined || status.lastState?.terminated !== undefined) return
  status.lastState = {
    terminated: {
      reason: unknownReason,
      message: 'The container could not be located when the pod was deleted.  The container used to be Running',
      exitCode: 137,
    },
  }
  if (input.pod.metadata.deletionTimestamp == null) status.restartCount++
}

function converted(
  input: ContainerStatusesInput,
  container: Container,
  observed: ObservedContainer,
  old: ContainerStatus | undefined,
): Draft {
  const containerID = `${input.runtimeName}://${observed.id}`
  const mounts = old?.volumeMounts ?? volumeMounts(container, input.recursiveReadOnly)
  const last =
    old?.containerID !== containerID && old?.state?.terminated !== undefined
      ? { terminated: old.state.terminated }
      : old?.lastState?.terminated !== undefined
        ? { terminated: old.lastState.terminated }
        : {}
  const status: Draft = {
    name: observed.name,
    state: {},
    lastState: last,
    ready: false,
    // It never falls, whatever the runtime has forgotten.
    restartCount: Math.max(observed.restartCount, old?.restartCount ?? 0),
    image: observed.image,
    imageID: observed.imageRef,
    containerID,
    ...(mounts.length > 0 && { volumeMounts: mounts }),
    ...(observed.user && { user: { linux: observed.user } }),
  }
  const resources = reportedResources(container, observed, old)
  status.resources = resources
  if (container.resources?.requests !== undefined) status.allocatedResources = container.resources.requests
  status.state = state(input, observed, containerID, old, status)
  if (observed.state === 'running' && old?.started !== undefined) status.started = old.started
  return status
}

function state(
  input: ContainerStatusesInput,
  observed: ObservedContainer,
  containerID: string,
  old: ContainerStatus | undefined,
  status: Draft,
): ContainerState {
  switch (observed.state) {
    case 'running':
      if (old?.state?.terminated !== undefined && old.restartCount >= observed.restartCount) {
        status.restartCount = old.restartCount + 1
      }
      return { running: { startedAt: formatTime(observed.startedAt) } }
    case 'exited': {
      const { exitCode, reason, message, startedAt, finishedAt } = observed
      return {
        terminated: {
          exitCode,
          ...(reason !== '' && { reason }),
          ...(message !== '' && { message }),
          startedAt: formatTime(Math.max(startedAt, 0)),
          finishedAt: formatTime(finishedAt),
          containerID,
        },
      }
    }
    case 'unknown':
      if (old?.state?.running === undefined) return { waiting: {} }
      status.restartCount = old.restartCount + 1
      return {
        terminated: {
          reason: input.restartingAll ? restartingAllReason : unknownReason,
          message: 'The container could not be located when the pod was terminated',
          exitCode: 137,
        },
      }
    case 'created':
      return { waiting: {} }
  }
}

/** A container that is to be started and could not be: waiting, with the reason. */
function waiting(input: ContainerStatusesInput, container: Container, status: Draft): void {
  const { pod, runtime, kind } = input
  if (kind === 'init') {
    const newest = newestContainer(runtime, container.name)
    if (newest?.state === 'exited' && newest.exitCode === 0) return
    const lost = newest === undefined && !isSidecar(container) && status.state?.waiting !== undefined
    if (lost && anyRegularCreated(pod, runtime)) {
      const message =
        'Unable to get init container status from container runtime and pod has been initialized, treat it as exited normally'
      status.state = { terminated: { reason: 'Completed', message, exitCode: 0 } }
      return
    }
  }
  if (!shouldStart(pod, container, runtime)) return
  const reason = input.reasons.get(container.name)
  if (reason === undefined) return
  if (status.state?.terminated !== undefined) status.lastState = { terminated: status.state?.terminated }
  status.state = { waiting: { reason: reason.reason, ...(reason.message !== '' && { message: reason.message }) } }
}
