import { endpoints } from '../../api/core/v1/endpoints.ts'
import { services } from '../../api/core/v1/service.ts'
import { endpointSlices } from '../../api/discovery/v1/endpoint-slice.ts'
import type {
  DiscoveryV1EndpointPort,
  Endpoint,
  EndpointAddress,
  Endpoints,
  EndpointSlice,
} from '../../api/types.generated.ts'
import { formatIp, parseIp } from '../../machinery/ip.ts'
import { repackSubsets } from '../endpoints/repack-subsets.ts'
import {
  type AddressType,
  endpointKey,
  managedByLabel,
  portsKey,
  sameEndpoint,
  serviceNameLabel,
} from '../endpointslice/desired.ts'
import { serviceIndex } from '../endpointslice/reconcile.ts'
import { isNamespaceTerminating } from '../pods/pod-writes.ts'
import type { Observed, View } from '../runtime/observed.ts'
import { controllerReference } from '../runtime/ownership.ts'
import { type Plan, type Step, tell } from '../runtime/plan.ts'
import { semanticEqual } from '../../machinery/semantic-equal.ts'

export const mirrorManager = 'endpointslicemirroring-controller.k8s.io'
const maxEndpointsPerSubset = 1000

interface Group {
  readonly addressType: AddressType
  readonly ports: DiscoveryV1EndpointPort[]
  readonly endpoints: Map<string, Endpoint>
}

/** Mirrors Endpoints that users made into EndpointSlices (pkg/controller/endpointslicemirroring). */
export function reconcile({ object, key, view }: Observed<Endpoints>): Plan {
  const mirrored = mirroredSlices(view(endpointSlices), key)
  const service = view(services).get(key)
  if (!isMirrored(object) || service === undefined || service.spec.selector != null) {
    return { steps: mirrored.map(deletion) }
  }
  const { groups, notes } = desiredGroups(object)
  const create: EndpointSlice[] = []
  const update: EndpointSlice[] = []
  const gone = mirrored.filter((slice) => !groups.has(groupKey(slice.addressType as AddressType, slice.ports)))
  for (const [portKey, group] of groups) {
    const existing = mirrored.filter((slice) => groupKey(slice.addressType as AddressType, slice.ports) === portKey)
    const [first, ...others] = existing
    gone.push(...(group.endpoints.size === 0 ? existing : others))
    if (group.endpoints.size === 0 || (first !== undefined && isMirror(first, object, group))) continue
    if (first === undefined) create.push(newSlice(object, group))
    else update.push(withIdentity(newSlice(object, group), first))
  }
  for (let index = create.length - 1; index >= 0; index--) {
    const reused = gone.findIndex(({ addressType }) => addressType === create[index]!.addressType)
    if (reused < 0) continue
    update.push(withIdentity(create[index]!, gone[reused]!))
    create.splice(index, 1)
    gone.splice(reused, 1)
  }
  const steps: Step[] = [...notes]
  if (object.metadata.deletionTimestamp === undefined) {
    for (const slice of create)
      steps.push({ do: 'create', ref: endpointSlices, object: slice, ignore: isNamespaceTerminating })
  }
  steps.push(...update.map((slice): Step => ({ do: 'update', ref: endpointSlices, object: slice })))
  steps.push(...gone.map(deletion))
  return { steps }
}

export function mirroredSlices(slices: View<EndpointSlice>, key: string): EndpointSlice[] {
  return slices
    .byIndex(serviceIndex, key)
    .filter(({ metadata }) => metadata.labels?.[managedByLabel] === mirrorManager)
    .toSorted((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
}

export function deletion(slice: EndpointSlice): Step {
  return { do: 'delete', ref: endpointSlices, object: slice }
}

function isMirrored({ metadata }: Endpoints): boolean {
  return (
    metadata.labels?.['endpointslice.kubernetes.io/skip-mirror'] !== 'true' &&
    metadata.annotations?.['control-plane.alpha.kubernetes.io/leader'] === undefined
  )
}

function desiredGroups(object: Endpoints): { groups: Map<string, Group>; notes: Step[] } {
  const groups = new Map<string, Group>()
  let invalid = 0
  let skipped = 0
  for (const subset of repackSubsets(object.subsets ?? [])) {
    const ports = (subset.ports ?? []).map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({
      name,
      port,
      protocol,
      appProtocol,
    }))
    for (const addressType of ['IPv4', 'IPv6'] as const) {
      const key = groupKey(addressType, ports)
      if (!groups.has(key)) groups.set(key, { addressType, ports, endpoints: new Map() })
    }
    const all = [
      ...(subset.addresses ?? []).map((address) => ({ address, ready: true })),
      ...(subset.notReadyAddresses ?? []).map((address) => ({ address, ready: false })),
    ]
    let added = 0
    for (const { address, ready } of all) {
      if (added >= maxEndpointsPerSubset) break
      const mirror = mirrorOf(address, ready)
      if (mirror === undefined) invalid++
      else {
        groups.get(groupKey(mirror.addressType, ports))!.endpoints.set(endpointKey(mirror.endpoint), mirror.endpoint)
        added++
      }
    }
    skipped += all.length - added
  }
  const notes: Step[] = []
  if (invalid > 0) {
    const message = `Skipped ${invalid} invalid IP addresses when mirroring to EndpointSlices`
    notes.push(tell('Warning', 'InvalidIPAddress', message))
  }
  if (skipped > invalid) {
    const message = `A max of ${maxEndpointsPerSubset} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`
    notes.push(tell('Warning', 'TooManyAddressesToMirror', message))
  }
  return { groups, notes }
}

function mirrorOf(
  { ip, nodeName, hostname, targetRef }: EndpointAddress,
  ready: boolean,
): { addressType: AddressType; endpoint: Endpoint } | undefined {
  const address = parseIp(ip)
  if (address === undefined) return undefined
  const addressType = address.family === 4 ? 'IPv4' : 'IPv6'
  const endpoint: Endpoint = {
    addresses: [formatIp(address)],
    conditions: { ready },
    targetRef,
    nodeName,
    hostname: hostname || undefined,
  }
  return { addressType, endpoint }
}

function groupKey(addressType: AddressType, ports: readonly DiscoveryV1EndpointPort[] | undefined): string {
  return `${addressType}-${portsKey(ports)}`
}

function mirroredAnnotations({ metadata }: Endpoints): Record<string, string> {
  const {
    'endpoints.kubernetes.io/last-change-trigger-time': _,
    'kubectl.kubernetes.io/last-applied-configuration': __,
    ...annotations
  } = metadata.annotations ?? {}
  return annotations
}

function isMirror(slice: EndpointSlice, object: Endpoints, group: Group): boolean {
  const present = slice.endpoints ?? []
  const { [managedByLabel]: _, [serviceNameLabel]: __, ...labels } = slice.metadata.labels ?? {}
  const ofFormer = slice.metadata.ownerReferences?.some(
    ({ kind, name, uid }) => kind === 'Endpoints' && name === object.metadata.name && uid !== object.metadata.uid,
  )
  return (
    !ofFormer &&
    present.length === group.endpoints.size &&
    present.every((endpoint) => {
      const wanted = group.endpoints.get(endpointKey(endpoint))
      return wanted !== undefined && sameEndpoint(wanted, endpoint)
    }) &&
    semanticEqual(object.metadata.labels, labels) &&
    semanticEqual(mirroredAnnotations(object), slice.metadata.annotations)
  )
}

function newSlice(object: Endpoints, group: Group): EndpointSlice {
  const { name = '', namespace, labels } = object.metadata
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: name.length < 253 ? `${name}-` : name,
      namespace,
      labels: { ...labels, [serviceNameLabel]: name, [managedByLabel]: mirrorManager },
      annotations: mirroredAnnotations(object),
      ownerReferences: [controllerReference(object, endpoints)],
    },
    addressType: group.addressType,
    ports: group.ports,
    endpoints: [...group.endpoints.values()].slice(0, maxEndpointsPerSubset),
  }
}

function withIdentity(slice: EndpointSlice, old: EndpointSlice): EndpointSlice {
  const { labels, annotations, ownerReferences } = slice.metadata
  return { ...slice, metadata: { ...old.metadata, labels, annotations, ownerReferences } }
}
