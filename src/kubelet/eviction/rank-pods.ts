import type { Pod } from '../../api/types.generated.ts'
import { declaredContainers } from '../pods/containers.ts'
import { amounts, podAmounts } from '../resources/pod-resources.ts'
import { bytesQuantity } from '../resources/quantity.ts'
import type { StarvedResource } from './pressure.ts'

/** Bytes in use, by container name. */
export type PodUsage = ReadonlyMap<string, number>

const sum = (usage: PodUsage) => [...usage.values()].reduce((total, bytes) => total + bytes, 0)

/** Who goes first: who uses more than it asked for, then the less important, then who uses most beyond its request. */
export function rankForEviction(
  pods: readonly Pod[],
  usage: (pod: Pod) => PodUsage,
  { resource }: StarvedResource,
): readonly Pod[] {
  const facts = new Map(
    pods.map((pod) => {
      const over = sum(usage(pod)) - (podAmounts(pod, 'requests')[resource] ?? 0)
      return [pod, { over, priority: pod.spec.priority ?? 0 }] as const
    }),
  )
  return [...pods].sort((a, b) => {
    const [left, right] = [facts.get(a)!, facts.get(b)!]
    return Number(right.over > 0) - Number(left.over > 0) || left.priority - right.priority || right.over - left.over
  })
}

/** What the evicted pod is told. */
export function evictionMessage(pod: Pod, usage: PodUsage, starved: StarvedResource): string {
  const { resource, threshold, available } = starved
  let message = `The node was low on resource: ${resource}. Threshold quantity: ${bytesQuantity(threshold)}, available: ${Math.floor(available / 1024)}Ki. `
  for (const { kind, container } of declaredContainers(pod)) {
    const used = usage.get(container.name)
    const request = amounts(container.resources?.requests)[resource] ?? 0
    if (kind === 'ephemeral' || used === undefined || used <= request) continue
    message += `Container ${container.name} was using ${bytesQuantity(used)}, request is ${container.resources?.requests?.[resource] ?? '0'}, has larger consumption of ${resource}. `
  }
  return message
}
