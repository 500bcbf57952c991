import type { Container, Pod, PodCondition } from '../../api/types.generated.ts'
import type { EventRecorder } from '../../client/events/event-recorder.ts'
import { aggregate } from '../../machinery/errors.ts'
import type { PodHost } from '../host/pod-host.ts'
import type { PodRuntime } from '../lifecycle/pod-runtime.ts'
import { declaredContainers, findContainer } from '../pods/containers.ts'
import { containerResources } from '../resources/linux-resources.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import type { Resizes } from '../workers/worker-context.ts'
import {
  type ActualResources,
  actualOf,
  allotmentBefore,
  allotmentOf,
  changedResources,
  resizeMessage,
  sameResources,
  withAllotment,
} from './resize-state.ts'

export interface PodResizesOptions {
  readonly runtime: Runtime
  readonly host: PodHost
  readonly events: EventRecorder
  /** Why the node cannot give the pod what it asks for now; undefined: it can. */
  readonly refuse: (pod: Pod) => string | undefined
  /** Resources have become free, or a pod waits for some no more: others may have what they wait for. */
  readonly onFreed: () => void
}

interface State {
  allotment: ReturnType<typeof allotmentOf>
  /** By container name: what the runtime was last told. */
  readonly actual: Map<string, ActualResources>
  pending?: PodCondition
  inProgress?: PodCondition
}

/**
 * Resources of running pods changed in place (KEP-1287; upstream: pkg/kubelet/allocation): first the node agrees, then
 * control groups are changed, or the container is started anew where its policy says so.
 */
export function createPodResizes(options: PodResizesOptions): Resizes & { pending(): readonly string[] } {
  const { runtime, host, events } = options
  const states = new Map<string, State>()
  const uidOf = (pod: Pod) => pod.metadata.uid ?? ''
  const stateOf = (pod: Pod): State => {
    const known = states.get(uidOf(pod))
    if (known !== undefined) return known
    const fresh: State = { allotment: allotmentBefore(pod), actual: new Map() }
    states.set(uidOf(pod), fresh)
    return fresh
  }
  const condition = (type: string, pod: Pod, reason?: string, message?: string): PodCondition => ({
    type,
    status: 'True',
    ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
    ...(reason && { reason }),
    ...(message && { message }),
  })

  const agree = (pod: Pod, state: State) => {
    const wanted = allotmentOf(pod)
    const changed = [...wanted].some(([name, resources]) => !sameResources(resources, state.allotment.get(name)))
    if (!changed) {
      state.pending = undefined
      return
    }
    const refusal = options.refuse(pod)
    if (refusal !== undefined) {
      const told = state.pending?.observedGeneration === pod.metadata.generation && state.pending !== undefined
      state.pending = condition('PodResizePending', pod, 'Deferred', refusal)
      if (!told) events.event(pod, 'Warning', 'ResizeDeferred', resizeMessage('Pod resize Deferred', pod, refusal))
      return
    }
    state.allotment = wanted
    state.pending = undefined
    state.inProgress = condition('PodResizeInProgress', pod)
    events.event(pod, 'Normal', 'ResizeStarted', resizeMessage('Pod resize started', pod))
    options.onFreed()
  }
  const actualNow = (pod: Pod, state: State, container: Container): ActualResources =>
    // A container that another kubelet started has what it was allotted then.
    state.actual.get(container.name) ?? actualOf(pod, container)

  return {
    consider(pod) {
      if (pod.metadata.deletionTimestamp == null) agree(pod, stateOf(pod))
    },
    allocated: (pod) => withAllotment(pod, stateOf(pod).allotment),
    started(pod, container) {
      stateOf(pod).actual.set(container.name, actualOf(pod, container))
    },
    adopted(pod, running) {
      const state = stateOf(pod)
      for (const name of running) {
        const status = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].find(
          (one) => one.name === name,
        )
        const container = findContainer(pod, name)?.container
        if (container === undefined || state.actual.has(name)) continue
        const resources = status?.resources ?? container.resources
        state.actual.set(name, actualOf(pod, { ...container, resources }))
      }
    },
    decide(pod, container) {
      const state = stateOf(pod)
      const changed = changedResources(actualNow(pod, state, container), actualOf(pod, container))
      if (changed.length === 0) return 'keep'
      const restarts = container.resizePolicy?.some(
        ({ resourceName, restartPolicy }) => changed.includes(resourceName) && restartPolicy === 'RestartContainer',
      )
      return restarts ? 'restart' : 'update'
    },
    async apply(pod, names, seen) {
      const state = stateOf(pod)
      try {
        await checkMemory(runtime, pod, names, seen, (container) => actualNow(pod, state, container))
        await host.resizePod(pod, async () => {
          for (const name of names) {
            const container = findContainer(pod, name)!.container
            const id = seen.containers.find((one) => one.name === name && one.state === 'running')?.id
            if (id === undefined) continue
            await runtime.updateContainerResources(id, containerResources(pod, container, host.resources))
            state.actual.set(name, actualOf(pod, container))
          }
        })
      } catch (error) {
        const { message } = error as Error
        const told = state.inProgress?.message === message
        state.inProgress = {
          ...condition('PodResizeInProgress', pod, 'Error', message),
          observedGeneration: state.inProgress?.observedGeneration ?? pod.metadata.generation,
        }
        if (!told) events.event(pod, 'Warning', 'ResizeError', resizeMessage('Pod resize error', pod, message))
      }
    },
    settle(pod, seen) {
      const state = stateOf(pod)
      if (state.inProgress === undefined) return
      const open = declaredContainers(pod).some(({ container }) => {
        const running = seen.containers.find(({ name }) => name === container.name)?.state === 'running'
        return running && changedResources(actualNow(pod, state, container), actualOf(pod, container)).length > 0
      })
      if (open) return
      state.inProgress = undefined
      events.event(pod, 'Normal', 'ResizeCompleted', resizeMessage('Pod resize completed', pod))
    },
    conditions(pod) {
      const state = states.get(uidOf(pod))
      return [state?.pending, state?.inProgress].filter((one) => one !== undefined)
    },
    pending: () => [...states].filter(([, { pending }]) => pending !== undefined).map(([uid]) => uid),
    forget: (uid) => void states.delete(uid),
  }
}

/** A memory limit is not set below what is in use: the kernel would kill for it. */
async function checkMemory(
  runtime: Runtime,
  pod: Pod,
  names: readonly string[],
  seen: PodRuntime,
  actual: (container: Container) => ActualResources,
): Promise<void> {
  const failures: string[] = []
  for (const name of names) {
    const { container } = findContainer(pod, name)!
    const wanted = actualOf(pod, container).limits['memory'] ?? 0
    const before = actual(container).limits['memory'] ?? 0
    const id = seen.containers.find((one) => one.name === name && one.state === 'running')?.id
    if (id === undefined || wanted === 0 || (before > 0 && wanted >= before)) continue
    const [stats] = await runtime.listContainerStats({ id })
    const usage = stats?.memory?.usageBytes ?? stats?.memory?.workingSetBytes
    if (usage !== undefined && usage >= wanted) {
      failures.push(
        `attempting to set container ${JSON.stringify(name)} memory limit (${wanted}) below current usage (${usage})`,
      )
    }
  }
  if (failures.length > 0) throw new Error(`cannot decrease memory limits: ${aggregate(failures)}`)
}
