import { endpoints } from '../../api/core/v1/endpoints.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type {
  EndpointAddress,
  EndpointPort,
  Endpoints,
  EndpointSubset,
  Pod,
  Service,
} from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'
import { isIpv6Text } from '../../machinery/ip.ts'
import {
  belongsInEndpoints,
  hasOwnEndpoints,
  isHeadless,
  podAddresses,
  publishedHostname,
  selectedPods,
  targetPortOf,
} from '../endpoints/pod-endpoints.ts'
import { repackSubsets } from '../endpoints/repack-subsets.ts'
import { isPodReady, podCondition, timeOf } from '../pods/pod-state.ts'
import { isNamespaceTerminating } from '../pods/pod-writes.ts'
import type { Observed } from '../runtime/observed.ts'
import type { Note, Plan, Step } from '../runtime/plan.ts'
import { semanticEqual } from '../../machinery/semantic-equal.ts'

const maxCapacity = 1000
const overCapacity = 'endpoints.kubernetes.io/over-capacity'
const triggerTimeAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time'
export const managedByLabel = 'endpoints.kubernetes.io/managed-by'
export const endpointsManager = 'endpoint-controller'
const headlessLabel = 'service.kubernetes.io/headless'

/** Publishes the pods of a service as Endpoints, for those who still read them (pkg/controller/endpoint). */
export function reconcile({ object: service, key, view }: Observed<Service>): Plan {
  if (!hasOwnEndpoints(service)) return {}
  const { namespace, name } = service.metadata
  const selected = selectedPods(service, view(pods).byIndex('namespace', namespace ?? ''))
  const subsets = repackSubsets(selected.flatMap((pod) => subsetsOf(service, pod)))
  const current = view(endpoints).get(key)
  const labels = labelsOf(service)
  if (current !== undefined && isCurrent(current, subsets, labels)) return {}

  const { [triggerTimeAnnotation]: _, [overCapacity]: __, ...others } = current?.metadata.annotations ?? {}
  const annotations: Record<string, string> = { ...others }
  const triggered = triggerTime(service, selected, current)
  if (triggered !== undefined) annotations[triggerTimeAnnotation] = triggered
  const kept = truncate(subsets)
  if (kept !== subsets) annotations[overCapacity] = 'truncated'
  const metadata = { ...(current?.metadata ?? { name, namespace }), labels, annotations }
  const object: Endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata,
    subsets: kept.length > 0 ? kept : undefined,
  }
  return { steps: [current === undefined ? create(service, object) : update(object)] }
}

function create({ metadata }: Service, object: Endpoints): Step {
  const message = (error: Error) =>
    `Failed to create endpoint for service ${metadata.namespace}/${metadata.name}: ${error.message}`
  return {
    do: 'create',
    ref: endpoints,
    object,
    ignore: isNamespaceTerminating,
    failed: (error): Note | undefined =>
      isNamespaceTerminating(error)
        ? undefined
        : { type: 'Warning', reason: 'FailedToCreateEndpoint', message: message(error), about: object },
  }
}
function update(object: Endpoints): Step {
  const { namespace, name } = object.metadata
  const message = (error: Error) => `Failed to update endpoint ${namespace}/${name}: ${error.message}`
  return {
    do: 'update',
    ref: endpoints,
    object,
    failed: (error) => ({
      type: 'Warning',
      reason: 'FailedToUpdateEndpoint',
      message: message(error),
      about: object,
    }),
  }
}

function subsetsOf(service: Service, pod: Pod): EndpointSubset[] {
  const { publishNotReadyAddresses = false, ports = [] } = service.spec
  if (!belongsInEndpoints(pod, publishNotReadyAddresses)) return []
  const address = addressOf(service, pod)
  if (address === undefined) return []
  const ready = publishNotReadyAddresses || isPodReady(pod)
  const subset = (port?: EndpointPort): EndpointSubset => ({
    [ready ? 'addresses' : 'notReadyAddresses']: [address],
    ports: port === undefined ? [] : [port],
  })
  // Headless services need no ports.
  if (ports.length === 0) return service.spec.clusterIP === 'None' ? [subset()] : []
  return ports.flatMap((servicePort) => {
    const port = targetPortOf(pod, servicePort)
    if (port === undefined) return []
    const { name, protocol = 'TCP', appProtocol } = servicePort
    return [subset({ name: name || undefined, port, protocol, appProtocol })]
  })
}

function addressOf(service: Service, pod: Pod): EndpointAddress | undefined {
  const { ipFamilies, clusterIP } = service.spec
  const [first] = ipFamilies ?? []
  const decisive = clusterIP && clusterIP !== 'None' ? clusterIP : (pod.status?.podIP ?? '')
  const family = first || (isIpv6Text(decisive) ? 'IPv6' : 'IPv4')
  const [ip] = podAddresses(pod, family)
  if (ip === undefined) return undefined
  const { namespace, name, uid } = pod.metadata
  const hostname = publishedHostname(pod, service)
  return { ip, hostname, nodeName: pod.spec.nodeName ?? '', targetRef: { kind: 'Pod', namespace, name, uid } }
}

function labelsOf(service: Service): Record<string, string> {
  const { [headlessLabel]: _, ...labels } = service.metadata.labels ?? {}
  return {
    ...labels,
    ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
    [managedByLabel]: endpointsManager,
  }
}

function isCurrent(current: Endpoints, subsets: readonly EndpointSubset[], labels: Record<string, string>): boolean {
  const { [headlessLabel]: _, ...present } = current.metadata.labels ?? {}
  const { [headlessLabel]: __, ...wanted } = labels
  return (
    countOf(current.subsets ?? []) <= maxCapacity &&
    current.metadata.annotations?.[overCapacity] === undefined &&
    semanticEqual(present, wanted) &&
    semanticEqual(repackSubsets(current.subsets ?? []), subsets)
  )
}

function countOf(subsets: readonly EndpointSubset[]): number {
  return subsets.reduce(
    (count, { addresses = [], notReadyAddresses = [] }) => count + addresses.length + notReadyAddresses.length,
    0,
  )
}

/** At most a thousand addresses, ready ones first, each subset by its share (truncateEndpoints). */
function truncate(subsets: EndpointSubset[]): EndpointSubset[] {
  if (countOf(subsets) <= maxCapacity) return subsets
  const ready = subsets.reduce((count, { addresses = [] }) => count + addresses.length, 0)
  const notReady = countOf(subsets) - ready
  const cutsReady = ready > maxCapacity
  const room = cutsReady ? maxCapacity : maxCapacity - ready
  const total = cutsReady ? ready : notReady
  let left = room
  return subsets.map((subset) => {
    const list = (cutsReady ? subset.addresses : subset.notReadyAddresses) ?? []
    const kept = list.slice(0, Math.min(Math.ceil((list.length / total) * room), left))
    left -= kept.length
    return cutsReady
      ? { ...subset, addresses: kept, notReadyAddresses: undefined }
      : { ...subset, notReadyAddresses: kept }
  })
}

/** When the first of the pods turned ready or not that the change answers to; for measuring. */
function triggerTime(service: Service, selected: readonly Pod[], current: Endpoints | undefined): string | undefined {
  if (current === undefined) return service.metadata.creationTimestamp ?? undefined
  const state = new Map<string, boolean>()
  for (const { addresses = [], notReadyAddresses = [] } of current.subsets ?? []) {
    for (const { targetRef } of addresses) state.set(targetRef?.uid ?? '', true)
    for (const { targetRef } of notReadyAddresses) state.set(targetRef?.uid ?? '', false)
  }
  let first: number | undefined
  for (const pod of selected) {
    if (state.get(pod.metadata.uid ?? '') === isPodReady(pod)) continue
    const time = timeOf(podCondition(pod, 'Ready')?.lastTransitionTime)
    if (time !== undefined && (first === undefined || time < first)) first = time
  }
  return first === undefined ? undefined : formatTime(first)
}
