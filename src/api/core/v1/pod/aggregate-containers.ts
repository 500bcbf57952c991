import type { Container, PodSpec } from '../../../types.generated.ts'

/** How amounts of resources are reckoned with, be they exact quantities or numbers. Neither function changes its arguments. */
export interface Reckoning<Amounts> {
  readonly none: Amounts
  add(a: Amounts, b: Amounts): Amounts
  /** The larger of both, resource by resource. */
  most(a: Amounts, b: Amounts): Amounts
}

/** A sidecar: an init container that runs beside the containers that follow it. */
export function isRestartableInitContainer(container: { readonly restartPolicy?: string } | undefined): boolean {
  return container?.restartPolicy === 'Always'
}

/**
 * What the containers of a pod take together: the sum of containers and sidecars, or the most that initialization takes at
 * once, in which sidecars that started before count (component-helpers resource/helpers.go AggregateContainerRequests).
 */
export function aggregateContainers<Amounts>(
  spec: Pick<PodSpec, 'containers' | 'initContainers'> | undefined,
  of: (container: Container) => Amounts,
  { none, add, most }: Reckoning<Amounts>,
): Amounts {
  let total = none
  for (const container of spec?.containers ?? []) total = add(total, of(container))
  let sidecars = none
  let peak = none
  for (const container of spec?.initContainers ?? []) {
    const own = of(container)
    if (isRestartableInitContainer(container)) {
      total = add(total, own)
      sidecars = add(sidecars, own)
      peak = most(peak, sidecars)
    } else peak = most(peak, add(own, sidecars))
  }
  return most(total, peak)
}

/** What a pod as a whole may ask for (KEP-2837). */
export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')
}
