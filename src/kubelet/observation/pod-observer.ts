import type { Clock } from '../../machinery/clock.ts'
import { containerMarks, labelNames } from '../containers/labels.ts'
import { terminationMessage } from '../containers/termination-message.ts'
import type { ObservedContainer, ObservedSandbox, PodRuntime } from '../lifecycle/pod-runtime.ts'
import { isRuntimeError, type Runtime } from '../runtimes/runtime.ts'
import type { Container, ContainerStatus, PodSandbox } from '../runtimes/types.ts'

/** Looks at what the runtime has of a pod. */
export interface PodObserver {
  observe(pod: { readonly uid: string; readonly name: string; readonly namespace: string }): Promise<PodRuntime>
  /** Drops what is remembered of a pod that is gone. */
  forget(uid: string): void
}

const newestFirst = (a: { createdAt: number; id: string }, b: { createdAt: number; id: string }) =>
  b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1)

export function createPodObserver({ runtime, clock }: { runtime: Runtime; clock: Clock }): PodObserver {
  // An ended container does not change any more: it is looked at once.
  const ended = new Map<string, Map<string, ObservedContainer>>()

  return {
    forget: (uid) => void ended.delete(uid),
    async observe({ uid, name, namespace }) {
      const labels = { [labelNames.podUid]: uid }
      const [sandboxList, containerList] = await Promise.all([
        runtime.listPodSandboxes({ labels }),
        runtime.listContainers({ labels }),
      ])
      const known = ended.get(uid) ?? new Map<string, ObservedContainer>()
      const sandboxes = await Promise.all([...sandboxList].sort(newestFirst).map(observeSandbox))
      const containers = await Promise.all(
        [...containerList]
          .sort(newestFirst)
          .map(async (container) => known.get(container.id) ?? observeContainer(container)),
      )
      const seen = containers.filter((container) => container !== undefined)
      const nowEnded = seen
        .filter(({ state }) => state === 'exited')
        .map((container) => [container.id, container] as const)
      if (nowEnded.length > 0) ended.set(uid, new Map(nowEnded))
      const there = sandboxes.filter((sandbox) => sandbox !== undefined)
      const ips = there[0]?.ready ? there[0].ips : []
      return { uid, name, namespace, sandboxes: there, containers: seen, ips }
    },
  }

  async function observeSandbox(sandbox: PodSandbox): Promise<ObservedSandbox | undefined> {
    const status = await orGone(runtime.podSandboxStatus(sandbox.id))
    if (status === undefined) return undefined
    return {
      id: status.id,
      attempt: status.metadata.attempt,
      ready: status.state === 'ready',
      createdAt: status.createdAt,
      network: status.namespaces.network,
      ips: status.ips,
    }
  }

  async function observeContainer(container: Container): Promise<ObservedContainer | undefined> {
    const status = await orGone(runtime.containerStatus(container.id))
    return status && observed(container.sandboxId, status, await message(status))
  }

  async function message(status: ContainerStatus): Promise<string> {
    if (status.state !== 'exited') return status.message
    return [status.message, await terminationMessage(status, clock)].filter((part) => part !== '').join(': ')
  }
}

/** Between the list and the look something may have been removed: it is simply not there. */
async function orGone<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look
  } catch (error) {
    if (isRuntimeError(error, 'notFound')) return undefined
    throw error
  }
}

function observed(sandboxId: string, status: ContainerStatus, message: string): ObservedContainer {
  const marks = containerMarks(status.annotations)
  const started = status.state !== 'created'
  const exited = status.state === 'exited'
  return {
    id: status.id,
    sandboxId,
    name: status.labels[labelNames.containerName] ?? status.metadata.name,
    state: status.state,
    createdAt: status.createdAt,
    startedAt: started ? status.startedAt : 0,
    finishedAt: exited ? status.finishedAt : 0,
    exitCode: exited ? status.exitCode : 0,
    reason: exited ? status.reason : '',
    message,
    image: status.image.image,
    imageRef: status.imageRef,
    imageId: status.imageId || status.imageRef,
    hash: marks.hash,
    restartCount: marks.restartCount,
    logPath: status.logPath,
    mounts: status.mounts,
    resources: status.resources,
    user: status.user,
  }
}
