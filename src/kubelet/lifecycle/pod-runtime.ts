import type { Pod } from '../../api/types.generated.ts'
import type { ContainerResources, ContainerState, ContainerUser, Mount, NamespaceMode } from '../runtimes/types.ts'

/** What the runtime has of one pod, as the last look at it found. */
export interface PodRuntime {
  readonly uid: string
  readonly name: string
  readonly namespace: string
  /** Newest first. */
  readonly sandboxes: readonly ObservedSandbox[]
  /** Of all sandboxes, newest first. */
  readonly containers: readonly ObservedContainer[]
  /** The pod's addresses, from its newest sandbox when that is ready. */
  readonly ips: readonly string[]
}

export interface ObservedSandbox {
  readonly id: string
  readonly attempt: number
  readonly ready: boolean
  readonly createdAt: number
  readonly network: NamespaceMode
  readonly ips: readonly string[]
}

export interface ObservedContainer {
  readonly id: string
  readonly sandboxId: string
  readonly name: string
  readonly state: ContainerState
  /** Epoch milliseconds; 0: not yet. */
  readonly createdAt: number
  readonly startedAt: number
  readonly finishedAt: number
  readonly exitCode: number
  readonly reason: string
  /** With the termination message. */
  readonly message: string
  readonly image: string
  readonly imageRef: string
  readonly imageId: string
  /** Of the part of its declaration that cannot change while it runs. */
  readonly hash: string
  readonly restartCount: number
  readonly logPath: string
  readonly mounts: readonly Mount[]
  readonly resources?: ContainerResources
  readonly user?: ContainerUser
}

export function emptyPodRuntime(pod: Pod): PodRuntime {
  const { uid = '', name = '', namespace = '' } = pod.metadata
  return { uid, name, namespace, sandboxes: [], containers: [], ips: [] }
}

/** The newest container of that name. */
export function newestContainer(runtime: PodRuntime, name: string): ObservedContainer | undefined {
  return runtime.containers.find((container) => container.name === name)
}

/** The sandbox in which new containers start, when the newest one is ready. */
export function activeSandbox(runtime: PodRuntime): ObservedSandbox | undefined {
  return runtime.sandboxes[0]?.ready === true ? runtime.sandboxes[0] : undefined
}

/** The newest container of that name in the active sandbox. */
export function activeContainer(runtime: PodRuntime, name: string): ObservedContainer | undefined {
  const sandbox = activeSandbox(runtime)
  return runtime.containers.find((container) => container.name === name && container.sandboxId === sandbox?.id)
}

/** A regular container was created in some sandbox: all init containers have been through. */
export function anyRegularCreated(pod: Pod, runtime: PodRuntime): boolean {
  return pod.spec.containers.some(({ name }) => (newestContainer(runtime, name)?.state ?? 'unknown') !== 'unknown')
}

/** A regular container of the active sandbox has started. */
export function anyActiveRegularStarted(pod: Pod, runtime: PodRuntime): boolean {
  return pod.spec.containers.some(({ name }) => activeContainer(runtime, name) !== undefined)
}
