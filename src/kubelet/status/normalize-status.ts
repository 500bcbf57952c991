import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'
import { restartsAfter, mayRestartAll } from '../lifecycle/restart-rules.ts'
import { declaredContainers, findContainer, isSidecar } from '../pods/containers.ts'

const timed = new Set([
  'ContainersReady',
  'Ready',
  'Initialized',
  'PodReadyToStartContainers',
  'PodScheduled',
  'DisruptionTarget',
  'AllContainersRestarting',
  'PodResizePending',
  'PodResizeInProgress',
])
/** Of all termination messages of a pod together. */
const maxMessages = 12 * 1024

/** Sets transition times and the start time, and keeps texts in bounds (upstream: updateStatusInternal). */
export function withTimes(pod: Pod, status: PodStatus, old: PodStatus, now: number): PodStatus {
  const conditions = status.conditions?.map((condition): PodCondition => {
    if (!timed.has(condition.type)) return condition
    const before = old.conditions?.find(({ type }) => type === condition.type)
    const unchanged = before?.status === condition.status ? before.lastTransitionTime : undefined
    return { ...condition, lastTransitionTime: unchanged ?? formatTime(now) }
  })
  const longest = Math.floor(maxMessages / Math.max(1, declaredContainers(pod).length))
  const cut = (list: readonly ContainerStatus[] | undefined) => list?.map((one) => withinBounds(one, longest))
  const observedGeneration = Math.max(old.observedGeneration ?? 0, status.observedGeneration ?? 0)
  return {
    ...status,
    conditions,
    startTime: old.startTime ?? status.startTime ?? formatTime(now),
    ...(observedGeneration > 0 && { observedGeneration }),
    ...(old.volumeHealth && !status.volumeHealth && { volumeHealth: old.volumeHealth }),
    ...(status.containerStatuses && { containerStatuses: cut(status.containerStatuses) }),
    ...(status.initContainerStatuses && { initContainerStatuses: cut(status.initContainerStatuses) }),
    ...(status.ephemeralContainerStatuses && { ephemeralContainerStatuses: cut(status.ephemeralContainerStatuses) }),
  }
}

function withinBounds(status: ContainerStatus, longest: number): ContainerStatus {
  const cut = (state: ContainerStatus['state']) => {
    const message = state?.terminated?.message
    if (state?.terminated === undefined || message === undefined || Buffer.byteLength(message) <= longest) return state
    const short = Buffer.from(message).subarray(0, longest).toString('utf8')
    return { ...state, terminated: { ...state.terminated, message: short } }
  }
  return { ...status, state: cut(status.state), lastState: cut(status.lastState) }
}

/** Why the change may not be told, or undefined: an ended container that never runs again must not come back. */
export function illegalTransition(pod: Pod, old: PodStatus, status: PodStatus): string | undefined {
  if (pod.spec.restartPolicy === 'Always' || mayRestartAll(pod)) return undefined
  for (const [before, after, kind] of [
    [old.containerStatuses, status.containerStatuses, ''],
    [old.initContainerStatuses, status.initContainerStatuses, 'init '],
  ] as const) {
    for (const { name, state } of before ?? []) {
      const ended = state?.terminated
      const container = findContainer(pod, name)?.container
      if (ended === undefined || container === undefined || (kind !== '' && isSidecar(container))) continue
      if (restartsAfter(pod, container, ended.exitCode)) continue
      const now = after?.find((one) => one.name === name)
      if (now !== undefined && now.state?.terminated === undefined) {
        return `terminated ${kind}container ${name} attempted illegal transition to non-terminated state`
      }
    }
  }
  return undefined
}
