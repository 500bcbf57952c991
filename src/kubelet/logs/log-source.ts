import type { ContainerStatus, PodStatus } from '../../api/types.generated.ts'

/** Why a container has no log to show; the text is upstream's. */
export class NoLogs extends Error {
  override readonly name = 'NoLogs'
}

/**
 * The id of the container whose log is meant by a container's name: the running one, else the last that ran
 * (pkg/kubelet/kubelet_pods.go validateContainerLogStatus). Throws NoLogs.
 */
export function logContainerId(podName: string, status: PodStatus, container: string, previous: boolean): string {
  const all: readonly ContainerStatus[] = [
    ...(status.containerStatuses ?? []),
    ...(status.initContainerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? []),
  ]
  const found = all.find((one) => one.name === container)
  const subject = `container "${container}" in pod "${podName}"`
  if (found === undefined) throw new NoLogs(`${subject} is not available`)
  const last = found.lastState?.terminated?.containerID
  const { waiting, running, terminated } = found.state ?? {}
  const strip = (id: string) => id.slice(id.indexOf('://') + 3)
  if (previous) {
    if (!last) throw new NoLogs(`previous terminated ${subject} not found`)
    return strip(last)
  }
  if (running) return strip(found.containerID ?? '')
  if (terminated) {
    const id = terminated.containerID || last
    if (!id) throw new NoLogs(`${subject} is terminated`)
    return strip(id)
  }
  if (found.lastState?.terminated) {
    if (!last) throw new NoLogs(`${subject} is terminated`)
    return strip(last)
  }
  if (waiting?.reason === 'ErrImagePull') throw new NoLogs(`${subject} is waiting to start: image can't be pulled`)
  if (waiting?.reason === 'ImagePullBackOff')
    throw new NoLogs(`${subject} is waiting to start: trying and failing to pull image`)
  if (waiting) throw new NoLogs(`${subject} is waiting to start: ${waiting.reason ?? ''}`)
  throw new NoLogs(`${subject} is waiting to start - no logs yet`)
}
