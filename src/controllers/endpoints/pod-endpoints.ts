import type { Pod, Service, ServicePort } from '../../api/types.generated.ts'
import { formatIp, parseIp } from '../../machinery/ip.ts'
import { jsonEqual } from '../../machinery/json.ts'
import { selectorOfLabels } from '../../machinery/labels/selector.ts'
import { keyOf } from '../../client/informer.ts'
import { isPodReady, isPodTerminal } from '../pods/pod-state.ts'

/** What EndpointSlices and Endpoints have in common (k8s.io/endpointslice/util/controller_utils.go, utils.go). */

/** The pod has an address and has not finished. Those that are being deleted count only on demand. */
export function belongsInEndpoints(pod: Pod, includeTerminating: boolean): boolean {
  if (isPodTerminal(pod)) return false
  if (!pod.status?.podIP && !pod.status?.podIPs?.length) return false
  return includeTerminating || pod.metadata.deletionTimestamp === undefined
}

/** Headless services publish the names of pods that say they are in their subdomain. */
export function publishedHostname(pod: Pod, service: Service): string | undefined {
  const { hostname, subdomain } = pod.spec
  if (!hostname || subdomain !== service.metadata.name) return undefined
  return service.metadata.namespace === pod.metadata.namespace ? hostname : undefined
}

/** The container port that a service's port leads to; undefined when the pod has none of that name. */
export function targetPortOf(pod: Pod, { targetPort, protocol = 'TCP' }: ServicePort): number | undefined {
  if (typeof targetPort === 'number') return targetPort
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  for (const { ports = [] } of [...pod.spec.containers, ...sidecars]) {
    const found = ports.find((port) => port.name === targetPort && (port.protocol ?? 'TCP') === protocol)
    if (found !== undefined) return found.containerPort
  }
  return undefined
}

/** The pod's addresses of one family, in canonical form. */
export function podAddresses(pod: Pod, family: 'IPv4' | 'IPv6'): string[] {
  const found: string[] = []
  for (const { ip } of pod.status?.podIPs ?? []) {
    const address = parseIp(ip)
    if (address !== undefined && address.family === (family === 'IPv4' ? 4 : 6)) found.push(formatIp(address))
  }
  return found
}

/** Services without a selector, and those that are only a name, get their endpoints from others. */
export function hasOwnEndpoints(service: Service): boolean {
  return service.spec.type !== 'ExternalName' && service.spec.selector != null
}

export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === 'None' || !spec.clusterIP
}

/** The pods that a service selects, out of those of its namespace. */
export function selectedPods(service: Service, pods: readonly Pod[]): Pod[] {
  const selector = selectorOfLabels(service.spec.selector)
  return pods.filter((pod) => selector.matches(pod.metadata.labels))
}

/** The services to look at again when a pod came, changed or went. `services`: those of its namespace. */
export function servicesOfPodChange(
  change: { readonly object: Pod; readonly old?: Pod },
  services: readonly Service[],
): string[] {
  const { object: pod, old } = change
  const matching = (labels: Pod['metadata']['labels']) =>
    services.filter(({ spec }) => spec.selector != null && selectorOfLabels(spec.selector).matches(labels)).map(keyOf)
  if (old === undefined) return matching(pod.metadata.labels)
  const podChanged =
    old.metadata.deletionTimestamp !== pod.metadata.deletionTimestamp ||
    isPodReady(old) !== isPodReady(pod) ||
    isPodTerminal(old) !== isPodTerminal(pod) ||
    !jsonEqual(old.status?.podIPs ?? [], pod.status?.podIPs ?? [])
  const labelsChanged =
    !jsonEqual(old.metadata.labels ?? {}, pod.metadata.labels ?? {}) ||
    old.spec.hostname !== pod.spec.hostname ||
    old.spec.subdomain !== pod.spec.subdomain
  if (!podChanged && !labelsChanged) return []
  const now = matching(pod.metadata.labels)
  return labelsChanged ? [...new Set([...now, ...matching(old.metadata.labels)])] : now
}
