import type { Pod } from '../../api/types.generated.ts'
import { HttpError } from './http-error.ts'
import type { KubeletServerHost } from './host.ts'
import type { PodRoute } from './route.ts'

/** The pod of a request, of that uid when it names one. Throws 404. */
export function findPod(host: KubeletServerHost, route: PodRoute): Pod {
  const pod = host.podByName(route.namespace, route.pod)
  if (pod === undefined || (route.uid && pod.metadata.uid !== route.uid))
    throw new HttpError(404, `pod "${route.pod}" does not exist`)
  return pod
}

export function hasContainer(pod: Pod, name: string): boolean {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec
  return [...containers, ...initContainers, ...ephemeralContainers].some((container) => container.name === name)
}

/** The id of the container of that name which runs now. Throws 404 in upstream's words. */
export function runningContainerId(pod: Pod, container: string): string {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {}
  const status = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find(
    (one) => one.name === container,
  )
  const id = status?.state?.running ? status.containerID : undefined
  if (!id) throw new HttpError(404, `container not found ("${container}")`)
  return id.slice(id.indexOf('://') + 3)
}
