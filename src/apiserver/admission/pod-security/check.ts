import type { Container, EphemeralContainer, PodSpec } from '../../../api/types.generated.ts'
import type { ObjectMeta } from '../../../machinery/meta/object.ts'

/** What is forbidden, and which parts of the pod ask for it. */
export interface Violation {
  readonly reason: string
  readonly detail: string
}

export type PodCheck = (spec: PodSpec, metadata: ObjectMeta) => Violation | undefined

/** One rule of a level, in each of its revisions: from 1.`minor` on it is `check`, in rising order. */
export interface SecurityCheck {
  readonly id: string
  readonly level: 'baseline' | 'restricted'
  /** A baseline rule that this stricter one stands in for. */
  readonly overrides?: string
  readonly revisions: readonly (readonly [minor: number, check: PodCheck])[]
}

export type AnyContainer = Container | EphemeralContainer

/** In the order in which texts name them. */
export function containersOf(spec: PodSpec): readonly AnyContainer[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])]
}

/** Names of the containers that are bad. */
export function badContainers(spec: PodSpec, isBad: (container: AnyContainer) => boolean): string[] {
  return containersOf(spec)
    .filter(isBad)
    .map(({ name }) => name)
}

/** `container "a"`, `containers "a", "b"`. */
export function containersText(names: readonly string[]): string {
  return `${plural('container', 'containers', names.length)} ${quotedList(names)}`
}

/** `pod and containers "a", "b"`: who set something bad. */
export function settersText(pod: boolean, names: readonly string[]): string {
  return [...(pod ? ['pod'] : []), ...(names.length > 0 ? [containersText(names)] : [])].join(' and ')
}

export function quotedList(items: Iterable<string>): string {
  return [...items].map((item) => `"${item}"`).join(', ')
}

export function sorted(items: Iterable<string>): string[] {
  return [...new Set(items)].sort()
}

export function plural(one: string, many: string, count: number): string {
  return count === 1 ? one : many
}

/** Root in such a pod is nobody on the node (KEP-127), so what holds for root is relaxed. */
export function inUserNamespace(spec: PodSpec): boolean {
  return spec.hostUsers === false
}

export function isWindows(spec: PodSpec): boolean {
  return spec.os?.name === 'windows'
}
