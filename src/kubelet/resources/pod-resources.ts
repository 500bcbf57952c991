import type { Container, Pod } from '../../api/types.generated.ts'
import { declaredContainers, initContainers, isSidecar } from '../pods/containers.ts'
import { millis, units } from './quantity.ts'

/** Amounts by resource name: millicores for cpu, whole units for everything else. */
export type Amounts = Readonly<Record<string, number>>
export type Section = 'requests' | 'limits'

const amountOf = (name: string, quantity: string) => (name === 'cpu' ? millis(quantity) : units(quantity))

export function amounts(list: Readonly<Record<string, string>> | undefined): Amounts {
  return Object.fromEntries(Object.entries(list ?? {}).map(([name, quantity]) => [name, amountOf(name, quantity)]))
}

function add(a: Amounts, b: Amounts): Amounts {
  const sum: Record<string, number> = { ...a }
  for (const [name, amount] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + amount
  return sum
}
function most(a: Amounts, b: Amounts): Amounts {
  const max: Record<string, number> = { ...a }
  for (const [name, amount] of Object.entries(b)) max[name] = Math.max(max[name] ?? 0, amount)
  return max
}

/**
 * What a pod asks for or may use in all (component-helpers resource/helpers.go): the sum of containers and sidecars, or
 * the most that the start of an init container needs; then the pod's own figures, then overhead.
 */
export function podAmounts(pod: Pod, section: Section, options: { readonly withoutOverhead?: boolean } = {}): Amounts {
  if (options.withoutOverhead) return sumAmounts(pod, section, true)
  const known = knownAmounts[section].get(pod) ?? sumAmounts(pod, section, false)
  knownAmounts[section].set(pod, known)
  return known
}

/** Every pod of a node is asked again whenever another comes. */
const knownAmounts = { requests: new WeakMap<Pod, Amounts>(), limits: new WeakMap<Pod, Amounts>() } as const

function sumAmounts(pod: Pod, section: Section, withoutOverhead: boolean): Amounts {
  const of = (container: Container) => amounts(container.resources?.[section])
  let total = pod.spec.containers.map(of).reduce(add, {})
  let started: Amounts = {}
  let peak: Amounts = {}
  for (const container of initContainers(pod)) {
    if (isSidecar(container)) {
      total = add(total, of(container))
      started = add(started, of(container))
      peak = most(peak, started)
    } else peak = most(peak, add(started, of(container)))
  }
  total = { ...most(total, peak), ...podLevel(pod, section) }
  if (withoutOverhead || pod.spec.overhead === undefined) return total
  const overhead = amounts(pod.spec.overhead)
  if (section === 'requests') return add(total, overhead)
  // A limit that is not there stays unlimited.
  return Object.fromEntries(
    Object.entries(total).map(([name, amount]) => [name, amount === 0 ? 0 : amount + (overhead[name] ?? 0)]),
  )
}

function podLevel(pod: Pod, section: Section): Amounts {
  const own = amounts(pod.spec.resources?.[section])
  return Object.fromEntries(
    Object.entries(own).filter(([name]) => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')),
  )
}

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

/** The pod's quality of service (pkg/apis/core/v1/helper/qos/qos.go). */
export function qosClass(pod: Pod): QosClass {
  if (pod.status?.qosClass !== undefined) return pod.status.qosClass
  const sets = podHasOwnResources(pod)
    ? [pod.spec.resources]
    : declaredContainers(pod)
        .filter(({ kind }) => kind !== 'ephemeral')
        .map(({ container }) => container.resources)
  const relevant = (list: Readonly<Record<string, string>> | undefined) =>
    Object.entries(amounts(list)).filter(([name, amount]) => (name === 'cpu' || name === 'memory') && amount > 0)
  const asked = sets.flatMap((set) => [...relevant(set?.requests), ...relevant(set?.limits)])
  if (asked.length === 0) return 'BestEffort'
  const guaranteed = sets.every((set) => {
    const limits = Object.fromEntries(relevant(set?.limits))
    const requests = Object.fromEntries(relevant(set?.requests))
    return ['cpu', 'memory'].every((name) => {
      const limit = limits[name] ?? 0
      return limit > 0 && (requests[name] ?? limit) === limit
    })
  })
  return guaranteed ? 'Guaranteed' : 'Burstable'
}

export function podHasOwnResources(pod: Pod): boolean {
  const own = { ...podLevel(pod, 'requests'), ...podLevel(pod, 'limits') }
  return Object.keys(own).length > 0
}

/** A container's limits, with the pod's own where it has none of its own. */
export function effectiveLimits(pod: Pod, container: Container): Amounts {
  const limits = amounts(container.resources?.limits)
  if (!podHasOwnResources(pod)) return limits
  const own = podLevel(pod, 'limits')
  return { ...own, ...Object.fromEntries(Object.entries(limits).filter(([, amount]) => amount > 0)) }
}
