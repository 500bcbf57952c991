import {
  hasPodLevelResources,
  ofPodLevel,
  podLimits,
  podQosClass,
  podRequests,
  type QosClass,
} from '../../api/core/v1/pod/pod-resources.ts'
import type { Container, Pod, PodSpec } from '../../api/types.generated.ts'
import { millis, units } from './quantity.ts'

/** Amounts by resource name: millicores for cpu, whole units for everything else. */
export type Amounts = Readonly<Record<string, number>>
export type Section = 'requests' | 'limits'

export type { QosClass }

const amountOf = (name: string, quantity: string) => (name === 'cpu' ? millis(quantity) : units(quantity))

export function amounts(list: Readonly<Record<string, string>> | undefined): Amounts {
  return Object.fromEntries(Object.entries(list ?? {}).map(([name, quantity]) => [name, amountOf(name, quantity)]))
}

/** What a pod asks for or may use in all. */
export function podAmounts(pod: Pod, section: Section, options: { readonly withoutOverhead?: boolean } = {}): Amounts {
  if (options.withoutOverhead) return sumAmounts({ ...pod.spec, overhead: undefined }, section)
  const known = knownAmounts[section].get(pod) ?? sumAmounts(pod.spec, section)
  knownAmounts[section].set(pod, known)
  return known
}

/** Every pod of a node is asked again whenever another comes. */
const knownAmounts = { requests: new WeakMap<Pod, Amounts>(), limits: new WeakMap<Pod, Amounts>() } as const

function sumAmounts(spec: PodSpec, section: Section): Amounts {
  return amounts(section === 'requests' ? podRequests(spec) : podLimits(spec))
}

/** The pod's quality of service: that which it was admitted with. */
export function qosClass(pod: Pod): QosClass {
  return (pod.status?.qosClass as QosClass | undefined) ?? podQosClass(pod.spec)
}

export function podHasOwnResources(pod: Pod): boolean {
  return hasPodLevelResources(pod.spec)
}

/** A container's limits, with the pod's own where it has none of its own. */
export function effectiveLimits(pod: Pod, container: Container): Amounts {
  const limits = amounts(container.resources?.limits)
  if (!podHasOwnResources(pod)) return limits
  const own = amounts(ofPodLevel(pod.spec.resources?.limits))
  return { ...own, ...Object.fromEntries(Object.entries(limits).filter(([, amount]) => amount > 0)) }
}
