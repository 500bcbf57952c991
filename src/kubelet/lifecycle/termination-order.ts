import type { Pod } from '../../api/types.generated.ts'
import { initContainers, isSidecar } from '../pods/containers.ts'

/**
 * For each sidecar the names of containers that end before it: all others, then the sidecars that were declared after
 * it (upstream: kuberuntime_termination_order.go).
 */
export function endsAfter(pod: Pod): ReadonlyMap<string, readonly string[]> {
  const order = new Map<string, readonly string[]>()
  const regular = pod.spec.containers.map(({ name }) => name)
  let later: string[] = []
  for (const container of initContainers(pod).toReversed()) {
    if (!isSidecar(container)) continue
    order.set(container.name, [...regular, ...later])
    later = [container.name]
  }
  return order
}
