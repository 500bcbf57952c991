import { endpointSlices } from '../../api/discovery/v1/endpoint-slice.ts'
import { nodes } from '../../api/core/v1/node.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { services } from '../../api/core/v1/service.ts'
import type { EndpointSlice, Pod, Service } from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'
import { jsonEqual } from '../../machinery/json.ts'
import { hasOwnEndpoints, selectedPods } from '../endpoints/pod-endpoints.ts'
import { podCondition, timeOf } from '../pods/pod-state.ts'
import { isNamespaceTerminating } from '../pods/pod-writes.ts'
import type { Observed } from '../runtime/observed.ts'
import { controllerReference } from '../runtime/ownership.ts'
import { type Plan, type Step, type Tell, tell } from '../runtime/plan.ts'
import { semanticEqual } from '../../machinery/semantic-equal.ts'
import {
  type AddressType,
  addressTypesOf,
  desiredGroups,
  managedByLabel,
  portsKey,
  sameEndpoint,
  sliceLabels,
  sliceManager,
} from './desired.ts'
import { distribute, type SliceChanges, type SliceDraft } from './distribute.ts'
import { keepsTrafficClose, withHints } from './hints.ts'
import { dealOut, dealsOutZones, type ZoneShares, zoneShares } from './zone-hints.ts'

/** Index of slices: `namespace/service`. */
export const serviceIndex = 'service'

const triggerTimeAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time'

/** Publishes the pods of a service as EndpointSlices (k8s.io/endpointslice/reconciler.go). */
export function reconcile(observed: Observed<Service>): Plan {
  const { object: service, key, view } = observed
  if (!hasOwnEndpoints(service)) return {}
  const selected = selectedPods(service, view(pods).byIndex('namespace', service.metadata.namespace ?? ''))
  const slices = view(endpointSlices)
    .byIndex(serviceIndex, key)
    .filter((slice) => slice.metadata.labels?.[managedByLabel] === sliceManager)
    .filter((slice) => slice.metadata.deletionTimestamp === undefined)
    .toSorted((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
  const types = addressTypesOf(service)
  const steps: Step[] = []
  for (const type of types) {
    const ofType = slices.filter((slice) => slice.addressType === type)
    const { changes, tells } = changesOf(observed, selected, ofType, type)
    steps.push(...tells, ...write(service, selected, ofType, changes))
  }
  const unsupported = slices.filter(({ addressType }) => !types.includes(addressType as AddressType))
  steps.push(...unsupported.map((slice) => deletion(service, slice)))
  return { steps }
}

function changesOf(
  { object: service, view }: Observed<Service>,
  selected: readonly Pod[],
  slices: readonly EndpointSlice[],
  addressType: AddressType,
): { readonly changes: SliceChanges; readonly tells: readonly Tell[] } {
  const changes: SliceChanges = { create: [], update: [], delete: [] }
  const own = slices.filter((slice) => isOwnedBy(slice, service))
  changes.delete.push(...slices.filter((slice) => !own.includes(slice)))
  const groups = desiredGroups(service, selected, (name) => view(nodes).get(name), addressType)
  for (const [portKey, group] of groups) {
    const existing = own.filter((slice) => portsKey(slice.ports) === portKey)
    const newSlice = () => emptySlice(service, addressType, group.ports)
    const some = distribute(service, existing, group, newSlice)
    changes.create.push(...some.create)
    changes.update.push(...some.update)
    changes.delete.push(...some.delete)
  }
  changes.delete.push(...own.filter((slice) => !groups.has(portsKey(slice.ports))))

  // A service without endpoints still has a slice, which says so.
  if (slices.length === changes.delete.length && changes.create.length === 0) {
    const placeholder = emptySlice(service, addressType, [])
    const [only] = changes.delete
    if (changes.delete.length === 1 && only !== undefined && isPlaceholder(only, placeholder)) changes.delete.pop()
    else changes.create.push(placeholder)
  }
  const tells = dealsOutZones(service)
    ? hintZones(slices, changes, addressType, zoneShares(view(nodes).list()))
    : hint(service, slices, changes, addressType)
  reuse(service, changes)
  return { changes, tells }
}

function untouched(slices: readonly EndpointSlice[], { update, delete: gone }: SliceChanges): readonly EndpointSlice[] {
  const touched = new Set([...update, ...gone].map(({ metadata }) => metadata.name))
  return slices.filter(({ metadata }) => !touched.has(metadata.name))
}

function hasHints({ endpoints }: Pick<EndpointSlice, 'endpoints'>): boolean {
  return endpoints?.some(({ hints }) => hints !== undefined) ?? false
}

function hintZones(
  slices: readonly EndpointSlice[],
  changes: SliceChanges,
  addressType: AddressType,
  shares: ZoneShares,
): readonly Tell[] {
  const others = untouched(slices, changes)
  const dealt = dealOut([...changes.create, ...changes.update], others, shares)
  if ('more' in dealt) {
    changes.update.push(...dealt.more)
    const message = `Topology Aware Hints has been enabled, addressType: ${addressType}`
    return slices.some(hasHints) ? [] : [tell('Normal', 'TopologyAwareHintsEnabled', message)]
  }
  removeHints(others, changes)
  return [tell('Warning', 'TopologyAwareHintsDisabled', `${dealt.problem}, addressType: ${addressType}`)]
}

function removeHints(others: readonly EndpointSlice[], changes: SliceChanges): void {
  for (const slice of others.filter(hasHints)) changes.update.push({ ...slice, endpoints: [...slice.endpoints!] })
  for (const { endpoints } of [...changes.create, ...changes.update]) {
    for (const [index, { hints: _, ...endpoint }] of endpoints.entries()) endpoints[index] = endpoint
  }
}

function hint(
  service: Service,
  slices: readonly EndpointSlice[],
  changes: SliceChanges,
  addressType: AddressType,
): readonly Tell[] {
  for (const slice of untouched(slices, changes)) {
    const endpoints = (slice.endpoints ?? []).map((endpoint) => withHints(service, endpoint))
    if (!jsonEqual(endpoints, slice.endpoints ?? [])) changes.update.push({ ...slice, endpoints })
  }
  for (const { endpoints } of [...changes.create, ...changes.update]) {
    for (const [index, endpoint] of endpoints.entries()) endpoints[index] = withHints(service, endpoint)
  }
  if (keepsTrafficClose(service) || !slices.some(hasHints)) return []
  const message = `Topology Aware Hints has been disabled, addressType: ${addressType}`
  return [tell('Warning', 'TopologyAwareHintsDisabled', message)]
}

/** Updates a slice that would be deleted rather than making another. */
function reuse(service: Service, changes: SliceChanges): void {
  for (let index = 0; index < changes.delete.length && changes.create.length > 0; ) {
    const old = changes.delete[index]!
    const draft = changes.create.at(-1)!
    if (old.addressType !== draft.addressType || !isOwnedBy(old, service)) {
      index++
      continue
    }
    changes.create.pop()
    changes.delete.splice(index, 1)
    changes.update.push({ ...draft, metadata: { ...old.metadata, labels: draft.metadata.labels } })
  }
}

function write(
  service: Service,
  selected: readonly Pod[],
  existing: readonly EndpointSlice[],
  changes: SliceChanges,
): Step[] {
  const before = new Map(existing.map((slice) => [slice.metadata.name, slice]))
  const triggered = triggerTime(service, selected, before, changes)
  const stamped = (draft: SliceDraft): EndpointSlice => {
    const { [triggerTimeAnnotation]: _, ...others } = draft.metadata.annotations ?? {}
    const annotations = triggered === undefined ? others : { ...others, [triggerTimeAnnotation]: triggered }
    return { ...draft, metadata: { ...draft.metadata, annotations } }
  }
  const steps: Step[] = []
  // Made while the service goes away, a slice would only give the garbage collector another one to delete.
  if (service.metadata.deletionTimestamp === undefined) {
    for (const draft of changes.create)
      steps.push({
        do: 'create',
        ref: endpointSlices,
        object: stamped(draft),
        ignore: isNamespaceTerminating,
        failed: failure(service, (error) => `failed to create EndpointSlice for Service ${nameOf(service)}: ${error}`),
      })
  }
  for (const draft of changes.update)
    steps.push({
      do: 'update',
      ref: endpointSlices,
      object: stamped(draft),
      failed: failure(
        service,
        (error) => `failed to update ${draft.metadata.name} EndpointSlice for Service ${nameOf(service)}: ${error}`,
      ),
    })
  return [...steps, ...changes.delete.map((slice) => deletion(service, slice))]
}

function deletion(service: Service, slice: EndpointSlice): Step {
  const describe = (error: string) =>
    `failed to delete ${slice.metadata.name} EndpointSlice for Service ${nameOf(service)}: ${error}`
  return { do: 'delete', ref: endpointSlices, object: slice, failed: failure(service, describe) }
}

function failure(service: Service, describe: (error: string) => string) {
  return (error: Error) =>
    isNamespaceTerminating(error)
      ? undefined
      : {
          type: 'Warning' as const,
          reason: 'FailedToUpdateEndpointSlices',
          message: `Error updating Endpoint Slices for Service ${nameOf(service)}: ${describe(error.message)}`,
        }
}

/** When that happened which the change answers to: the first of the changed pods turned ready or not; for measuring. */
function triggerTime(
  service: Service,
  selected: readonly Pod[],
  before: ReadonlyMap<string | undefined, EndpointSlice>,
  changes: SliceChanges,
): string | undefined {
  if (before.size === 0) return service.metadata.creationTimestamp ?? undefined
  const known = [...before.values()].flatMap(({ endpoints }) => endpoints ?? [])
  const changed = [...changes.create, ...changes.update]
    .flatMap(({ endpoints }) => endpoints)
    .filter((endpoint) => !known.some((other) => sameEndpoint(other, endpoint)))
  const names = new Set(changed.map(({ targetRef }) => targetRef?.name))
  let first: number | undefined
  for (const pod of selected) {
    if (!names.has(pod.metadata.name)) continue
    const time = timeOf(podCondition(pod, 'Ready')?.lastTransitionTime)
    if (time !== undefined && (first === undefined || time < first)) first = time
  }
  return first === undefined ? undefined : formatTime(first)
}

function emptySlice(service: Service, addressType: AddressType, ports: EndpointSlice['ports']): SliceDraft {
  const { name = '', namespace } = service.metadata
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: name.length < 253 ? `${name}-` : name,
      namespace,
      labels: sliceLabels(service),
      ownerReferences: [controllerReference(service, services)],
    },
    addressType,
    ports,
    endpoints: [],
  }
}

function isPlaceholder(slice: EndpointSlice, placeholder: SliceDraft): boolean {
  return (
    !slice.endpoints?.length &&
    !slice.ports?.length &&
    semanticEqual(slice.metadata.labels, placeholder.metadata.labels)
  )
}

function isOwnedBy(slice: EndpointSlice, service: Service): boolean {
  return (slice.metadata.ownerReferences ?? []).some(
    ({ uid, kind, apiVersion }) => uid === service.metadata.uid && kind === 'Service' && apiVersion === 'v1',
  )
}

function nameOf(service: Service): string {
  return `${service.metadata.namespace}/${service.metadata.name}`
}
