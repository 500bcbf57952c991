import { quantityMilliValue, quantityValue } from '../../../machinery/quantity.ts'
import type { Container, ContainerStatus, Pod } from '../../types.generated.ts'
import { aggregateContainers, isPodLevelResource, type Reckoning } from './pod/aggregate-containers.ts'

/** Amounts by resource: `cpu` in thousandths of a core, all else in whole units (bytes, pieces). */
export type ResourceAmounts = ReadonlyMap<string, number>
type Amounts = Map<string, number>
type ResourceList = { readonly [resource: string]: string }

export interface PodRequestsOptions {
  /** Counts what the node has set aside while a resize is under way (in-place resize, KEP 1287). */
  readonly useStatus?: boolean
  /** What a container counts as asking for when it asks for none of a resource. */
  readonly nonMissing?: ResourceAmounts
  readonly excludeOverhead?: boolean
}

/**
 * What a pod asks of its node: containers and sidecars together, or the init container that asks for more; resources of
 * the pod as a whole come first; overhead is added (component-helpers resource/helpers.go PodRequests).
 */
export function podRequests(pod: Pod, options: PodRequestsOptions = {}): ResourceAmounts {
  const { spec, status } = pod
  const total = options.useStatus ? requestsWithStatus(pod, options) : containerRequests(pod, options, specRequests)
  const podLevel = spec?.resources?.requests
  if (podLevel && hasPodLevelRequests(pod)) {
    const inUse = options.useStatus && status?.resources ? [status.resources.requests, status.allocatedResources] : []
    const effective: Amounts = new Map()
    const lists = inUse.length > 0 && isResizeInfeasible(pod) ? inUse : [podLevel, ...inUse]
    for (const list of lists) takeMost(effective, amountsOf(list))
    for (const [name, amount] of effective) if (isPodLevelResource(name)) total.set(name, amount)
  }
  if (!options.excludeOverhead) add(total, amountsOf(spec?.overhead))
  return total
}

/** Whether the pod as a whole asks for something that a pod may ask for. */
export function hasPodLevelRequests(pod: Pod): boolean {
  return Object.keys(pod.spec?.resources?.requests ?? {}).some(isPodLevelResource)
}

/** A ResourceList of the API as numbers. */
export function amountsOf(list: ResourceList | undefined): ResourceAmounts {
  const amounts: Amounts = new Map()
  if (list) for (const name of Object.keys(list)) amounts.set(name, resourceAmount(name, list[name]!))
  return amounts
}

const parsed = new Map<string, number>()

/** One quantity of a resource as a number. */
export function resourceAmount(name: string, quantity: string): number {
  const key = name === 'cpu' ? `m${quantity}` : quantity
  let amount = parsed.get(key)
  if (amount === undefined) {
    amount = name === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity)
    // The same few quantities come again and again.
    if (parsed.size > 10_000) parsed.clear()
    parsed.set(key, amount)
  }
  return amount
}

export function isResizeInfeasible(pod: Pod): boolean {
  return pod.status?.conditions?.find(({ type }) => type === 'PodResizePending')?.reason === 'Infeasible'
}

const reckoning: Reckoning<Amounts> = {
  none: new Map(),
  add(a, b) {
    const sum = new Map(a)
    add(sum, b)
    return sum
  },
  most(a, b) {
    const larger = new Map(a)
    takeMost(larger, b)
    return larger
  },
}

type RequestsOf = (
  container: Container,
  status: ContainerStatus | undefined,
  infeasible: boolean,
) => ResourceList | undefined

const specRequests: RequestsOf = (container) => container.resources?.requests
const allocatedRequests: RequestsOf = (container, status, infeasible) =>
  status?.allocatedResources ?? (infeasible ? undefined : container.resources?.requests)
const actuatedRequests: RequestsOf = (container, status, infeasible) =>
  status?.resources?.requests ?? allocatedRequests(container, status, infeasible)

function requestsWithStatus(pod: Pod, options: PodRequestsOptions): Amounts {
  const { status } = pod
  const total: Amounts = new Map()
  if (!isResizeInfeasible(pod)) takeMost(total, containerRequests(pod, options, specRequests))
  // Until the node has said anything there is nothing but the spec.
  if (!status?.containerStatuses && !status?.resources) {
    return total.size > 0 ? total : containerRequests(pod, options, actuatedRequests)
  }
  if (status.allocatedResources && status.resources?.requests) {
    takeMost(total, amountsOf(status.allocatedResources))
    takeMost(total, amountsOf(status.resources.requests))
  } else {
    takeMost(total, containerRequests(pod, options, allocatedRequests))
    takeMost(total, containerRequests(pod, options, actuatedRequests))
  }
  return total
}

function containerRequests(pod: Pod, options: PodRequestsOptions, requestsOf: RequestsOf): Amounts {
  const infeasible = options.useStatus === true && isResizeInfeasible(pod)
  const requests = (container: Container): Amounts => {
    const status = options.useStatus ? statusOf(pod, container.name) : undefined
    const amounts = amountsOf(requestsOf(container, status, infeasible)) as Amounts
    for (const [name, amount] of options.nonMissing ?? []) if (!amounts.has(name)) amounts.set(name, amount)
    return amounts
  }
  return aggregateContainers(pod.spec, requests, reckoning)
}

function statusOf(pod: Pod, name: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {}
  return (
    containerStatuses.find((status) => status.name === name) ??
    initContainerStatuses.find((status) => status.name === name)
  )
}

function add(total: Amounts, more: ResourceAmounts): void {
  for (const [name, amount] of more) total.set(name, (total.get(name) ?? 0) + amount)
}

function takeMost(total: Amounts, other: ResourceAmounts): void {
  for (const [name, amount] of other) {
    const present = total.get(name)
    if (present === undefined || amount > present) total.set(name, amount)
  }
}
