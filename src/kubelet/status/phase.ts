import type { Container, ContainerStatus, Pod } from '../../api/types.generated.ts'
import { restartsAfter } from '../lifecycle/restart-rules.ts'
import { initContainers, isSidecar } from '../pods/containers.ts'
import { restartingAllReason } from './container-statuses.ts'

export type Phase = NonNullable<Pod['status']['phase']>

/** The pod's phase (upstream: kubelet_pods.go, getPhase). `terminal`: none of its containers is started again. */
export function podPhase(
  pod: Pod,
  statuses: readonly ContainerStatus[],
  terminal: boolean,
  initialized: boolean,
  isStatic: boolean,
): Phase {
  const of = (container: Container) => statuses.find(({ name }) => name === container.name)
  const neverAgain = (container: Container, exitCode: number, reason: string | undefined) =>
    !restartsAfter(pod, container, exitCode) && reason !== restartingAllReason

  let pendingInit = 0
  let failedInit = 0
  for (const container of initContainers(pod).filter((one) => !isSidecar(one))) {
    const { state, lastState } = of(container) ?? {}
    const ended = state?.terminated ?? (state?.waiting && lastState?.terminated)
    if (ended === undefined) pendingInit++
    else if (ended.exitCode !== 0 && neverAgain(container, ended.exitCode, ended.reason)) failedInit++
  }

  const count = { unknown: 0, running: 0, waiting: 0, stopped: 0, final: 0, succeeded: 0, pendingSidecars: 0 }
  for (const container of initContainers(pod).filter(isSidecar)) {
    const status = of(container)
    if (status === undefined) count.unknown++
    else if (status.state?.running !== undefined) {
      if (status.started !== true) count.pendingSidecars++
      count.running++
    } else if (status.state?.terminated === undefined && status.lastState?.terminated === undefined) {
      count.pendingSidecars++
      if (status.state?.waiting !== undefined) count.waiting++
      else count.unknown++
    }
  }
  for (const container of pod.spec.containers) {
    const status = of(container)
    const ended = status?.state?.terminated ?? (status?.state?.waiting && status.lastState?.terminated)
    if (status?.state?.running !== undefined) count.running++
    else if (ended !== undefined) {
      count.stopped++
      if (neverAgain(container, ended.exitCode, ended.reason)) count.final++
      if (status?.state?.terminated?.exitCode === 0) count.succeeded++
    } else if (status?.state?.waiting !== undefined) count.waiting++
    else count.unknown++
  }

  if (failedInit > 0) return 'Failed'
  if (pendingInit > 0 || (count.pendingSidecars > 0 && !initialized) || count.waiting > 0) return 'Pending'
  if (count.running > 0 && count.unknown === 0) return 'Running'
  if (count.running === 0 && count.stopped > 0 && count.unknown === 0) {
    if (terminal && !isStatic) return count.stopped === count.succeeded ? 'Succeeded' : 'Failed'
    if (count.stopped !== count.final) return 'Running'
    return count.stopped === count.succeeded ? 'Succeeded' : 'Failed'
  }
  return 'Pending'
}
