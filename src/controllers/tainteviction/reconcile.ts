import { toleratesTaint } from '../../api/core/v1/toleration.ts'
import type { Pod, Taint } from '../../api/types.generated.ts'

/**
 * When a pod is to leave a node with these NoExecute taints, in epoch milliseconds: 0 at once, undefined never
 * (pkg/controller/tainteviction). Time counts from when the last of the taints was added.
 */
export function evictionTime(pod: Pod, taints: readonly Taint[], now: number): number | undefined {
  const noExecute = taints.filter(({ effect }) => effect === 'NoExecute')
  if (noExecute.length === 0) return undefined
  const tolerations = pod.spec.tolerations ?? []
  const used = noExecute.map((taint) => tolerations.filter((toleration) => toleratesTaint(toleration, taint)))
  if (used.some((found) => found.length === 0)) return 0
  const seconds = used
    .flat()
    .flatMap(({ tolerationSeconds }) => (tolerationSeconds === undefined ? [] : [tolerationSeconds]))
  if (seconds.length === 0) return undefined
  const least = Math.min(...seconds)
  if (least <= 0) return 0
  const added = Math.max(...noExecute.map(({ timeAdded }) => (timeAdded ? Date.parse(timeAdded) : now)))
  return added + least * 1000
}
