import { pods } from '../../api/core/v1/pod.ts'
import type { Pod, PodCondition } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import { formatTime } from '../../machinery/clock.ts'

export interface StatusChange {
  readonly condition?: Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>
  /** '': none any more. */
  readonly nominatedNode?: string
}

/** The patch of a pod's status; undefined: it says so already (pkg/api/v1/pod UpdatePodCondition). */
export function statusPatch(pod: Pod, { condition, nominatedNode }: StatusChange, now: number): object | undefined {
  const status: Record<string, unknown> = {}
  if (nominatedNode !== undefined && nominatedNode !== (pod.status?.nominatedNodeName ?? '')) {
    status.nominatedNodeName = nominatedNode === '' ? null : nominatedNode
  }
  if (condition) {
    const old = pod.status?.conditions?.find(({ type }) => type === condition.type)
    const observedGeneration = pod.metadata.generation || undefined
    const same =
      old?.status === condition.status &&
      (old.reason ?? '') === condition.reason &&
      (old.message ?? '') === condition.message
    if (!same) {
      const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : formatTime(now)
      status.conditions = [{ ...condition, lastProbeTime: null, lastTransitionTime, observedGeneration }]
    }
  }
  return Object.keys(status).length === 0 ? undefined : { status }
}

export async function patchStatus(client: Client, pod: Pod, change: StatusChange, now: number): Promise<void> {
  const patch = statusPatch(pod, change, now)
  if (!patch) return
  const { namespace, name = '' } = pod.metadata
  await client.patch(pods, { namespace, name }, 'strategic', patch, { subresource: 'status' })
}
